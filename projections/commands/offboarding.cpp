#include "projections/commands/offboarding.hpp"

#include <algorithm>
#include <utility>

#include "core/base/check.hpp"
#include "core/token/token_decider.hpp"
#include "projections/rows/keys.hpp"
#include "projections/rows/load.hpp"
#include "projections/rows/row_codec.hpp"
#include "projections/rows/token_row.hpp"

namespace tally::projections {

using core::Result;
using core::TokenId;
using core::WorkspaceId;
using events::Family;

namespace {

class Walk {
 public:
  Walk(const events::Reader& reader, const Departure& departure, core::StopBounds bounds, core::Timestamp now,
       std::vector<core::NewEvent>& out)
      : reader_(reader), departure_(departure), rows_left_(bounds.rows), events_left_(bounds.events), out_(out) {
    sum_.at = now;
  }

  /// The person's tokens in one workspace, after that one. Where the bounds end the walk, sum() says it.
  Result<void> through(WorkspaceId workspace, TokenId after);
  [[nodiscard]] bool is_interrupted() const { return sum_.next.has_value(); }
  [[nodiscard]] const core::Offboarded& sum() const { return sum_; }

 private:
  /// False if an event is due, and one too many.
  bool add_event_of(const core::TokenState& token);
  /// Takes one row of the bounds. False: none is left, and sum().next says where to go on.
  bool take_row(WorkspaceId workspace, TokenId after);

  const events::Reader& reader_;
  const Departure& departure_;
  std::size_t rows_left_;
  std::size_t events_left_;
  std::vector<core::NewEvent>& out_;
  core::Offboarded sum_;
};

bool Walk::add_event_of(const core::TokenState& token) {
  auto event = core::offboarding_event(token, sum_.at, departure_.access);
  if (event && events_left_ == 0) return false;
  sum_.access_expires_at = std::max(sum_.access_expires_at, token.access_expires_at);
  if (!event) return true;
  ++(std::holds_alternative<core::TokenDisabled>(event->payload) ? sum_.tokens_disabled : sum_.access_revoked);
  out_.push_back(*std::move(event));
  --events_left_;
  return true;
}

bool Walk::take_row(WorkspaceId workspace, TokenId after) {
  if (rows_left_ == 0) {
    sum_.next = core::OffboardingPosition{{}, workspace, after};
    return false;
  }
  --rows_left_;
  return true;
}

Result<void> Walk::through(WorkspaceId workspace, TokenId after) {
  if (!take_row(workspace, after)) return {};
  events::ScanRange range = events::prefix_range(key_of(workspace, departure_.user));
  if (!after.is_nil()) range.from = key_of(workspace, departure_.user, after).str() + '\0';
  const auto cursor = reader_.scan(Family::token_by_owner, range);
  for (; cursor->valid(); cursor->next()) {
    if (cursor->key().size() != 48) return corrupt_row("token_by_owner");
    if (!take_row(workspace, after)) return {};
    const TokenId id{uuid_at(cursor->key(), 32)};
    TALLY_TRY_ASSIGN(const OwnedToken owned, decode_owned_token(cursor->value()));
    // Past its end nothing of it lives.
    if (owned.expires_at > sum_.at) {
      TALLY_TRY_ASSIGN(const auto token, load_token(reader_, workspace, id));
      if (!token) return corrupt_row("token_by_owner");
      if (!add_event_of(*token)) {
        sum_.next = core::OffboardingPosition{{}, workspace, after};
        return {};
      }
    }
    after = id;
  }
  return cursor->status();
}

}  // namespace

Result<core::Offboarded> add_offboarding_events(const events::Reader& reader, const Departure& departure,
                                                core::OffboardingPosition position, core::Timestamp now,
                                                core::StopBounds bounds, std::vector<core::NewEvent>& out) {
  TALLY_CHECK(bounds.events > 0 && bounds.rows > 1, "a step must come further");
  Walk walk{reader, departure, bounds, now, out};
  if (!departure.workspace.is_nil()) {
    TALLY_TRY(walk.through(departure.workspace, position.after));
    return walk.sum();
  }
  events::ScanRange range = events::prefix_range(key_of(departure.user));
  range.from = key_of(departure.user, position.workspace).str();
  const auto cursor = reader.scan(Family::member_by_user, range);
  for (; cursor->valid() && !walk.is_interrupted(); cursor->next()) {
    if (cursor->key().size() != 32) return corrupt_row("member_by_user");
    const WorkspaceId workspace{uuid_at(cursor->key(), 16)};
    TALLY_TRY(walk.through(workspace, workspace == position.workspace ? position.after : TokenId{}));
  }
  TALLY_TRY(cursor->status());
  return walk.sum();
}

}  // namespace tally::projections
