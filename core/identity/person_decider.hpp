#pragma once

#include <optional>

#include "core/event/decision.hpp"
#include "core/identity/person_commands.hpp"
#include "core/state/caller_rights.hpp"
#include "core/state/context.hpp"
#include "core/state/offboarding.hpp"
#include "core/state/person.hpp"

/// The rules of people. Pure.
namespace tally::core {

struct CreateUserSituation {
  bool username_taken = false;
  bool is_first_person = false;  ///< The ledger holds nobody yet: the system creates the operator.
  CallerRights caller;
};
/// Errors: forbidden (not the operator), invalid_argument(username, display_name, email), already_exists(field
/// "username").
Decision decide(const CreateUserSituation& situation, const CommandContext& context, const CreateUser& command);

/// Whether an operator's account is left whose password always lets them in, if the person's is not one any more.
enum class OtherBreakGlass : std::uint8_t { none, active };

/// Operator only. Errors: not_found, forbidden, conflict (oneself), last_break_glass, invalid_argument (reason).
/// Deactivating twice yields no event, unless the second time revokes what the first kept. The tokens' events are added
/// by the command's handler, which also says whether there are more.
Decision decide(const PersonState* person, const CallerRights& caller, OtherBreakGlass others,
                const CommandContext& context, const DeactivateUser& command);

/// Operator only. Errors: not_found, forbidden, conflict (`ending`, of the person: their tokens are still being
/// stopped). Reactivating who is active yields no event.
Decision decide(const PersonState* person, const CallerRights& caller, const Ending* ending,
                const CommandContext& context, const ReactivateUser& command);

/// Operator only. Errors: not_found, forbidden, conflict (a deactivated person becomes nothing but none),
/// last_break_glass. Saying what is so already yields no event.
Decision decide(const PersonState* person, const CallerRights& caller, OtherBreakGlass others,
                const CommandContext& context, const SetOperator& command);

struct RecoverySituation {
  const PersonState* person = nullptr;  ///< Whose name it is; null: nobody's.
  bool is_nonce_known = false;          ///< The person was recovered with it before.
};
/// System only. Errors: forbidden, not_found, conflict (deactivated), invalid_argument(username). A known nonce yields
/// no event.
Decision decide(const RecoverySituation& situation, const CommandContext& context, const RecoverOperator& command);

/// Operator, or the person with their current password verified. Errors: not_found, forbidden, conflict (deactivated).
Decision decide(const PersonState* person, const CallerRights& caller, const CommandContext& context,
                const ChangePassword& command);

/// SignedIn, or SignInFailed with the refusal unauthenticated; failures beyond kSignInFailuresRecordedPerMinute in one
/// minute are refused without an event, so that a guesser cannot flood the ledger.
Decision decide(const PersonState* person, const CommandContext& context, const SignIn& command);

PersonState evolve(std::optional<PersonState> before, const Event& event);

/// Lower-cases ASCII and checks: 1 to kUsernameBytesMax of a-z 0-9 . _ @ + -, beginning with a letter or digit.
/// Errors: invalid_argument(field "username").
Result<std::string> normalize_username(std::string_view text);
/// May be empty. Errors: invalid_argument(email).
Result<std::string> normalize_email(std::string_view text);

}  // namespace tally::core
