#pragma once

#include <optional>

#include "core/context.hpp"
#include "core/decision.hpp"
#include "core/identity/person.hpp"
#include "core/identity/person_commands.hpp"
#include "core/token/token_decider.hpp"

/// The rules of people. Pure.
namespace tally::core {

struct CreateUserSituation {
  bool username_taken = false;
  bool is_first_person = false;  ///< The ledger holds nobody yet: the system creates the operator.
  Standing caller;
};
/// Errors: forbidden (not the operator), invalid_argument(username, display_name, email), already_exists(field
/// "username").
Decision decide(const CreateUserSituation& situation, const CommandContext& context, const CreateUser& command);

/// Operator only. Errors: not_found, forbidden, conflict (oneself), invalid_argument (reason). Deactivating twice
/// yields no event, unless the second time revokes what the first kept. The tokens' events are added by the command's
/// handler, which also says whether there are more.
Decision decide(const PersonState* person, const Standing& caller, const CommandContext& context,
                const DeactivateUser& command);

/// Operator, or the person with their current password verified. Errors: not_found, forbidden, conflict (deactivated).
Decision decide(const PersonState* person, const Standing& caller, const CommandContext& context,
                const ChangePassword& command);

/// SignedIn, or SignInFailed with the refusal unauthenticated; failures beyond kSignInFailuresRecordedPerMinute in one
/// minute are refused without an event, so that a guesser cannot flood the ledger.
Decision decide(const PersonState* person, const CommandContext& context, const SignIn& command);

PersonState evolve(std::optional<PersonState> before, const Event& event);

/// Lower-cases ASCII and checks: 1 to kUsernameBytesMax of a-z 0-9 . _ @ + -, beginning with a letter or digit.
/// Errors: invalid_argument(field "username").
Result<std::string> normalize_username(std::string_view text);

}  // namespace tally::core
