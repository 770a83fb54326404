#include <utility>

#include "core/token/lost_answer.hpp"
#include "core/token/token_decider.hpp"
#include "projections/commands/command_work.hpp"
#include "projections/commands/handling.hpp"
#include "projections/rows/descent.hpp"
#include "projections/rows/keys.hpp"
#include "projections/rows/load.hpp"
#include "projections/rows/loaded_access.hpp"

/// Generating, refreshing and revoking one token.
namespace tally::projections {

using core::TokenState;
using core::WorkspaceState;
using events::Family;

namespace {

/// What a presented refresh token leads to.
struct PresentedToken {
  std::optional<TokenState> token;
  std::optional<WorkspaceState> workspace;
  std::optional<RetryRow> retry;
  std::uint32_t generation = 0;

  bool is_resource_registered = false;
  bool is_ending = false;

  [[nodiscard]] core::RefreshSituation situation(core::Timestamp now) const {
    const bool is_kept = retry && retry->is_of(generation, now);
    return {token ? &*token : nullptr, generation, workspace ? &*workspace : nullptr,      is_kept,
            is_resource_registered,    is_ending,  retry ? retry->first_use : std::nullopt};
  }
};

Result<std::optional<core::RefreshTokenHome>> load_home(const events::Reader& reader,
                                                        const core::Digest& presented_hash) {
  TALLY_TRY_ASSIGN(const auto home, load_secret_home(reader, presented_hash));
  return home ? home->refresh_token() : std::nullopt;
}

Result<PresentedToken> load_presented(const events::Reader& reader, const core::Digest& presented_hash,
                                      std::optional<core::RefreshTokenHome> home) {
  PresentedToken presented;
  if (!home) {
    TALLY_TRY_ASSIGN(home, load_home(reader, presented_hash));
  }
  if (!home) return presented;
  presented.generation = home->generation;
  const core::TokenId id = home->token;
  TALLY_TRY_ASSIGN(presented.token, load_token(reader, home->workspace, id));
  TALLY_TRY_ASSIGN(presented.workspace, load_workspace(reader, home->workspace));
  const bool fits =
      presented.token && presented.workspace && presented.generation <= presented.token->generation &&
      (presented.generation != presented.token->generation || presented.token->secret_hash == presented_hash);
  if (!fits) return core::fail(core::Errc::corrupt, "a secret's row does not fit its token's");
  // Only a spent secret can have a successor that is kept.
  if (presented.generation == presented.token->generation) return presented;
  TALLY_TRY_ASSIGN(presented.retry, load_retry(reader, id));
  return presented;
}

template <class Issuing>
core::AccessTokenFormat format_of(const Issuing& event) {
  return event.access_token_hash ? core::AccessTokenFormat::opaque : core::AccessTokenFormat::jwt;
}

core::PresentedAccess presented_by(const core::ExchangeAccessToken& command) {
  const core::ExchangeAccessToken::Subject& subject = command.subject;
  return {command.client,
          command.token,
          command.owner,
          subject.id,
          {},  // an exchanged token is not exchanged again
          subject.issued_at_seconds,
          core::seconds_of(subject.expires_at)};
}

/// Keeps the successor for whoever lost the answer, as long as the policy says. The row of the step before goes: its
/// successor has just been used.
void keep_successor(Transaction& transaction, const TokenState& token, const core::Policy& policy,
                    const core::Origin& origin, const core::Bytes& sealed_successor) {
  const auto key = key_of(token.id);
  if (policy.refresh_retry_seconds == 0) {
    transaction.erase(Family::retry, key);
    return;
  }
  // The window's last moment belongs to it; a row's expiry does not belong to the row.
  const auto window = core::retry_window(token, policy) + core::Duration{1};
  std::string row;
  encode_retry(
      {*token.last_refreshed_at + window, token.generation - 1, core::fingerprint_of(origin), sealed_successor}, row);
  transaction.put(Family::retry, key, row);
}

}  // namespace

Result<core::GenerateToken::Outcome> handle(Transaction& transaction, const CommandContext& context,
                                            core::GenerateToken& command) {
  // Its time and its place in the log make an id that nothing has; one that was given is looked for.
  const bool is_id_given = !command.id.is_nil();
  if (!is_id_given) command.id = next_token_id(transaction, context, transaction.time_of(context));
  TALLY_TRY_ASSIGN(const auto workspace, load_workspace(transaction, command.workspace));
  core::GenerateSituation situation;
  TALLY_TRY_ASSIGN(situation.caller, load_caller_rights(transaction, context, command.workspace));
  if (workspace) {
    situation.workspace = &*workspace;
    TALLY_TRY_ASSIGN(situation.active_tokens,
                     count_active_tokens(transaction, *workspace, situation.caller.user, context.at,
                                         workspace->policy.max_active_tokens_per_user));
  }
  LoadedAccess bearer;
  if (context.bearer) {
    TALLY_TRY_ASSIGN(bearer, load_access(transaction, context.bearer->presented));
    situation.bearer = core::BearerSituation{bearer.situation(), bearer.descent.depth};
  }
  if (is_id_given) {
    TALLY_TRY_ASSIGN(const auto taken, load_token_home(transaction, command.id));
    if (taken) return core::Error{core::Errc::already_exists, "the token exists", "id"};
  }

  TALLY_TRY_ASSIGN(const auto events, record(transaction, context, core::decide(situation, context, command)));
  const core::Event& event = events.front();
  const auto& generated = std::get<core::TokenGenerated>(event.payload);
  return core::GenerateToken::Outcome{core::evolve(std::optional<TokenState>{}, event), generated.access_expires_at,
                                      core::seconds_of(context.at), format_of(generated)};
}

Result<core::RefreshToken::Outcome> handle(Transaction& transaction, const CommandContext& context,
                                           core::RefreshToken& command) {
  TALLY_TRY_ASSIGN(PresentedToken presented,
                   load_presented(transaction, command.presented_hash, command.presented_home));
  if (presented.token) {
    TALLY_TRY_ASSIGN(presented.is_resource_registered,
                     is_resource_of(transaction, presented.token->workspace, command.resource.uri));
    TALLY_TRY_ASSIGN(const auto ending, load_ending(transaction, presented.token->owner));
    TALLY_TRY_ASSIGN(const auto descent, load_descent(transaction, *presented.token, *presented.workspace));
    presented.is_ending = descent.is_ended || (ending && ending->covers(presented.token->workspace));
  }
  auto decision = core::decide(presented.situation(context.at), context, command);
  TALLY_TRY_ASSIGN(auto events, record(transaction, context, std::move(decision)));

  core::Event& event = events.front();
  core::RefreshToken::Outcome outcome;
  outcome.token = core::evolve(std::move(presented.token), event);
  outcome.issued_at_seconds = core::seconds_of(context.at);
  if (auto* refreshed = std::get_if<core::TokenRefreshed>(&event.payload)) {
    keep_successor(transaction, outcome.token, presented.workspace->policy, context.origin, command.sealed_successor);
    outcome.access_scope = std::move(refreshed->access_scope);
    outcome.access_resource = std::move(refreshed->access_resource);
    outcome.access_expires_at = refreshed->access_expires_at;
    outcome.access_format = format_of(*refreshed);
    outcome.sealed_successor = std::move(command.sealed_successor);
  } else {
    auto& retried = std::get<core::TokenRefreshRetried>(event.payload);
    outcome.access_scope = std::move(retried.access_scope);
    outcome.access_resource = std::move(retried.access_resource);
    outcome.access_expires_at = retried.access_expires_at;
    outcome.access_format = format_of(retried);
    outcome.retried = true;
    outcome.sealed_successor = std::move(presented.retry->sealed_successor);
  }
  return outcome;
}

Result<core::ExchangeAccessToken::Outcome> handle(Transaction& transaction, const CommandContext& context,
                                                  core::ExchangeAccessToken& command) {
  const core::PresentedAccess subject = presented_by(command);
  TALLY_TRY_ASSIGN(LoadedAccess loaded, load_access(transaction, subject));
  const core::AccessSituation access = loaded.situation();
  core::ExchangeSituation situation{access.token, access.workspace, core::access_end(access, subject, context.at)};
  situation.is_ending = loaded.descent.is_ended || (loaded.ending && loaded.ending->covers(command.client));
  if (command.resource) {
    TALLY_TRY_ASSIGN(situation.is_resource_registered,
                     is_resource_of(transaction, command.client, command.resource->uri));
  }
  TALLY_TRY_ASSIGN(auto events, record(transaction, context, core::decide(situation, context, command)));
  core::Event& event = events.front();
  core::ExchangeAccessToken::Outcome outcome;
  outcome.token = core::evolve(std::move(loaded.token), event);
  auto& exchanged = std::get<core::AccessExchanged>(event.payload);
  outcome.access_scope = std::move(exchanged.access_scope);
  outcome.access_resource = std::move(exchanged.access_resource);
  outcome.confirmation = exchanged.confirmation;
  outcome.access_expires_at = exchanged.access_expires_at;
  outcome.access_format = format_of(exchanged);
  outcome.issued_at_seconds = core::seconds_of(context.at);
  return outcome;
}

Result<core::RevokeRefreshToken::Outcome> handle(Transaction& transaction, const CommandContext& context,
                                                 core::RevokeRefreshToken& command) {
  TALLY_TRY_ASSIGN(const auto presented, load_presented(transaction, command.presented_hash, std::nullopt));
  TALLY_TRY(record(transaction, context, core::decide(presented.situation(context.at), context, command)));
  return core::RevokeRefreshToken::Outcome{};
}

Result<core::RevokeAccessToken::Outcome> handle(Transaction& transaction, const CommandContext& context,
                                                core::RevokeAccessToken& command) {
  TALLY_TRY_ASSIGN(const auto token, load_token(transaction, command.client, command.token));
  TALLY_TRY_ASSIGN(const auto revoked, transaction.get(Family::revoked_access, key_of(command.access_token)));
  if (revoked) return core::RevokeAccessToken::Outcome{};  // said before: nothing new to record
  TALLY_TRY(record(transaction, context, core::decide(token ? &*token : nullptr, context, command)));
  return core::RevokeAccessToken::Outcome{};
}

template void CommandService::execute(CommandContext, core::GenerateToken, Done<core::GenerateToken>);
template void CommandService::execute(CommandContext, Remembered<core::GenerateToken>,
                                      Done<Remembered<core::GenerateToken>>);
template void CommandService::execute(CommandContext, core::RefreshToken, Done<core::RefreshToken>);
template void CommandService::execute(CommandContext, core::ExchangeAccessToken, Done<core::ExchangeAccessToken>);
template void CommandService::execute(CommandContext, core::RevokeRefreshToken, Done<core::RevokeRefreshToken>);
template void CommandService::execute(CommandContext, core::RevokeAccessToken, Done<core::RevokeAccessToken>);

}  // namespace tally::projections
