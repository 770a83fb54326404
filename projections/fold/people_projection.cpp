#include "projections/fold/people_projection.hpp"

#include <array>
#include <optional>
#include <utility>

#include "core/event/event_ranges.hpp"
#include "core/identity/person_decider.hpp"
#include "projections/fold/misfit.hpp"
#include "projections/rows/keys.hpp"
#include "projections/rows/load.hpp"
#include "projections/rows/person_row.hpp"

namespace tally::projections {

using core::Event;
using core::PersonState;
using core::Result;
using events::Family;

namespace {

constexpr std::array kPeopleFamilies{Family::person, Family::username, Family::server_standing};

/// Other events whose subject is a person change nothing of theirs.
bool changes_person(core::EventType type) {
  return core::is_of_person(type) && type != core::EventType::offboarding_completed;
}

/// Whether it can have happened to a person who was as they were. A deactivated person is deactivated again only to
/// revoke what was kept.
bool fits(const Event& event, const PersonState& before) {
  if (const auto* deactivated = std::get_if<core::UserDeactivated>(&event.payload)) {
    return !before.deactivated_at || deactivated->access == core::AccessFate::revoke;
  }
  if (std::holds_alternative<core::UserReactivated>(event.payload)) return before.deactivated_at.has_value();
  return true;
}

}  // namespace

std::span<const Family> PeopleProjection::families() const { return kPeopleFamilies; }

Result<void> PeopleProjection::apply(const Event& event, events::Rows& rows) {
  if (event.subject.kind != core::SubjectKind::user) return {};
  const core::EventType type = core::type_of(event.payload);
  if (!changes_person(type)) return {};
  const bool is_new = type == core::EventType::user_created;
  std::optional<PersonState> before;
  if (!is_new) {
    TALLY_TRY_ASSIGN(before, load_person(rows, core::UserId{event.subject.id}));
    if (!before || !fits(event, *before)) return misfit(event, "person's row");
  }
  if (event.subject_version != (before ? before->version : 0) + 1) return misfit(event, "person's row");
  const core::ServerStanding standing = before ? before->standing : core::ServerStanding::none;
  const PersonState person = core::evolve(std::move(before), event);
  TALLY_TRY(encode_person(person, row_));
  rows.put(Family::person, key_of(person.id), row_);
  if (is_new) {
    encode_username(person.id, row_);
    rows.put(Family::username, person.username, row_);
  }
  keep_standing(person.id, standing, person.standing, rows);
  return {};
}

void PeopleProjection::keep_standing(core::UserId user, core::ServerStanding before, core::ServerStanding now,
                                     events::Rows& rows) {
  if (now == before) return;
  if (now == core::ServerStanding::none) return rows.erase(Family::server_standing, key_of(user));
  encode_server_standing(now, row_);
  rows.put(Family::server_standing, key_of(user), row_);
}

}  // namespace tally::projections
