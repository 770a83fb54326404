#include "events/ledger/transaction.hpp"

#include <algorithm>
#include <utility>

#include "core/base/check.hpp"
#include "events/log/keys.hpp"
#include "events/log/meta_rows.hpp"

namespace tally::events {
namespace {

constexpr std::size_t kWorkspaceSizesKept = 1 << 16;

/// Event ids of one command differ in the low bits of their random part by their sequences.
core::EventId event_id(core::Timestamp at, core::UuidEntropy entropy, core::Sequence sequence) {
  std::uint64_t number = sequence.value;
  for (std::size_t index = entropy.size(); index-- > entropy.size() - 7; number >>= 8) {
    entropy[index] = static_cast<std::uint8_t>(entropy[index] ^ (number & 0xff));
  }
  return core::EventId{core::make_uuid_v7(at, entropy)};
}

std::string workspace_size_key(core::WorkspaceId workspace) {
  std::string key{kWorkspaceSizePrefix};
  append_uuid(key, workspace.uuid());
  return key;
}

/// Tells the transaction of a failure that only shows in the status of a scan.
class WatchedCursor final : public Cursor {
 public:
  WatchedCursor(std::unique_ptr<Cursor> cursor, std::optional<core::Error>& failure)
      : cursor_(std::move(cursor)), failure_(failure) {}
  [[nodiscard]] bool valid() const override { return cursor_->valid(); }
  [[nodiscard]] std::string_view key() const override { return cursor_->key(); }
  [[nodiscard]] std::string_view value() const override { return cursor_->value(); }
  void next() override { cursor_->next(); }
  [[nodiscard]] core::Result<void> status() const override {
    auto status = cursor_->status();
    if (status.has_error() && !failure_) failure_ = status.error();
    return status;
  }

 private:
  std::unique_ptr<Cursor> cursor_;
  std::optional<core::Error>& failure_;
};

}  // namespace

Transaction::Transaction(Store& store, LedgerHead head, std::span<Projection* const> projections)
    : store_(store),
      head_(std::move(head)),
      committed_head_(head_),
      projections_(projections),
      batch_(store.new_batch()) {}

Transaction::~Transaction() = default;

void Transaction::begin() {
  TALLY_CHECK(!failure_);
  batch_->mark();
  mark_ = {leaves_.size(), head_.last_recorded_at, head_.correction, last_sequence_};
  written_ = {};
  numbered_.clear();
}

core::Error Transaction::take_back() {
  TALLY_CHECK(failure_.has_value());
  batch_->undo();
  leaves_.resize(mark_.leaves);
  // Rarely: so nothing has to be copied when a work begins.
  head_ = committed_head_;
  for (const core::Digest& leaf : leaves_) head_.tree.append(leaf);
  head_.last_recorded_at = mark_.last_recorded_at;
  head_.correction = mark_.correction;
  last_sequence_ = mark_.last_sequence;
  for (const core::Uuid& workspace : numbered_) --workspace_sizes_.at(workspace).events;
  numbered_.clear();
  return *std::exchange(failure_, std::nullopt);
}

core::Result<std::optional<std::string>> Transaction::get(Family family, std::string_view key) const {
  auto row = batch_->get(family, key);
  if (row.has_error()) return remember(row.error());
  return row;
}

std::unique_ptr<Cursor> Transaction::scan(Family family, const ScanRange& range) const {
  return std::make_unique<WatchedCursor>(batch_->scan(family, range), failure_);
}

core::Timestamp Transaction::time_of(const core::CommandContext& context) const {
  return std::max(context.at, head_.last_recorded_at);
}

core::Result<std::vector<core::Event>> Transaction::append(const core::CommandContext& context,
                                                           std::vector<core::NewEvent> events) {
  if (failure_) return *failure_;
  const core::Timestamp at = time_of(context);
  std::vector<core::Event> placed;
  placed.reserve(events.size());
  for (core::NewEvent& event : events) {
    TALLY_TRY_ASSIGN(auto appended, append_at(at, context, std::move(event)));
    placed.push_back(std::move(appended));
  }
  return placed;
}

core::Result<core::Event> Transaction::append(const core::CommandContext& context, core::NewEvent event) {
  if (failure_) return *failure_;
  return append_at(time_of(context), context, std::move(event));
}

core::Result<void> Transaction::correct_time(const core::CommandContext& context, core::Sequence first_ahead) {
  if (failure_) return *failure_;
  core::ClockAccepted accepted{first_ahead, head_.last_recorded_at};
  if (head_.correction) accepted.previous = head_.correction->accepted;
  TALLY_TRY(append_at(context.at, context, {std::nullopt, {core::SubjectKind::ledger, {}}, 0, accepted}));
  return {};
}

core::Result<core::Event> Transaction::append_at(core::Timestamp at, const core::CommandContext& context,
                                                 core::NewEvent event) {
  // What is written is the writer's own: nothing takes back a promise that is broken here.
  const core::BrokenPromisePolicy policy{core::OnBrokenPromise::abort};
  auto event_in_place = placed(at, context, std::move(event));
  if (event_in_place.has_error()) return remember(event_in_place.error());
  if (auto stored = store(*event_in_place); stored.has_error()) return remember(stored.error());
  return event_in_place;
}

core::Result<core::Event> Transaction::placed(core::Timestamp at, const core::CommandContext& context,
                                              core::NewEvent event) {
  core::Event placed;
  placed.sequence = next_sequence();
  placed.id = event_id(at, context.entropy, placed.sequence);
  placed.recorded_at = at;
  if (context.at < at) placed.read_at = context.at;
  placed.workspace = event.workspace;
  if (event.workspace) {
    TALLY_TRY_ASSIGN(placed.workspace_sequence, take_workspace_sequence(*event.workspace));
  }
  placed.subject = event.subject;
  placed.subject_version = event.subject_version;
  placed.actor = context.actor;
  placed.via = context.via;
  placed.credential = context.credential;
  placed.origin = context.origin;
  placed.payload = std::move(event.payload);
  return placed;
}

core::Result<void> Transaction::store(const core::Event& event) {
  TALLY_TRY_ASSIGN(const auto bytes, encoder_.encode(event));
  batch_->put(Family::log, key_of(event.sequence), core::as_text(bytes));
  leaves_.push_back(leaf_hash(bytes));
  head_.tree.append(leaves_.back());
  head_.note(event);
  last_sequence_ = event.sequence;
  TALLY_CHECK(head_.tree.size() == event.sequence.value + 1);
  (core::is_stop(core::type_of(event.payload)) ? written_.stop : written_.other_event) = true;
  for (Projection* projection : projections_) TALLY_TRY(projection->apply(event, *batch_));
  return {};
}

core::Result<std::uint64_t> Transaction::take_workspace_sequence(core::WorkspaceId workspace) {
  auto found = workspace_sizes_.find(workspace.uuid());
  if (found == workspace_sizes_.end()) {
    TALLY_TRY_ASSIGN(const auto row, batch_->get(Family::meta, workspace_size_key(workspace)));
    WorkspaceSize size;
    if (row) {
      const auto events = read_be64(*row);
      if (!events || row->size() != 8) return core::fail(core::Errc::corrupt, "a workspace's size has a wrong length");
      size.events = *events;
    }
    found = workspace_sizes_.emplace(workspace.uuid(), size).first;
  }
  found->second.is_dirty = true;
  numbered_.push_back(workspace.uuid());
  return found->second.events++;
}

void Transaction::put(Family family, std::string_view key, std::string_view value) {
  TALLY_CHECK(is_beside_log(family), std::string{name_of(family)});
  written_.row = true;
  batch_->put(family, key, value);
}

void Transaction::erase(Family family, std::string_view key) {
  TALLY_CHECK(is_beside_log(family), std::string{name_of(family)});
  batch_->erase(family, key);
}

void Transaction::end() {
  const bool is_stop = !written_.other_event && (written_.stop || !written_.row);
  if (failure_ || is_stop || store_.room() == Room::ample) return;
  fail(core::fail(core::Errc::no_space, "the disk of the ledger is nearly full: only stops are taken"));
}

std::optional<core::Sequence> Transaction::last_sequence() const { return last_sequence_; }

core::Result<void> Transaction::commit() {
  if (failure_) return *failure_;
  if (batch_->empty()) return {};
  if (head_.tree.size() != committed_head_.tree.size()) {
    put_workspace_sizes();
    batch_->put(Family::meta, kHeadRow, encode_head(head_));
  }
  if (auto committed = store_.commit(*batch_, Durability::synced); committed.has_error()) {
    if (committed.error().code != core::Errc::no_space) return remember(committed.error());
    roll_back();
    return committed;
  }
  leaves_.clear();
  committed_head_ = head_;
  committed_last_sequence_ = last_sequence_;
  if (workspace_sizes_.size() > kWorkspaceSizesKept) workspace_sizes_.clear();
  return {};
}

void Transaction::put_workspace_sizes() {
  std::string value;
  for (auto& [workspace, size] : workspace_sizes_) {
    if (!size.is_dirty) continue;
    size.is_dirty = false;
    if (size.events == 0) continue;  // its first event was taken back
    value.clear();
    append_be64(value, size.events);
    batch_->put(Family::meta, workspace_size_key(core::WorkspaceId{workspace}), value);
  }
}

void Transaction::roll_back() {
  TALLY_CHECK(batch_->empty());
  leaves_.clear();
  head_ = committed_head_;
  last_sequence_ = committed_last_sequence_;
  workspace_sizes_.clear();
}

core::Error Transaction::remember(core::Error error) const {
  if (!failure_) failure_ = std::move(error);
  return *failure_;
}

}  // namespace tally::events
