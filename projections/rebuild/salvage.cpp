#include "projections/rebuild/salvage.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "events/log/codec.hpp"
#include "events/log/keys.hpp"
#include "events/log/log.hpp"
#include "events/log/meta_rows.hpp"
#include "events/log/storage_marks.hpp"
#include "projections/fold/projections.hpp"

namespace tally::projections {
namespace {

using core::Errc;
using core::Result;
using events::Family;

constexpr std::size_t kBatchBytes = 4 << 20;

bool has(const events::Salvage& from, Family family) {
  return std::find(from.families.begin(), from.families.end(), family) != from.families.end();
}

/// Empty: it is not there, or it can not be read.
std::optional<events::LedgerHead> find_head(const events::Salvage& from) {
  if (!has(from, Family::meta)) return std::nullopt;
  const auto row = from.reader->get(Family::meta, events::kHeadRow);
  if (row.has_error() || !*row) return std::nullopt;
  auto head = events::decode_head(**row);
  if (head.has_error()) return std::nullopt;
  return std::move(*head);
}

/// The log of a ledger on its way into another one.
class LogCopy {
 public:
  explicit LogCopy(events::Store& into) : into_(into), batch_(into.new_batch()) {
    // A ledger without tiles, whose rows no projection has made yet: bring_up_to_date() makes them.
    const events::MetaRow row = events::storage_mark(events::kStorageVersionOfTiles - 1);
    batch_->put(Family::meta, row.name, row.value);
  }

  /// Errors: corrupt, unknown_event, no_space, outcome_unknown.
  Result<void> add(core::ByteView bytes) {
    TALLY_TRY_ASSIGN(const core::Event event, events::decode_event(bytes));
    const core::Sequence sequence{head_.tree.size()};
    if (event.sequence.value != sequence.value) {
      return core::fail(Errc::corrupt, "event " + std::to_string(sequence.value) + " says that it is " +
                                           std::to_string(event.sequence.value));
    }
    batch_->put(Family::log, events::key_of(sequence), core::as_text(bytes));
    head_.tree.append(events::leaf_hash(bytes));
    head_.note(event);
    if (event.workspace) put_size(*event.workspace, event.workspace_sequence + 1);
    return batch_->bytes() < kBatchBytes ? Result<void>{} : commit(events::Durability::buffered);
  }

  Result<void> commit(events::Durability durability) {
    if (head_.tree.size() > 0) batch_->put(Family::meta, events::kHeadRow, events::encode_head(head_));
    return into_.commit(*batch_, durability);
  }

  [[nodiscard]] const events::LedgerHead& head() const { return head_; }

 private:
  void put_size(core::WorkspaceId workspace, std::uint64_t size) {
    std::string key{events::kWorkspaceSizePrefix};
    events::append_uuid(key, workspace.uuid());
    std::string value;
    events::append_be64(value, size);
    batch_->put(Family::meta, key, value);
  }

  events::Store& into_;
  std::unique_ptr<events::Batch> batch_;
  events::LedgerHead head_;
};

/// Errors: corrupt.
Result<void> check_head(const events::LedgerHead& copied, const events::LedgerHead& wanted) {
  if (copied.tree.size() < wanted.tree.size()) {
    return core::fail(Errc::corrupt, "event " + std::to_string(copied.tree.size()) +
                                         " is missing from the log, whose head says that there are " +
                                         std::to_string(wanted.tree.size()));
  }
  if (copied.tree.size() > wanted.tree.size() || copied.tree.root() != wanted.tree.root()) {
    return core::fail(Errc::corrupt, "the log is not the one that the ledger's head commits to");
  }
  return {};
}

Result<std::uint64_t> copy_log(const events::Salvage& from, const std::optional<events::LedgerHead>& head,
                               events::Store& into, const std::function<void(const RebuildProgress&)>& on_progress) {
  constexpr std::uint64_t kEventsPerReport = 4'096;
  events::LogCursor log{*from.reader, core::Sequence{0}};
  LogCopy copy{into};
  for (;;) {
    TALLY_TRY_ASSIGN(const auto bytes, log.next_bytes());
    if (!bytes) break;
    TALLY_TRY(copy.add(*bytes));
    const std::uint64_t done = copy.head().tree.size();
    if (on_progress && head && done % kEventsPerReport == 0) on_progress({done, head->tree.size()});
  }
  if (head) TALLY_TRY(check_head(copy.head(), *head));
  TALLY_TRY(copy.commit(events::Durability::synced));
  return copy.head().tree.size();
}

/// False: not all could be read. Errors: no_space, outcome_unknown (of `into`).
Result<bool> copy_family(const events::Reader& from, Family family, events::Store& into) {
  const auto batch = into.new_batch();
  events::ScanRange everything;
  everything.purpose = events::ScanRange::Purpose::replay;
  const auto cursor = from.scan(family, everything);
  for (; cursor->valid(); cursor->next()) {
    batch->put(family, cursor->key(), cursor->value());
    if (batch->bytes() >= kBatchBytes) TALLY_TRY(into.commit(*batch, events::Durability::buffered));
  }
  TALLY_TRY(into.commit(*batch, events::Durability::synced));
  return cursor->status().has_value();
}

}  // namespace

Result<SalvageReport> salvage(const events::Salvage& from, events::Store& into,
                              const std::function<void(const RebuildProgress&)>& on_progress) {
  SalvageReport report;
  const auto head = find_head(from);
  report.head_was_found = head.has_value();
  TALLY_TRY_ASSIGN(report.events, copy_log(from, head, into, on_progress));
  for (const Family family : events::all_families()) {
    if (!events::is_beside_log(family)) continue;
    bool is_whole = false;
    if (has(from, family)) {
      TALLY_TRY_ASSIGN(is_whole, copy_family(*from.reader, family, into));
    }
    if (!is_whole) report.lost.push_back(events::name_of(family));
  }
  const InlineProjections projections;
  TALLY_TRY(bring_up_to_date(into, projections.all(), on_progress));
  return report;
}

}  // namespace tally::projections
