#include "projections/people_projection.hpp"

#include <array>
#include <optional>
#include <utility>

#include "core/identity/person_decider.hpp"
#include "projections/rows/keys.hpp"
#include "projections/rows/load.hpp"
#include "projections/rows/person_row.hpp"

namespace tally::projections {

using core::Event;
using core::PersonState;
using core::Result;
using events::Family;

namespace {

constexpr std::array kFamilies{Family::person, Family::username};

/// A deactivated person is deactivated again only to revoke what was kept.
bool is_kept_twice(const PersonState& person, const Event& event) {
  const auto* deactivated = std::get_if<core::UserDeactivated>(&event.payload);
  return deactivated != nullptr && person.deactivated_at && deactivated->access == core::AccessFate::keep;
}

core::Error misfit(const Event& event) {
  return core::fail(core::Errc::corrupt,
                    "event " + std::to_string(event.sequence.value) + " does not fit its person's row");
}

}  // namespace

std::span<const Family> PeopleProjection::families() const { return kFamilies; }

Result<void> PeopleProjection::apply(const Event& event, events::Rows& rows) {
  if (event.subject.kind != core::SubjectKind::user) return {};
  const core::EventType type = core::type_of(event.payload);
  if (type < core::EventType::user_created || type > core::EventType::sign_in_failed) return {};
  const bool is_new = type == core::EventType::user_created;
  std::optional<PersonState> before;
  if (!is_new) {
    TALLY_TRY_ASSIGN(before, load_person(rows, core::UserId{event.subject.id}));
    if (!before || is_kept_twice(*before, event)) return misfit(event);
  }
  if (event.subject_version != (before ? before->version : 0) + 1) return misfit(event);
  const PersonState person = core::evolve(std::move(before), event);
  TALLY_TRY(encode_person(person, row_));
  rows.put(Family::person, key_of(person.id), row_);
  if (is_new) rows.put(Family::username, person.username, core::as_text(person.id.uuid().bytes));
  return {};
}

}  // namespace tally::projections
