#include "projections/fold/ending_events.hpp"

#include <vector>

#include "projections/fold/misfit.hpp"
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

constexpr const char* kWhat = "ending";

void put_ending(UserId user, const Ending& ending, Rows& rows, std::string& buffer) {
  if (ending.parts.empty()) return rows.erase(Family::ending, key_of(user));
  encode_ending(ending, buffer);
  rows.put(Family::ending, key_of(user), buffer);
}

Result<void> begin(UserId user, const Ending::Part& begun, Rows& rows, std::string& buffer) {
  TALLY_TRY_ASSIGN(auto ending, load_ending(rows, user));
  if (!ending) ending.emplace();
  if (Ending::Part* part = ending->part_of(begun.workspace)) {
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
    return misfit(event, kWhat);
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
    if (!event.workspace || event.workspace->is_nil()) return misfit(event, kWhat);
    return begin(removed->user, {*event.workspace, removed->access, event.sequence}, rows, buffer);
  }
  const bool is_of_person = event.subject.kind == core::SubjectKind::user;
  if (const auto* deactivated = std::get_if<core::UserDeactivated>(&event.payload)) {
    if (!deactivated->has_more_tokens) return {};
    if (!is_of_person) return misfit(event, kWhat);
    return begin(UserId{event.subject.id}, {{}, deactivated->access, event.sequence}, rows, buffer);
  }
  if (!std::holds_alternative<core::OffboardingCompleted>(event.payload)) return {};
  return is_of_person ? complete(event, rows, buffer) : misfit(event, kWhat);
}

Result<void> count_ended(const Event& event, UserId owner, Rows& rows, std::string& buffer) {
  const auto counter = counter_of(event.payload);
  if (counter == nullptr || !event.workspace) return {};
  TALLY_TRY_ASSIGN(auto ending, load_ending(rows, owner));
  if (!ending) return {};
  Ending::Part* part = ending->part_of(*event.workspace);
  if (part == nullptr) part = ending->part_of({});
  if (part == nullptr) return {};
  ++(part->*counter);
  put_ending(owner, *ending, rows, buffer);
  return {};
}

}  // namespace tally::projections
