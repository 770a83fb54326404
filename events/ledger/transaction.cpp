#include "events/ledger/transaction.hpp"

#include <algorithm>
#include <utility>

#include "core/base/check.hpp"
#include "events/log/keys.hpp"
#include "events/log/meta_rows.hpp"

namespace tally::events {
namespace {

/// Event ids of one command differ in the low bits of their random part by their sequences.
core::EventId event_id(core::Timestamp at, core::UuidEntropy entropy, core::Sequence sequence) {
  std::uint64_t number = sequence.value;
  for (std::size_t index = entropy.size(); index-- > entropy.size() - 7; number >>= 8) {
    entropy[index] = static_cast<std::uint8_t>(entropy[index] ^ (number & 0xff));
  }
  return core::EventId{core::make_uuid_v7(at, entropy)};
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
      batch_(store.new_batch()),
      trees_(store, head_.tree.size()) {}

Transaction::~Transaction() = default;

void Transaction::begin() {
  TALLY_CHECK(!failure_);
  batch_->mark();
  trees_.mark();
  mark_ = {head_.last_recorded_at, head_.correction, head_.forks, last_sequence_};
  written_ = {};
}

core::Error Transaction::take_back() {
  TALLY_CHECK(failure_.has_value());
  batch_->undo();
  // Rarely: so nothing has to be copied when a work begins.
  head_ = committed_head_;
  trees_.take_back(head_.tree);
  head_.last_recorded_at = mark_.last_recorded_at;
  head_.correction = mark_.correction;
  head_.forks = mark_.forks;
  last_sequence_ = mark_.last_sequence;
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
    TALLY_TRY_ASSIGN(placed.workspace_sequence, trees_.size_of(event.workspace->uuid()));
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
  const core::Uuid workspace = event.workspace ? event.workspace->uuid() : core::Uuid{};
  TALLY_TRY(trees_.append(head_.tree, workspace, leaf_hash(bytes), *batch_));
  head_.note(event);
  last_sequence_ = event.sequence;
  TALLY_CHECK(head_.tree.size() == event.sequence.value + 1);
  (core::is_stop(core::type_of(event.payload)) ? written_.stop : written_.other_event) = true;
  for (Projection* projection : projections_) TALLY_TRY(projection->apply(event, *batch_));
  return {};
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
    trees_.put_workspaces(*batch_);
    batch_->put(Family::meta, kHeadRow, encode_head(head_));
  }
  if (auto committed = store_.commit(*batch_, Durability::synced); committed.has_error()) {
    if (committed.error().code != core::Errc::no_space) return remember(committed.error());
    roll_back();
    return committed;
  }
  trees_.committed();
  committed_head_ = head_;
  committed_last_sequence_ = last_sequence_;
  return {};
}

void Transaction::roll_back() {
  TALLY_CHECK(batch_->empty());
  trees_.roll_back();
  head_ = committed_head_;
  last_sequence_ = committed_last_sequence_;
}

core::Error Transaction::remember(core::Error error) const {
  if (!failure_) failure_ = std::move(error);
  return *failure_;
}

}  // namespace tally::events
