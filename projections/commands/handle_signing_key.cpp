#include "core/ledger/signing_key_decider.hpp"
#include "projections/commands/command_work.hpp"
#include "projections/commands/handling.hpp"
#include "projections/rows/signing_key_row.hpp"

/// Adding and retiring signing keys.
namespace tally::projections {
namespace {

template <class Command>
Result<void> decide_and_record(Transaction& transaction, const CommandContext& context, const Command& command) {
  TALLY_TRY_ASSIGN(const auto keys, load_signing_keys(transaction));
  TALLY_TRY_ASSIGN(const auto caller, load_caller_rights(transaction, context, std::nullopt));
  TALLY_TRY(record(transaction, context, core::decide(core::SigningKeySituation{keys, caller}, context, command)));
  return {};
}

}  // namespace

Result<core::AddSigningKey::Outcome> handle(Transaction& transaction, const CommandContext& context,
                                            core::AddSigningKey& command) {
  TALLY_TRY(decide_and_record(transaction, context, command));
  return core::AddSigningKey::Outcome{};
}

Result<core::RetireSigningKey::Outcome> handle(Transaction& transaction, const CommandContext& context,
                                               core::RetireSigningKey& command) {
  TALLY_TRY(decide_and_record(transaction, context, command));
  return core::RetireSigningKey::Outcome{};
}

template void CommandService::execute(CommandContext, core::AddSigningKey, Done<core::AddSigningKey>);
template void CommandService::execute(CommandContext, core::RetireSigningKey, Done<core::RetireSigningKey>);

}  // namespace tally::projections
