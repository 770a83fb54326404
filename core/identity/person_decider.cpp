#include "core/identity/person_decider.hpp"

#include <algorithm>

#include "core/base/ascii.hpp"
#include "core/base/check.hpp"
#include "core/base/limits.hpp"
#include "core/base/names.hpp"

namespace tally::core {
namespace {

NewEvent event_of(UserId id, std::uint64_t version, EventPayload payload) {
  return {std::nullopt, subject_of(id), version, std::move(payload)};
}

NewEvent next_event_of(const PersonState& person, EventPayload payload) {
  return event_of(person.id, person.version + 1, std::move(payload));
}

bool is_working_operator(const CallerRights& caller) { return caller.is_operator && caller.is_active; }

Error last_break_glass() {
  return fail(Errc::last_break_glass, "no other active break-glass account would be left: appoint one first");
}
bool is_active_break_glass(const PersonState& person) {
  return person.standing == ServerStanding::break_glass && !person.deactivated_at.has_value();
}

Error no_user() { return fail(Errc::not_found, "no such user"); }
/// The same for an unknown person, a wrong password and a deactivated person.
Error not_signed_in() { return fail(Errc::unauthenticated, "wrong username or password"); }

std::int64_t minute_of(Timestamp time) {
  return std::chrono::floor<std::chrono::minutes>(time).time_since_epoch().count();
}

Result<UserCreated> create(const CreateUserSituation& situation, const CommandContext& context,
                           const CreateUser& command) {
  const bool founds = situation.is_first_person && context.actor.kind == ActorKind::system;
  if (!founds && !is_working_operator(situation.caller)) {
    return fail(Errc::forbidden, "only the operator creates people");
  }
  TALLY_TRY_ASSIGN(std::string username, normalize_username(command.username));
  TALLY_TRY_ASSIGN(std::string display_name, normalize_name("display_name", command.display_name));
  TALLY_TRY_ASSIGN(std::string email, normalize_email(command.email));
  if (situation.username_taken) return Error{Errc::already_exists, "the username is taken", "username"};
  // Without an operator nobody could ever create a workspace or a second person.
  const bool is_operator = command.is_operator || situation.is_first_person;
  return UserCreated{is_operator, std::move(username), std::move(display_name), std::move(email),
                     command.password_verifier};
}

/// Whether an operator may give a command about `person`, who is as they expect.
template <class Command>
Result<void> check_operator(const PersonState* person, const CallerRights& caller, const Command& command) {
  if (!is_working_operator(caller)) return fail(Errc::forbidden, "only an operator may do this");
  if (person == nullptr) return no_user();
  TALLY_CHECK(person->id == command.user);
  return command.expected.check(profile_version(*person));
}

}  // namespace

Result<std::string> normalize_username(std::string_view text) {
  if (text.empty() || text.size() > limits::kUsernameBytesMax) {
    return invalid("username", "1 to " + std::to_string(limits::kUsernameBytesMax) + " characters are allowed, not " +
                                   std::to_string(text.size()));
  }
  std::string username = ascii::small_letters(text);
  const auto is_letter_or_digit = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  const auto is_allowed = [&](char c) {
    return is_letter_or_digit(c) || std::string_view{"._@+-"}.find(c) != std::string_view::npos;
  };
  if (!is_letter_or_digit(username.front()) || !std::all_of(username.begin(), username.end(), is_allowed)) {
    return invalid("username", "letters a-z, digits and . _ @ + - are allowed, beginning with a letter or digit");
  }
  return username;
}

/// Only what every mail system has: no attempt at RFC 5322, which no sender checks either.
Result<std::string> normalize_email(std::string_view text) {
  if (text.empty()) return std::string{};
  const auto refused = [] { return invalid("email", "not an e-mail address"); };
  if (text.size() > limits::kEmailBytesMax) {
    return invalid("email", "at most " + std::to_string(limits::kEmailBytesMax) + " bytes");
  }
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos || at == 0 || at + 1 == text.size()) return refused();
  if (text.find('@', at + 1) != std::string_view::npos) return refused();
  const bool is_printable = std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (!is_printable) return refused();
  return std::string{text};
}

Decision decide(const CreateUserSituation& situation, const CommandContext& context, const CreateUser& command) {
  auto created = create(situation, context, command);
  if (created.has_error()) return Decision::refuse(created.error());
  return {{event_of(command.id, 1, *std::move(created))}, std::nullopt};
}

Decision decide(const PersonState* person, const CallerRights& caller, OtherBreakGlass others, const CommandContext&,
                const DeactivateUser& command) {
  if (auto may = check_operator(person, caller, command); may.has_error()) return Decision::refuse(may.error());
  if (caller.user == command.user) {
    return Decision::refuse(fail(Errc::conflict, "you cannot deactivate yourself: another operator can"));
  }
  auto reason = normalize_reason("reason", command.reason);
  if (reason.has_error()) return Decision::refuse(reason.error());
  const auto& gone_since = person->deactivated_at;
  const bool is_revoked = person->access_revoked_at >= gone_since;
  if (gone_since.has_value() && (command.access == AccessFate::keep || is_revoked)) return {};
  if (is_active_break_glass(*person) && others == OtherBreakGlass::none) return Decision::refuse(last_break_glass());
  return {{next_event_of(*person, UserDeactivated{command.access, *std::move(reason)})}, std::nullopt};
}

Decision decide(const PersonState* person, const CallerRights& caller, const Ending* ending, const CommandContext&,
                const ReactivateUser& command) {
  if (auto may = check_operator(person, caller, command); may.has_error()) return Decision::refuse(may.error());
  if (!person->deactivated_at.has_value()) return {};
  // What comes in between would be stopped with the rest, or outlive it.
  if (ending != nullptr) return Decision::refuse(fail(Errc::conflict, "the person's tokens are still being stopped"));
  return {{next_event_of(*person, UserReactivated{})}, std::nullopt};
}

Decision decide(const PersonState* person, const CallerRights& caller, OtherBreakGlass others, const CommandContext&,
                const SetOperator& command) {
  if (auto may = check_operator(person, caller, command); may.has_error()) return Decision::refuse(may.error());
  if (person->standing == command.standing) return {};
  if (person->deactivated_at.has_value() && command.standing != ServerStanding::none) {
    return Decision::refuse(fail(Errc::conflict, "the person is deactivated: reactivate them first"));
  }
  if (is_active_break_glass(*person) && others == OtherBreakGlass::none) return Decision::refuse(last_break_glass());
  return {{next_event_of(*person, OperatorChanged{command.standing})}, std::nullopt};
}

Decision decide(const RecoverySituation& situation, const CommandContext& context, const RecoverOperator& command) {
  if (context.actor.kind != ActorKind::system) {
    return Decision::refuse(fail(Errc::forbidden, "only who has the data folder may do this"));
  }
  const PersonState* person = situation.person;
  if (person == nullptr && command.unknown_person == UnknownPerson::refuse) return Decision::refuse(no_user());
  if (situation.is_nonce_known) return {};
  if (person != nullptr && person->deactivated_at.has_value()) {
    return Decision::refuse(fail(Errc::conflict, "the person is deactivated: another operator may reactivate them"));
  }
  Decision decision;
  const UserId id = person == nullptr ? command.new_id : person->id;
  std::uint64_t version = person == nullptr ? 0 : person->version;
  const auto add = [&](EventPayload payload) {
    decision.events.push_back(event_of(id, ++version, std::move(payload)));
  };
  if (person == nullptr) {
    auto username = normalize_username(command.username);
    if (username.has_error()) return Decision::refuse(username.error());
    add(UserCreated{false, *username, *username, {}, command.password_verifier});
  }
  add(OperatorRecovered{command.means, command.nonce});
  if (person == nullptr || !person->is_operator()) add(OperatorChanged{ServerStanding::break_glass});
  add(PasswordChanged{command.password_verifier});
  return decision;
}

Decision decide(const PersonState* person, const CallerRights& caller, const CommandContext&,
                const ChangePassword& command) {
  const bool is_own = caller.user == command.user && caller.is_active && command.own_password_verified;
  // Decided before the person is looked at: who may not change a password does not learn who exists.
  if (!is_own && !is_working_operator(caller)) {
    return Decision::refuse(fail(Errc::forbidden, "only the operator, or the person with the current password"));
  }
  if (person == nullptr) return Decision::refuse(no_user());
  TALLY_CHECK(person->id == command.user);
  if (auto same = command.expected.check(profile_version(*person)); same.has_error()) {
    return Decision::refuse(same.error());
  }
  if (person->deactivated_at.has_value()) {
    return Decision::refuse(fail(Errc::conflict, "the person is deactivated"));
  }
  return {{next_event_of(*person, PasswordChanged{command.password_verifier})}, std::nullopt};
}

Decision decide(const PersonState* person, const CommandContext& context, const SignIn& command) {
  if (person == nullptr) return Decision::refuse(not_signed_in());
  TALLY_CHECK(person->id == command.user);
  // The password may have been changed while the old one was being checked.
  const bool succeeds = command.password_matched && !person->deactivated_at.has_value() &&
                        command.credentials_version == person->credentials_version;
  if (succeeds) return {{next_event_of(*person, SignedIn{})}, std::nullopt};

  // The log's time may be ahead of this command's: then the later minute's count is the one that holds.
  const std::uint32_t failures = person->failure_minute >= minute_of(context.at) ? person->failures_in_minute : 0;
  if (failures >= limits::kSignInFailuresRecordedPerMinute) return Decision::refuse(not_signed_in());
  return {{next_event_of(*person, SignInFailed{})}, not_signed_in()};
}

}  // namespace tally::core
