#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/event/decision.hpp"
#include "core/event/event.hpp"
#include "core/identity/person_decider.hpp"
#include "core/state/context.hpp"
#include "core/token/token_decider.hpp"
#include "events/ledger/transaction.hpp"

/// What the command handlers share. Threads: writer thread only.
namespace tally::projections {

/// Who the actor is, and in that workspace. Clients, the system and unknown people have no role. Errors: corrupt,
/// io_failed.
core::Result<core::CallerRights> load_caller_rights(const events::Reader& reader, const core::CommandContext& context,
                                                    std::optional<core::WorkspaceId> workspace);

/// Appends what was decided, and what goes with a token whose access tokens it ends, then gives the events in their
/// places, or the refusal. A refusal does not undo its events.
core::Result<std::vector<core::Event>> record(events::Transaction& transaction, const core::CommandContext& context,
                                              core::Decision decision);
/// The same, and nothing goes with it: of a decision that looks at every token of an owner by itself.
core::Result<std::vector<core::Event>> record_alone(events::Transaction& transaction,
                                                    const core::CommandContext& context, core::Decision decision);

/// The id of a token that the next event makes: ids stand in the order of creation, and of the log where that is one.
core::TokenId next_token_id(const events::Transaction& transaction, const core::CommandContext& context,
                            core::Timestamp created_at);

/// How many tokens of the owner are active at `now`, at least as far as the answer's comparison with `enough` goes: a
/// number not below `enough` is exact, one below it may be too high. Errors: corrupt, io_failed.
core::Result<std::uint64_t> count_active_tokens(const events::Reader& reader, const core::WorkspaceState& workspace,
                                                core::UserId owner, core::Timestamp now, std::uint64_t enough);

/// Whether another person than `user` is an active break-glass account. Few have a standing. Errors: corrupt,
/// io_failed.
core::Result<core::OtherBreakGlass> other_break_glass(const events::Reader& reader, core::UserId user);

}  // namespace tally::projections
