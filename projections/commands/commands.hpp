#pragma once

#include <cstdint>

#include "core/base/result.hpp"
#include "core/identity/person_commands.hpp"
#include "core/ledger/ledger_commands.hpp"
#include "core/state/context.hpp"
#include "core/state/offboarding.hpp"
#include "core/token/token_commands.hpp"
#include "core/workspace/workspace_commands.hpp"
#include "events/ledger/transaction.hpp"
#include "projections/commands/usage.hpp"

/// What each command does on the writer's side: it loads its state from the projections' rows, lets core decide, and
/// appends. See docs/adr/0002.
namespace tally::projections {

// One handler per command: loads, decides, appends, answers. A refusal may come with events (a reused secret).
// Threads: writer thread only.
using core::CommandContext;
using core::Result;
using events::Transaction;
Result<core::GenerateToken::Outcome> handle(Transaction&, const CommandContext&, core::GenerateToken&);
Result<core::RefreshToken::Outcome> handle(Transaction&, const CommandContext&, core::RefreshToken&);
Result<core::ExchangeAccessToken::Outcome> handle(Transaction&, const CommandContext&, core::ExchangeAccessToken&);
Result<core::DisableTokens::Outcome> handle(Transaction&, const CommandContext&, core::DisableTokens&);
Result<core::DeleteTokens::Outcome> handle(Transaction&, const CommandContext&, core::DeleteTokens&);
Result<core::DisableIssuedBefore::Outcome> handle(Transaction&, const CommandContext&, core::DisableIssuedBefore&);
Result<core::StopDescendants::Outcome> handle(Transaction&, const CommandContext&, core::StopDescendants&);
Result<core::RevokeRefreshToken::Outcome> handle(Transaction&, const CommandContext&, core::RevokeRefreshToken&);
Result<core::RevokeAccessToken::Outcome> handle(Transaction&, const CommandContext&, core::RevokeAccessToken&);
Result<core::CreateWorkspace::Outcome> handle(Transaction&, const CommandContext&, core::CreateWorkspace&);
Result<core::ChangePolicy::Outcome> handle(Transaction&, const CommandContext&, core::ChangePolicy&);
Result<core::PutMember::Outcome> handle(Transaction&, const CommandContext&, core::PutMember&);
Result<core::RemoveMember::Outcome> handle(Transaction&, const CommandContext&, core::RemoveMember&);
Result<core::AddResourceServer::Outcome> handle(Transaction&, const CommandContext&, core::AddResourceServer&);
Result<core::RemoveResourceServer::Outcome> handle(Transaction&, const CommandContext&, core::RemoveResourceServer&);
Result<core::CreateUser::Outcome> handle(Transaction&, const CommandContext&, core::CreateUser&);
Result<core::DeactivateUser::Outcome> handle(Transaction&, const CommandContext&, core::DeactivateUser&);
Result<core::ContinueOffboarding::Outcome> handle(Transaction&, const CommandContext&, core::ContinueOffboarding&);
Result<core::ReactivateUser::Outcome> handle(Transaction&, const CommandContext&, core::ReactivateUser&);
Result<core::SetOperator::Outcome> handle(Transaction&, const CommandContext&, core::SetOperator&);
Result<core::RecoverOperator::Outcome> handle(Transaction&, const CommandContext&, core::RecoverOperator&);
Result<core::ChangePassword::Outcome> handle(Transaction&, const CommandContext&, core::ChangePassword&);
Result<core::SignIn::Outcome> handle(Transaction&, const CommandContext&, core::SignIn&);
Result<core::SignOut::Outcome> handle(Transaction&, const CommandContext&, core::SignOut&);
Result<core::AddSigningKey::Outcome> handle(Transaction&, const CommandContext&, core::AddSigningKey&);
Result<core::RetireSigningKey::Outcome> handle(Transaction&, const CommandContext&, core::RetireSigningKey&);
Result<core::RecordAuditRead::Outcome> handle(Transaction&, const CommandContext&, core::RecordAuditRead&);
Result<core::RecordExportStarted::Outcome> handle(Transaction&, const CommandContext&, core::RecordExportStarted&);
Result<core::RecordExportCompleted::Outcome> handle(Transaction&, const CommandContext&, core::RecordExportCompleted&);
Result<core::RecordDenied::Outcome> handle(Transaction&, const CommandContext&, core::RecordDenied&);
Result<core::ChangeIssuer::Outcome> handle(Transaction&, const CommandContext&, core::ChangeIssuer&);
Result<core::RecordVerification::Outcome> handle(Transaction&, const CommandContext&, core::RecordVerification&);
Result<core::ImportLegacyTokens::Outcome> handle(Transaction&, const CommandContext&, core::ImportLegacyTokens&);
Result<RecordUsage::Outcome> handle(Transaction&, const CommandContext&, RecordUsage&);

/// What a command does, as far as it matters for whoever may change nothing.
enum class Effect : std::uint8_t {
  changes,
  goes_on,      ///< The rest of a change that has begun.
  own_account,  ///< The actor's own sign-in, sign-out and password.
  records,      ///< Writes down what the actor did, and does nothing.
};
template <class Command>
Effect effect_of(const Command&, const CommandContext&) {
  return Effect::changes;
}
inline Effect effect_of(const core::DisableIssuedBefore& command, const CommandContext&) {
  return command.after ? Effect::goes_on : Effect::changes;
}
inline Effect effect_of(const core::ContinueOffboarding&, const CommandContext&) { return Effect::goes_on; }
inline Effect effect_of(const core::StopDescendants&, const CommandContext&) { return Effect::goes_on; }
inline Effect effect_of(const core::SignIn&, const CommandContext&) { return Effect::own_account; }
inline Effect effect_of(const core::SignOut&, const CommandContext&) { return Effect::own_account; }
inline Effect effect_of(const core::ChangePassword& command, const CommandContext& context) {
  return command.user == core::UserId{context.actor.id} ? Effect::own_account : Effect::changes;
}
inline Effect effect_of(const core::RecordAuditRead&, const CommandContext&) { return Effect::records; }
inline Effect effect_of(const core::RecordExportStarted&, const CommandContext&) { return Effect::records; }
inline Effect effect_of(const core::RecordExportCompleted&, const CommandContext&) { return Effect::records; }
inline Effect effect_of(const core::RecordDenied&, const CommandContext&) { return Effect::records; }
inline Effect effect_of(const core::RecordVerification&, const CommandContext&) { return Effect::records; }
inline Effect effect_of(const RecordUsage&, const CommandContext&) { return Effect::records; }

/// Whether the actor may give any command of that effect: asked before each, so that no handler has to. A bearer
/// changes something only while its token is active, in the writer's order; the server auditor changes nothing,
/// whatever their roles. Errors: as core::check_bearer; forbidden, corrupt, io_failed.
Result<void> check_actor(const Transaction& transaction, const CommandContext& context, Effect effect);

/// In whose turn the writer takes a command: its workspace's, or, where it has none, its caller's.
template <class Command>
core::Uuid lane_of(const Command& command, const CommandContext& context) {
  if constexpr (requires { command.workspace.uuid(); }) {
    return command.workspace.uuid();
  } else if constexpr (requires { command.workspace->uuid(); }) {
    return command.workspace ? command.workspace->uuid() : context.actor.id;
  } else if constexpr (requires { command.client.uuid(); }) {
    return command.client.uuid();
  } else if constexpr (requires { command.client->uuid(); }) {
    return command.client ? command.client->uuid() : context.actor.id;
  } else {
    return context.actor.id;
  }
}

}  // namespace tally::projections
