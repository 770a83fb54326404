#include "projections/commands/clock_acceptance.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "core/base/limits.hpp"
#include "core/ledger/signing_key_decider.hpp"
#include "core/token/token_decider.hpp"
#include "core/workspace/workspace_decider.hpp"
#include "events/ledger/transaction.hpp"
#include "events/log/log_time.hpp"
#include "projections/rows/descent.hpp"
#include "projections/rows/load.hpp"
#include "projections/rows/row_codec.hpp"
#include "projections/rows/signing_key_row.hpp"

namespace tally::projections {

using core::CommandContext;
using core::Event;
using core::NewEvent;
using core::Result;
using core::Sequence;
using events::Family;

namespace {

/// Rows that are dropped in one step.
constexpr std::size_t kRowsPerStep = 1'000;
/// Every row that ends begins with when.
constexpr std::size_t kExpiryBytes = 8;

/// Rows that end some time after they began: which families, and after what time at the most.
struct Lived {
  Family family;
  core::Duration life;
};
constexpr std::array kLived{
    Lived{Family::session, core::limits::kSessionLifetime},
    Lived{Family::session_by_user, core::limits::kSessionLifetime},
    Lived{Family::idempotency, core::limits::kIdempotencyLifetime},
    Lived{Family::retry, std::chrono::seconds{core::limits::kRefreshRetrySecondsMax}},
};
static_assert(std::ranges::all_of(events::kFamilies, [](const events::FamilyFacts& facts) {
  return (facts.kind == events::FamilyKind::ephemeral) ==
         std::ranges::any_of(kLived, [&](const Lived& lived) { return lived.family == facts.family; });
}));

bool makes_token(const Event& event) {
  return std::holds_alternative<core::TokenGenerated>(event.payload) ||
         std::holds_alternative<core::LegacyTokenImported>(event.payload);
}

/// One acceptance: from its ClockAccepted to its ClockAcceptanceCompleted.
class Acceptance {
 public:
  Acceptance(events::Store& store, events::Transaction& transaction, const std::function<CommandContext()>& contexts,
             const AcceptanceBounds& bounds)
      : store_(store), transaction_(transaction), contexts_(contexts), bounds_(bounds) {}

  Result<void> begin(Sequence first_ahead) {
    TALLY_TRY(transaction_.correct_time(contexts_(), first_ahead));
    return transaction_.commit();
  }

  /// Of the ledger's last ClockAccepted, wherever an earlier call has come to.
  Result<AcceptedClock> finish() {
    TALLY_TRY_ASSIGN(accepted_at_, last_accepted());
    TALLY_TRY(stop_what_was_made());
    TALLY_TRY(take_keys_back());
    for (const Lived& lived : kLived) TALLY_TRY(drop_rows(lived));
    TALLY_TRY_ASSIGN(done_.tokens_disabled, count_disabled());
    NewEvent completed{std::nullopt, {}, 0, core::ClockAcceptanceCompleted{done_.tokens_disabled}};
    TALLY_TRY(transaction_.append(contexts_(), std::move(completed)));
    TALLY_TRY(transaction_.commit());
    return done_;
  }

 private:
  Result<Sequence> last_accepted() {
    TALLY_CHECK(transaction_.head().correction.has_value());
    const Sequence accepted = transaction_.head().correction->accepted;
    TALLY_TRY_ASSIGN(const auto event, events::read_event(store_, accepted));
    const auto* payload = event ? std::get_if<core::ClockAccepted>(&event->payload) : nullptr;
    if (payload == nullptr) return core::fail(core::Errc::corrupt, "the ledger's head names a correction that is none");
    first_ahead_ = payload->first_ahead;
    return accepted;
  }

  Result<void> stop_what_was_made() {
    events::LogCursor log{store_, first_ahead_};
    std::size_t looked_at = 0;
    for (std::uint64_t sequence = first_ahead_.value; sequence < accepted_at_.value; ++sequence) {
      TALLY_TRY_ASSIGN(const auto event, log.next());
      if (!event) return core::fail(core::Errc::corrupt, "the log ends before its correction");
      TALLY_TRY(take_back(*event));
      const bool is_full =
          ++looked_at % bounds_.log_events == 0 || transaction_.pending_bytes() >= bounds_.pending_bytes;
      if (is_full) TALLY_TRY(transaction_.commit());
    }
    return transaction_.commit();
  }

  Result<void> take_back(const Event& event) {
    if (!event.workspace) return {};
    std::vector<NewEvent> events;
    const CommandContext context = contexts_();
    if (makes_token(event)) {
      TALLY_TRY_ASSIGN(const auto token, load_token(transaction_, *event.workspace, core::TokenId{event.subject.id}));
      if (!token) return corrupt_row("token");
      if (auto stop = core::stop_of_ahead(*token, context.at)) events.push_back(*std::move(stop));
      TALLY_TRY(add_descendants(transaction_, context.at, events));
    } else if (std::holds_alternative<core::CutOffMoved>(event.payload)) {
      TALLY_TRY_ASSIGN(const auto workspace, load_workspace(transaction_, *event.workspace));
      if (!workspace) return corrupt_row("workspace");
      if (auto back = core::cut_off_taken_back(*workspace, transaction_.time_of(context)))
        events.push_back(*std::move(back));
    }
    TALLY_TRY(transaction_.append(context, std::move(events)));
    return {};
  }

  Result<void> take_keys_back() {
    const CommandContext context = contexts_();
    TALLY_TRY_ASSIGN(const auto keys, load_signing_keys(transaction_));
    auto events = core::keys_taken_back(keys, first_ahead_, accepted_at_, context.at);
    if (events.empty()) return {};
    done_.keys_retired = events.size();
    TALLY_TRY(transaction_.append(context, std::move(events)));
    return transaction_.commit();
  }

  Result<void> drop_rows(const Lived& lived) {
    const core::Timestamp now = contexts_().at;
    std::vector<std::string> ahead;
    const auto cursor = store_.scan(lived.family, {});
    for (; cursor->valid(); cursor->next()) {
      RowReader row{cursor->value().substr(0, kExpiryBytes)};
      const core::Timestamp expires_at = row.time();
      if (!row.complete()) return corrupt_row(events::name_of(lived.family));
      if (core::lies_ahead(expires_at - lived.life, now)) ahead.emplace_back(cursor->key());
      if (ahead.size() == kRowsPerStep) TALLY_TRY(drop(lived.family, ahead));
    }
    TALLY_TRY(cursor->status());
    return drop(lived.family, ahead);
  }

  Result<void> drop(Family family, std::vector<std::string>& keys) {
    for (const std::string& key : keys) transaction_.erase(family, key);
    done_.rows_dropped += keys.size();
    keys.clear();
    return transaction_.commit();
  }

  /// Nothing else can have stopped one since: a server takes no command before this is complete.
  Result<std::uint64_t> count_disabled() {
    std::uint64_t count = 0;
    events::LogCursor log{store_, accepted_at_};
    for (;;) {
      TALLY_TRY_ASSIGN(const auto event, log.next());
      if (!event) return count;
      count += std::holds_alternative<core::TokenDisabled>(event->payload) ? 1 : 0;
    }
  }

  events::Store& store_;
  events::Transaction& transaction_;
  const std::function<CommandContext()>& contexts_;
  const AcceptanceBounds bounds_;
  Sequence first_ahead_;
  Sequence accepted_at_;
  AcceptedClock done_;
};

}  // namespace

Result<AheadEvents> find_ahead(const events::Reader& reader, const events::LedgerHead& head, core::Timestamp now) {
  if (!core::lies_ahead(head.last_recorded_at, now)) return AheadEvents{{head.tree.size()}, 0};
  TALLY_TRY_ASSIGN(const std::uint64_t first, events::events_until(reader, head, now));
  return AheadEvents{{first}, head.tree.size() - first};
}

Result<std::optional<AcceptedClock>> accept_clock(events::Store& store, const events::LedgerHead& head,
                                                  events::ProjectionList projections,
                                                  const std::function<CommandContext()>& contexts,
                                                  AcceptanceBounds bounds) {
  events::Transaction transaction{store, head, projections};
  Acceptance acceptance{store, transaction, contexts, bounds};
  std::optional<AcceptedClock> done;
  if (head.correction && !head.correction->is_completed) {
    TALLY_TRY_ASSIGN(done, acceptance.finish());
  }
  TALLY_TRY_ASSIGN(const AheadEvents ahead, find_ahead(store, transaction.head(), contexts().at));
  if (ahead.count == 0) return done;
  TALLY_TRY(acceptance.begin(ahead.first));
  Acceptance next{store, transaction, contexts, bounds};
  TALLY_TRY_ASSIGN(AcceptedClock second, next.finish());
  if (done) {
    second.tokens_disabled += done->tokens_disabled;
    second.keys_retired += done->keys_retired;
    second.rows_dropped += done->rows_dropped;
  }
  return std::optional{second};
}

}  // namespace tally::projections
