#include "core/base/check.hpp"
#include "core/event/event_ranges.hpp"
#include "core/identity/person_decider.hpp"

namespace tally::core {
namespace {

/// One overload per event type of a person; any other type is none of ours.
struct Apply {
  PersonState& person;
  const Event& event;

  void operator()(const UserCreated& created) const {
    person.username = created.username;
    person.display_name = created.display_name;
    person.email = created.email;
    person.password_verifier = created.password_verifier;
    // From before there were several: the only one there was.
    person.standing = created.is_operator ? ServerStanding::break_glass : ServerStanding::none;
    person.created_at = event.recorded_at;
  }
  void operator()(const UserDeactivated& deactivated) const {
    const bool revokes = deactivated.access == AccessFate::revoke;
    TALLY_CHECK(!person.deactivated_at.has_value() || revokes, person.id.str());
    if (!person.deactivated_at.has_value()) {
      person.deactivated_at = event.recorded_at;
      ++person.profile_changes;
      // Sessions stay dead when the person comes back.
      ++person.credentials_version;
    }
    if (revokes) person.access_revoked_at = event.recorded_at;
  }
  void operator()(const UserReactivated&) const {
    TALLY_CHECK(person.deactivated_at.has_value(), person.id.str());
    person.deactivated_at.reset();
    // Everything from before is stopped by now. Where a clock was ahead meanwhile, what comes after shall not be, too.
    if (person.access_revoked_at > event.recorded_at) person.access_revoked_at = event.recorded_at;
    ++person.profile_changes;
  }
  void operator()(const OperatorChanged& changed) const {
    person.standing = changed.standing;
    ++person.profile_changes;
  }
  void operator()(const OperatorRecovered&) const {
    // What it gave back stands in the events beside it.
  }
  void operator()(const PasswordChanged& changed) const {
    person.password_verifier = changed.password_verifier;
    ++person.credentials_version;
    ++person.profile_changes;
  }
  void operator()(const SignedIn&) const {
    // Nothing but the version: failures go on being counted, or a success in between would let a flood through.
  }
  void operator()(const SignInFailed&) const {
    const std::int64_t minute = std::chrono::floor<std::chrono::minutes>(event.recorded_at).time_since_epoch().count();
    if (person.failure_minute != minute) {
      person.failure_minute = minute;
      person.failures_in_minute = 0;
    }
    ++person.failures_in_minute;
  }
  void operator()(const OffboardingCompleted&) const { misplaced(); }
  /// A kind of event that is one has an overload of its own, or it does not compile.
  template <class Other>
    requires(!is_of_person(Other::kType))
  void operator()(const Other&) const {
    misplaced();
  }

 private:
  [[noreturn]] void misplaced() const {
    check_failed("an event of a person", __FILE__, __LINE__, name_of(type_of(event.payload)));
  }
};

}  // namespace

PersonState evolve(std::optional<PersonState> before, const Event& event) {
  TALLY_CHECK(event.subject.kind == SubjectKind::user);
  const bool creates = std::holds_alternative<UserCreated>(event.payload);
  TALLY_CHECK(creates != before.has_value(), UserId{event.subject.id}.str());
  PersonState person;
  if (before.has_value()) {
    person = *std::move(before);
  } else {
    person.id = UserId{event.subject.id};
  }
  TALLY_CHECK(person.id.uuid() == event.subject.id, person.id.str());
  std::visit(Apply{person, event}, event.payload);
  ++person.version;
  TALLY_CHECK(person.version == event.subject_version, person.id.str());
  return person;
}

}  // namespace tally::core
