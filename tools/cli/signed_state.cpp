#include "tools/cli/signed_state.hpp"

#include <filesystem>

#include "core/base/limits.hpp"
#include "core/ledger/checkpoint.hpp"
#include "events/log/log.hpp"
#include "tools/base/private_file.hpp"
#include "tools/tallyd/signed_ledger.hpp"

namespace tally::tools {
namespace {

using core::Errc;
using core::Result;
using core::TreeHead;

/// What the folder's checkpoint says, whoever signed it; empty: there is none.
Result<std::optional<TreeHead>> read_checkpoint(const std::string& path) {
  TALLY_TRY_ASSIGN(const auto note, read_private_file(path, core::limits::kCheckpointBytesMax));
  if (!note) return std::optional<TreeHead>{};
  const auto read = core::parse_checkpoint(note->reveal());
  if (read.has_error()) return core::fail(Errc::corrupt, read.error().detail);
  return std::optional{read->checkpoint.tree};
}

Result<void> check_log(const events::Store& store, const TreeHead& head, const std::optional<TreeHead>& checkpoint) {
  if (checkpoint) TALLY_TRY(core::check_continues(*checkpoint, head));
  events::CompactRange tree;
  const auto agrees = [&](const TreeHead& with) { return tree.size() != with.size || tree.root() == with.root; };
  const auto check = [&]() -> Result<void> {
    if (checkpoint && !agrees(*checkpoint)) {
      return core::fail(Errc::corrupt,
                        "the log's first " + std::to_string(tree.size()) + " events are not those that were signed");
    }
    if (!agrees(head)) return core::fail(Errc::corrupt, "the log is not the one that the ledger's head commits to");
    return {};
  };
  TALLY_TRY(check());
  events::LogCursor log{store, core::Sequence{0}};
  for (;;) {
    TALLY_TRY_ASSIGN(const auto bytes, log.next_bytes());
    if (!bytes) return {};
    tree.append(events::leaf_hash(*bytes));
    TALLY_TRY(check());
  }
}

}  // namespace

Attempt<void> check_checkpoint_is_there(const events::Reader& ledger, const std::string& data_dir) {
  const std::string checkpoint = data_dir + "/checkpoint";
  const std::string key = data_dir + "/keys/ledger.key";
  std::error_code error;
  if (std::filesystem::exists(checkpoint, error) || !std::filesystem::exists(key, error)) return {};
  const auto allowed = check_unsigned(checkpoint, key, ledger);
  return allowed.has_error() ? Attempt<void>{failure_of(allowed.error())} : Attempt<void>{};
}

Attempt<std::optional<std::uint64_t>> check_signed_state(const events::Store& store, const std::string& data_dir) {
  const std::string path = data_dir + "/checkpoint";
  const auto head = events::load_head(store);
  if (head.has_error()) return failure_of(head.error());
  const auto checkpoint = read_checkpoint(path);
  if (checkpoint.has_error())
    return failure_of(core::fail(checkpoint.error().code, path + ": " + checkpoint.error().detail));
  TALLY_TRY(check_checkpoint_is_there(store, data_dir));
  const auto checked = check_log(store, {head->tree.size(), head->tree.root()}, *checkpoint);
  if (checked.has_error()) {
    const std::string about = *checkpoint ? path + ": " : "";
    return failure_of(core::fail(checked.error().code, about + checked.error().detail));
  }
  return *checkpoint ? std::optional{(*checkpoint)->size} : std::nullopt;
}

}  // namespace tally::tools
