#include <algorithm>
#include <utility>

#include "core/base/limits.hpp"
#include "core/identity/person_decider.hpp"
#include "core/token/token_decider.hpp"
#include "projections/commands/command_work.hpp"
#include "projections/commands/handling.hpp"
#include "projections/rows/load.hpp"

/// Tokens of the system before.
namespace tally::projections {

namespace {

/// The user, if they are a member of the workspace and have not gone. Errors: corrupt, io_failed.
Result<std::optional<core::UserId>> find_owner(const events::Reader& reader, core::WorkspaceId workspace,
                                               const core::LegacyToken& token) {
  std::optional<core::UserId> user;
  if (const auto* id = std::get_if<core::UserId>(&token.owner)) {
    user = *id;
  } else if (const auto username = core::normalize_username(std::get<std::string>(token.owner)); username.has_value()) {
    TALLY_TRY_ASSIGN(user, load_username(reader, *username));
  }
  if (!user) return std::optional<core::UserId>{};
  TALLY_TRY_ASSIGN(const auto member, load_member(reader, workspace, *user));
  TALLY_TRY_ASSIGN(const auto person, load_person(reader, *user));
  return member && person && !person->deactivated_at ? user : std::optional<core::UserId>{};
}

/// What stands in the way of the hash, if anything. Errors: corrupt, io_failed.
Result<void> load_hash(const events::Reader& reader, const core::LegacyToken& token, core::ImportSituation& situation) {
  TALLY_TRY_ASSIGN(const auto home, load_secret_home(reader, token.secret_hash));
  situation.hash_in_use = home.has_value();
  const bool is_here = home && home->kind == core::SubjectKind::token && home->workspace == situation.workspace->id;
  if (!is_here) return {};
  const core::TokenId id{home->subject};
  TALLY_TRY_ASSIGN(const auto known, load_token(reader, home->workspace, id));
  if (known && known->kind == core::TokenKind::legacy) situation.known = id;
  return {};
}

}  // namespace

Result<core::ImportLegacyTokens::Outcome> handle(Transaction& transaction, const CommandContext& context,
                                                 core::ImportLegacyTokens& command) {
  TALLY_CHECK(command.tokens.size() <= core::limits::kImportLinesPerCommandMax);
  TALLY_TRY_ASSIGN(const auto workspace, load_workspace(transaction, command.workspace));
  TALLY_TRY_ASSIGN(const auto caller, load_caller_rights(transaction, context, command.workspace));
  TALLY_TRY(core::check_may_import(workspace ? &*workspace : nullptr, caller));

  core::ImportLegacyTokens::Outcome outcome;
  for (core::LegacyToken& token : command.tokens) {
    // Before 1970 there are no ids.
    const core::Timestamp created_at = std::max(token.created_at, core::Timestamp{});
    if (token.id.is_nil()) token.id = next_token_id(transaction, context, created_at);
    core::ImportSituation situation;
    situation.workspace = &*workspace;
    TALLY_TRY_ASSIGN(situation.owner, find_owner(transaction, command.workspace, token));
    TALLY_TRY(load_hash(transaction, token, situation));
    auto decided = core::decide_import(situation, context, token);
    // One by one, so that a hash that comes twice is known the second time.
    if (decided.event) TALLY_TRY(transaction.append(context, *std::move(decided.event)));
    outcome.results.push_back(std::move(decided.result));
  }
  return outcome;
}

template void CommandService::execute(CommandContext, core::ImportLegacyTokens, Done<core::ImportLegacyTokens>);

}  // namespace tally::projections
