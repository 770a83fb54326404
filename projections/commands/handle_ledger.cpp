#include <algorithm>
#include <utility>

#include "projections/commands/command_work.hpp"
#include "projections/commands/handling.hpp"
#include "projections/rows/keys.hpp"
#include "projections/rows/load.hpp"

/// Facts about the ledger itself, which have no rules, and the use of tokens, which is no event.
namespace tally::projections {

using events::Family;

namespace {

Result<void> append_fact(Transaction& transaction, const core::CommandContext& context,
                         std::optional<core::WorkspaceId> workspace, core::EventPayload payload) {
  const core::Subject subject = workspace ? core::subject_of(*workspace) : core::Subject{};
  TALLY_TRY(transaction.append(context, core::NewEvent{workspace, subject, 0, std::move(payload)}));
  return {};
}

/// Whoever asks about a workspace that is not there is told so, and leaves no event of it.
Result<void> require_workspace(const events::Reader& reader, core::WorkspaceId workspace) {
  TALLY_TRY_ASSIGN(const auto row, reader.get(Family::workspace, key_of(workspace)));
  if (!row) return core::fail(core::Errc::not_found, "no such workspace");
  return {};
}

}  // namespace

Result<core::RecordAuditRead::Outcome> handle(Transaction& transaction, const CommandContext& context,
                                              core::RecordAuditRead& command) {
  TALLY_TRY(require_workspace(transaction, command.workspace));
  TALLY_TRY(
      append_fact(transaction, context, command.workspace, core::AuditRead{std::move(command.filter), command.items}));
  return core::RecordAuditRead::Outcome{};
}

Result<core::RecordExportStarted::Outcome> handle(Transaction& transaction, const CommandContext& context,
                                                  core::RecordExportStarted& command) {
  TALLY_TRY(require_workspace(transaction, command.workspace));
  TALLY_TRY(append_fact(transaction, context, command.workspace,
                        core::ExportStarted{command.export_id, std::move(command.format), std::move(command.filter)}));
  return core::RecordExportStarted::Outcome{};
}

Result<core::RecordExportCompleted::Outcome> handle(Transaction& transaction, const CommandContext& context,
                                                    core::RecordExportCompleted& command) {
  TALLY_TRY(require_workspace(transaction, command.workspace));
  TALLY_TRY(append_fact(transaction, context, command.workspace,
                        core::ExportCompleted{command.export_id, command.events_exported, command.events_filtered_out,
                                              command.bytes, command.sha256}));
  return core::RecordExportCompleted::Outcome{};
}

Result<core::RecordDenied::Outcome> handle(Transaction& transaction, const CommandContext& context,
                                           core::RecordDenied& command) {
  const core::UserId actor{context.actor.id};
  core::NewEvent event{std::nullopt, core::subject_of(actor), 0,
                       core::CommandDenied{std::move(command.command), std::move(command.reason), command.token,
                                           command.count, command.first_at}};
  if (command.workspace) {
    TALLY_TRY(require_workspace(transaction, *command.workspace));
    event.workspace = command.workspace;
    event.subject = core::subject_of(*command.workspace);
  }
  TALLY_TRY(transaction.append(context, std::move(event)));
  return core::RecordDenied::Outcome{};
}

Result<core::ChangeIssuer::Outcome> handle(Transaction& transaction, const CommandContext& context,
                                           core::ChangeIssuer& command) {
  TALLY_TRY(append_fact(transaction, context, std::nullopt,
                        core::IssuerChanged{std::move(command.issuer), std::move(command.before)}));
  return core::ChangeIssuer::Outcome{};
}

Result<core::RecordVerification::Outcome> handle(Transaction& transaction, const CommandContext& context,
                                                 core::RecordVerification& command) {
  TALLY_TRY(append_fact(transaction, context, std::nullopt,
                        core::LedgerVerified{command.size, command.root, command.damaged}));
  return core::RecordVerification::Outcome{};
}

Result<RecordUsage::Outcome> handle(Transaction& transaction, const CommandContext& context, RecordUsage& command) {
  std::string row;
  for (const TokenUse& use : command.uses) {
    TALLY_TRY_ASSIGN(const auto before, load_usage(transaction, use.token));
    UsageRow usage = before.value_or(UsageRow{use.last_used_at, 0});
    const bool is_ahead = core::lies_ahead(usage.last_used_at, context.at);
    usage.last_used_at = is_ahead ? use.last_used_at : std::max(usage.last_used_at, use.last_used_at);
    usage.count += use.count;
    encode_usage(usage, row);
    transaction.put(Family::usage, key_of(use.token), row);
  }
  return RecordUsage::Outcome{};
}

template void CommandService::execute(CommandContext, core::RecordAuditRead, Done<core::RecordAuditRead>);
template void CommandService::execute(CommandContext, core::RecordExportStarted, Done<core::RecordExportStarted>);
template void CommandService::execute(CommandContext, core::RecordExportCompleted, Done<core::RecordExportCompleted>);
template void CommandService::execute(CommandContext, core::RecordDenied, Done<core::RecordDenied>);
template void CommandService::execute(CommandContext, core::ChangeIssuer, Done<core::ChangeIssuer>);
template void CommandService::execute(CommandContext, core::RecordVerification, Done<core::RecordVerification>);
template void CommandService::execute(CommandContext, RecordUsage, Done<RecordUsage>);

}  // namespace tally::projections
