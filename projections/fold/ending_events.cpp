#include "projections/fold/ending_events.hpp"

#include <algorithm>

#include "projections/rows/ending_row.hpp"
#include "projections/rows/keys.hpp"
#include "projections/rows/load.hpp"

namespace tally::projections {

using core::Ending;
using core::Event;
using core::Result;
using core::UserId;
using core::WorkspaceId;
using events::Family;
using events::Rows;

namespace {

core::Error misfit(const Event& event) {
  return core::fail(core::Errc::corrupt,
                    "event " + std::to_string(event.sequence.value) + " does not fit what is ending");
}

Ending::Part* part_of(Ending& ending, WorkspaceId workspace) {
  const auto found = std::ranges::find(ending.parts, workspace, &Ending::Part::workspace);
  return found == ending.parts.end() ? nullptr : &*found;
}

void put_ending(UserId user, const Ending& ending, Rows& rows, std::string& buffer) {
  if (ending.parts.empty()) return rows.erase(Family::ending, key_of(user));
  encode_ending(ending, buffer);
  rows.put(Family::ending, key_of(user), buffer);
}

Result<void> begin(UserId user, const Ending::Part& begun, Rows& rows, std::string& buffer) {
  TALLY_TRY_ASSIGN(auto ending, load_ending(rows, user));
  if (!ending) ending.emplace();
  if (Ending::Part* part = part_of(*ending, begun.workspace)) {
    part->access = begun.access;
    part->since = begun.since;
  } else {
    ending->parts.push_back(begun);
  }
  put_ending(user, *ending, rows, buffer);
  return {};
}

Result<void> complete(const Event& event, Rows& rows, std::string& buffer) {
  const UserId user{event.subject.id};
  const WorkspaceId workspace = event.workspace.value_or(WorkspaceId{});
  TALLY_TRY_ASSIGN(auto ending, load_ending(rows, user));
  if (!ending || std::erase_if(ending->parts, [&](const auto& part) { return part.workspace == workspace; }) == 0) {
    return misfit(event);
  }
  put_ending(user, *ending, rows, buffer);
  return {};
}

/// Which of the numbers of a part the event raises; null: none.
std::uint64_t Ending::Part::* counter_of(const core::EventPayload& payload) {
  if (const auto* disabled = std::get_if<core::TokenDisabled>(&payload)) {
    return disabled->cause == core::DisableCause::offboarding ? &Ending::Part::tokens_disabled : nullptr;
  }
  const auto* revoked = std::get_if<core::AccessRevoked>(&payload);
  return revoked != nullptr && revoked->access_token.is_nil() ? &Ending::Part::access_revoked : nullptr;
}

}  // namespace

Result<void> enter_ending(const Event& event, Rows& rows, std::string& buffer) {
  if (const auto* removed = std::get_if<core::MemberRemoved>(&event.payload)) {
    if (!removed->has_more_tokens) return {};
    if (!event.workspace || event.workspace->is_nil()) return misfit(event);
    return begin(removed->user, {*event.workspace, removed->access, event.sequence}, rows, buffer);
  }
  const bool is_of_person = event.subject.kind == core::SubjectKind::user;
  if (const auto* deactivated = std::get_if<core::UserDeactivated>(&event.payload)) {
    if (!deactivated->has_more_tokens) return {};
    if (!is_of_person) return misfit(event);
    return begin(UserId{event.subject.id}, {{}, deactivated->access, event.sequence}, rows, buffer);
  }
  if (!std::holds_alternative<core::OffboardingCompleted>(event.payload)) return {};
  return is_of_person ? complete(event, rows, buffer) : misfit(event);
}

Result<void> count_ended(const Event& event, UserId owner, Rows& rows, std::string& buffer) {
  const auto counter = counter_of(event.payload);
  if (counter == nullptr || !event.workspace) return {};
  TALLY_TRY_ASSIGN(auto ending, load_ending(rows, owner));
  if (!ending) return {};
  Ending::Part* part = part_of(*ending, *event.workspace);
  if (part == nullptr) part = part_of(*ending, {});
  if (part == nullptr) return {};
  ++(part->*counter);
  put_ending(owner, *ending, rows, buffer);
  return {};
}

}  // namespace tally::projections
