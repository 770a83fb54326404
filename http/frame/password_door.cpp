#include "http/frame/password_door.hpp"

#include <utility>

#include "core/identity/person_commands.hpp"
#include "http/frame/access.hpp"

namespace tally::http {

void PasswordDoor::record_failure(const Request& request, const core::PersonState& person,
                                  const std::optional<Caller>& caller) const {
  // Without a caller, nobody has proved to be this person.
  auto context = caller ? context_of(request, *caller, random_)
                        : context_of_client(request, core::Actor{}, {core::CredentialKind::none, {}, {}}, random_);
  context.via = via_of_session(request);
  core::SignIn command;
  command.user = person.id;
  command.password_matched = false;
  // Nobody waits for it: the time of a synced write would tell that the person exists.
  commands_.execute(std::move(context), std::move(command), [](const projections::Answer<core::SignIn>&) {});
}

namespace {

/// A person who is known is one, from however many addresses they ask.
HashingFor hashing_for(const SignInAttempt& attempt, const std::optional<Caller>& caller) {
  if (caller) return {std::hash<core::Uuid>{}(caller->person.id.uuid()), attempt.name, Acquaintance::known};
  return {attempt.address, attempt.name, attempt.is_known ? Acquaintance::known : Acquaintance::stranger};
}

}  // namespace

boost::asio::awaitable<core::Result<bool>> PasswordDoor::passes(const Request& request, PasswordClaim claim) const {
  const auto attempt = limits_.admit_sign_in(request, claim.username);
  if (attempt.has_error()) co_return attempt.error();
  std::string verifier = claim.person ? claim.person->password_verifier : std::string{};
  const HashingFor who = hashing_for(*attempt, claim.caller);
  auto comparing = pool_.matches(request, who, std::move(claim.password), std::move(verifier));
  const core::Result<bool> matched = co_await std::move(comparing);
  if (matched.has_error()) {
    limits_.give_back(*attempt);
    co_return matched.error();
  }
  if (*matched && claim.person && !claim.person->deactivated_at) {
    limits_.forgive_sign_in(*attempt, request);
    co_return true;
  }
  if (claim.person) record_failure(request, *claim.person, claim.caller);
  co_return false;
}

boost::asio::awaitable<core::Result<std::string>> PasswordDoor::make_verifier(const Request& request,
                                                                              std::string username,
                                                                              core::SecretText password) const {
  const SignInAttempt attempt = limits_.attempt_of(request, username);
  // Only who is known comes as far as a new password.
  auto hashing =
      pool_.make_verifier(request, {attempt.address, attempt.name, Acquaintance::known}, std::move(password));
  co_return co_await std::move(hashing);
}

}  // namespace tally::http
