#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/event/decision.hpp"
#include "core/ledger/ledger_commands.hpp"
#include "core/state/caller_rights.hpp"
#include "core/state/context.hpp"
#include "core/state/signing_key_state.hpp"

/// The rules of signing keys: a key is published before it signs, accepted as long as something that it signed lives,
/// and there is always one that signs. Pure. Source: docs/adr/0021.
namespace tally::core {

struct SigningKeySituation {
  std::span<const SigningKeyState> keys;  ///< All that ever were.
  CallerRights caller;
};

/// The operator or the system. The first key signs at once; a later one after the lead. Without a lead (an emergency) a
/// key that still waits is retired: whatever happened may have happened to it too. So it is if none signs yet, because
/// a clock that was ahead has dated all of them: the new one signs at once. Errors: forbidden, malformed (not a key of
/// that algorithm), already_exists, conflict (another key waits already), limit_exceeded.
Decision decide(const SigningKeySituation& situation, const CommandContext& context, const AddSigningKey& command);

/// What a correction of the clock takes back: of the keys that were added between the two events, those that wait for a
/// time that was dated ahead, if another one signs. Until then nobody could add one.
std::vector<NewEvent> keys_taken_back(std::span<const SigningKeyState> keys, Sequence first_ahead, Sequence accepted,
                                      Timestamp now);

/// The operator or the system. Errors: forbidden, not_found, conflict (it signs now, or, without force, something that
/// it signed may be alive). Retiring what is retired changes nothing.
Decision decide(const SigningKeySituation& situation, const CommandContext& context, const RetireSigningKey& command);

/// The state after `event`, which adds the key (`before` is empty) or retires it (checked).
Result<SigningKeyState> evolve(std::optional<SigningKeyState> before, const Event& event);

}  // namespace tally::core
