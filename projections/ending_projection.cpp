#include "projections/ending_projection.hpp"

#include <algorithm>
#include <array>

#include "projections/descent.hpp"
#include "projections/rows/ending_row.hpp"
#include "projections/rows/keys.hpp"
#include "projections/rows/load.hpp"
#include "projections/rows/row_codec.hpp"

namespace tally::projections {

using core::Ending;
using core::Event;
using core::Result;
using core::UserId;
using core::WorkspaceId;
using events::Family;

namespace {

constexpr std::array kFamilies{Family::ending};

Ending::Part* part_of(Ending& ending, WorkspaceId workspace) {
  const auto found = std::ranges::find(ending.parts, workspace, &Ending::Part::workspace);
  return found == ending.parts.end() ? nullptr : &*found;
}

}  // namespace

std::span<const Family> EndingProjection::families() const { return kFamilies; }

Result<void> EndingProjection::apply(const Event& event, events::Rows& rows) {
  TALLY_TRY(note_descendants(event, rows));
  if (const auto* disabled = std::get_if<core::TokenDisabled>(&event.payload)) {
    if (disabled->cause != core::DisableCause::offboarding) return {};
    return count(event, &Ending::Part::tokens_disabled, rows);
  }
  if (const auto* revoked = std::get_if<core::AccessRevoked>(&event.payload)) {
    return revoked->access_token.is_nil() ? count(event, &Ending::Part::access_revoked, rows) : Result<void>{};
  }
  if (const auto* removed = std::get_if<core::MemberRemoved>(&event.payload)) {
    if (!removed->has_more_tokens) return {};
    return begin(removed->user, {event.workspace.value_or(WorkspaceId{}), removed->access, event.sequence}, rows);
  }
  if (const auto* deactivated = std::get_if<core::UserDeactivated>(&event.payload)) {
    if (!deactivated->has_more_tokens) return {};
    return begin(UserId{event.subject.id}, {{}, deactivated->access, event.sequence}, rows);
  }
  if (std::holds_alternative<core::OffboardingCompleted>(event.payload)) return complete(event, rows);
  return {};
}

Result<void> EndingProjection::begin(UserId user, const Ending::Part& begun, events::Rows& rows) {
  TALLY_TRY_ASSIGN(auto ending, load_ending(rows, user));
  if (!ending) ending.emplace();
  if (Ending::Part* part = part_of(*ending, begun.workspace)) {
    part->access = begun.access;
    part->since = begun.since;
  } else {
    ending->parts.push_back(begun);
  }
  put(user, *ending, rows);
  return {};
}

Result<void> EndingProjection::count(const Event& event, std::uint64_t Ending::Part::* counter, events::Rows& rows) {
  const WorkspaceId workspace = event.workspace.value_or(WorkspaceId{});
  // The token's owner never changes, so that a rebuild may find the row as it is today.
  TALLY_TRY_ASSIGN(const auto token, load_token(rows, workspace, core::TokenId{event.subject.id}));
  if (!token) return corrupt_row("token");
  TALLY_TRY_ASSIGN(auto ending, load_ending(rows, token->owner));
  if (!ending) return {};
  Ending::Part* part = part_of(*ending, workspace);
  if (part == nullptr) part = part_of(*ending, {});
  if (part == nullptr) return {};
  ++(part->*counter);
  put(token->owner, *ending, rows);
  return {};
}

Result<void> EndingProjection::complete(const Event& event, events::Rows& rows) {
  const UserId user{event.subject.id};
  const WorkspaceId workspace = event.workspace.value_or(WorkspaceId{});
  TALLY_TRY_ASSIGN(auto ending, load_ending(rows, user));
  if (!ending || std::erase_if(ending->parts, [&](const auto& part) { return part.workspace == workspace; }) == 0) {
    return core::fail(core::Errc::corrupt,
                      "event " + std::to_string(event.sequence.value) + " completes what was never begun");
  }
  put(user, *ending, rows);
  return {};
}

void EndingProjection::put(UserId user, const Ending& ending, events::Rows& rows) {
  if (ending.parts.empty()) return rows.erase(Family::ending, key_of(user));
  encode_ending(ending, row_);
  rows.put(Family::ending, key_of(user), row_);
}

}  // namespace tally::projections
