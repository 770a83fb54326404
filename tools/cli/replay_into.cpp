#include "tools/cli/replay_into.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <utility>

#include "http/server/json_writer.hpp"
#include "projections/rebuild/salvage.hpp"
#include "tools/base/private_file.hpp"
#include "tools/cli/data_folder.hpp"
#include "tools/cli/replay_progress.hpp"
#include "tools/cli/signed_state.hpp"
#include "tools/cli/table.hpp"
#include "tools/folder/ledger_folder.hpp"

namespace tally::tools {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kKeyFileBytesMax = 64 << 10;
constexpr std::size_t kCheckpointFileBytesMax = 64 << 10;

struct Made {
  projections::SalvageReport report;
  std::optional<std::uint64_t> signed_events;
  double seconds = 0;
};

std::string without_slashes(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

bool is_within(const fs::path& inner, const fs::path& outer) {
  std::error_code error;
  for (fs::path at = fs::canonical(inner, error); !error; at = at.parent_path()) {
    if (fs::equivalent(at, outer, error)) return true;
    if (at == at.root_path()) break;
  }
  return false;
}

/// A folder beside its place, which goes again unless it was put there.
class FolderInTheMaking {
 public:
  explicit FolderInTheMaking(const std::string& place) : place_(without_slashes(place)), path_(place_ + ".partial") {}
  FolderInTheMaking(const FolderInTheMaking&) = delete;
  FolderInTheMaking& operator=(const FolderInTheMaking&) = delete;
  ~FolderInTheMaking() {
    std::error_code error;
    if (is_mine_) fs::remove_all(path_, error);
  }

  /// `source` is where it comes from.
  Attempt<void> make(const std::string& source) {
    std::error_code error;
    if (fs::exists(fs::symlink_status(place_, error))) return Failure{Exit::refused, place_ + " is there already"};
    if (fs::exists(fs::symlink_status(path_, error))) {
      return Failure{Exit::refused, path_ + " is there already: of a run that was cut short? Then remove it"};
    }
    if (is_within(fs::absolute(place_, error).parent_path(), source)) {
      return Failure{Exit::refused, place_ + " would be within " + source + ", which stays as it is"};
    }
    if (const auto made = make_private_folder(path_); made.has_error()) return failure_of(made.error());
    is_mine_ = true;
    return {};
  }

  Attempt<void> put_in_place() {
    if (const auto put = move_private_folder(path_, place_); put.has_error()) return failure_of(put.error());
    is_mine_ = false;
    return {};
  }

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  const std::string place_;
  const std::string path_;
  bool is_mine_ = false;
};

core::Result<void> copy_file(const std::string& from, const std::string& to, std::size_t bytes_max) {
  TALLY_TRY_ASSIGN(const auto content, read_private_file(from, bytes_max));
  return content ? write_private_file(to, content->reveal()) : core::Result<void>{};
}

/// What a server needs beside the ledger. Errors: io_failed, too_large, no_space.
core::Result<void> copy_keys_and_checkpoint(const std::string& from, const std::string& to) {
  TALLY_TRY(copy_file(from + "/checkpoint", to + "/checkpoint", kCheckpointFileBytesMax));
  TALLY_TRY(make_private_folder(to + "/keys"));
  std::error_code error;
  for (const auto& entry : fs::directory_iterator{from + "/keys", error}) {
    if (!entry.is_regular_file(error)) continue;
    const std::string name = entry.path().filename().string();
    TALLY_TRY(copy_file(from + "/keys/" + name, to + "/keys/" + name, kKeyFileBytesMax));
  }
  return {};
}

/// The ledger is closed when this returns.
Attempt<Made> make_ledger(Context& context, const FolderChoice& choice, const std::string& folder) {
  auto from = open_ledger_salvage(choice);
  if (from.has_error()) return failure_of(from.error());
  events::RocksOptions options;
  auto into = open_ledger_folder({folder}, LedgerUse::upgrade, std::move(options));
  if (into.has_error()) return failure_of(into.error());
  Made made;
  auto report = [&] {
    ReplayProgress progress{context};
    auto salvaged = projections::salvage(*from, **into, std::ref(progress));
    made.seconds = progress.seconds();
    return salvaged;
  }();
  if (report.has_error()) return failure_of(report.error());
  made.report = std::move(*report);
  TALLY_TRY_ASSIGN(made.signed_events, check_signed_state(**into, choice.data_dir));
  return made;
}

std::string json_of(const Made& made, const std::string& folder) {
  std::string text;
  http::JsonWriter json{text};
  json.begin_object().member("events", made.report.events).member("into", folder);
  json.member("milliseconds", static_cast<std::int64_t>(made.seconds * 1'000));
  if (made.signed_events) json.member("signed_events", *made.signed_events);
  json.member("head_was_found", made.report.head_was_found).key("lost").begin_array();
  for (const std::string_view family : made.report.lost) json.value(family);
  json.end_array().end_object();
  return text + "\n";
}

std::string text_of(const Made& made, const std::string& folder) {
  std::string text = "Replayed " + std::to_string(made.report.events) + " events into " + printable(folder) + " in " +
                     std::to_string(static_cast<int>(made.seconds * 1'000)) + " ms.\n";
  if (made.signed_events) {
    text += "The first " + std::to_string(*made.signed_events) + " are those that the checkpoint names.\n";
  }
  if (!made.report.head_was_found) {
    text += "The ledger's head could not be read: only the checkpoint says how long the log was.\n";
  }
  if (!made.report.lost.empty()) {
    text += "These are in no event and could not be read, or not all of them:";
    for (const std::string_view family : made.report.lost) text.append(" ").append(family);
    text +=
        "\n(session: people sign in again; retry: a refresh whose answer was lost counts as reuse; idempotency: a "
        "repeated request is done again; usage: when tokens were last used)\n";
  }
  return text + "It is a whole data folder: start tallyd with --data-dir " + printable(folder) +
         ", and keep the old one until that has worked.\n";
}

}  // namespace

Attempt<void> replay_into_folder(Context& context, const FolderChoice& from, const std::string& folder) {
  const std::string& data_dir = from.data_dir;
  TALLY_TRY(check_ledger_is_there(data_dir));
  TALLY_TRY(check_owner(data_dir));
  FolderInTheMaking making{folder};
  TALLY_TRY(making.make(data_dir));
  TALLY_TRY_ASSIGN(const Made made, make_ledger(context, from, making.path()));
  if (const auto copied = copy_keys_and_checkpoint(data_dir, making.path()); copied.has_error()) {
    return failure_of(copied.error());
  }
  TALLY_TRY(making.put_in_place());
  context.print(context.json() ? json_of(made, folder) : text_of(made, folder));
  return {};
}

}  // namespace tally::tools
