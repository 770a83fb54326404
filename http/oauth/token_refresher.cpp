#include "http/oauth/token_refresher.hpp"

#include <chrono>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/this_coro.hpp>

#include "core/base/limits.hpp"
#include "core/crypto/hash.hpp"
#include "core/crypto/sealing.hpp"
#include "core/token/lost_answer.hpp"
#include "core/token/token_commands.hpp"
#include "core/token/token_decider.hpp"
#include "http/auth/caller.hpp"
#include "http/auth/confirmation.hpp"
#include "http/commands/pending.hpp"
#include "http/server/exchange_notes.hpp"

namespace tally::http {
namespace {

using core::Errc;
using core::Result;
using RefreshOutcome = core::RefreshToken::Outcome;

constexpr std::string_view kSealPurpose = "tally refresh successor v1";

/// What the access token will say if the refresh of a living token succeeds as it looks now; empty if it will surely
/// fail. The resource is looked up by the writer alone.
std::optional<AccessClaims> predict(const core::TokenState& token, const core::WorkspaceState& client,
                                    const core::RefreshToken& command, core::Timestamp now) {
  core::RefreshSituation situation{&token, command.presented_home->generation, &client};
  situation.is_resource_registered = true;
  auto grant = core::refresh_grant(situation, command, now);
  if (grant.has_error()) return std::nullopt;
  AccessClaims claims = AccessClaims::issued(token, command.access_token, std::move(grant->scope),
                                             core::seconds_of(now), grant->expires_at);
  if (grant->newly_bound) claims.confirmation = grant->newly_bound;
  claims.resource = std::move(grant->resource);
  return claims;
}

AccessClaims claims_of(const RefreshOutcome& outcome, core::AccessTokenId id) {
  AccessClaims claims = AccessClaims::issued(outcome.token, id, outcome.access_scope, outcome.issued_at_seconds,
                                             outcome.access_expires_at);
  claims.resource = outcome.access_resource;
  return claims;
}

}  // namespace

/// One refresh on its way: what was presented, what was drawn for it, and what was signed ahead of the outcome.
struct TokenRefresher::Refresh {
  core::OpaqueSecret presented;
  core::OpaqueSecret successor;
  core::RefreshToken command;
  core::Digest presented_hash;
  core::AccessTokenId access_token_id;
  std::optional<AccessClaims> prediction;
  std::string access_token;                         ///< Of the prediction.
  std::optional<core::OpaqueSecret> opaque_access;  ///< Drawn if the policy asks for one.
  LiveGrant::Unasked unasked = LiveGrant::Unasked::caller;
  bool is_alive = false;  ///< As it looks now: the family's current one, or a lost answer.
  bool is_told_too_often = false;
  std::chrono::seconds retry_window{1};  ///< Of a lost answer,
  std::chrono::seconds retry_pause{1};   ///< and after how long one that was told too often may be asked for again.
};

TokenRefresher::TokenRefresher(projections::CommandService& commands, const projections::TokenQueries& tokens,
                               const projections::WorkspaceQueries& workspaces, AccessTokens& access_tokens,
                               DPoPVerifier& proofs, core::RandomSource& random, RequestLimits& limits)
    : commands_(commands),
      tokens_(tokens),
      workspaces_(workspaces),
      access_tokens_(access_tokens),
      proofs_(proofs),
      random_(random),
      limits_(limits) {}

Result<std::optional<core::Confirmation>> TokenRefresher::proven_by(
    const Request& request, RefreshAsk::Proof proof, const std::optional<core::Confirmation>& bound_to) const {
  if (is_bound_to_certificate(bound_to)) return certificate_of(request);
  if (proof == RefreshAsk::Proof::not_read) return std::optional<core::Confirmation>{};
  // Who sends a proof says by what to be known; a certificate is shown with every request of its connection.
  if (DPoPVerifier::has_proof(request)) {
    TALLY_TRY_ASSIGN(const core::Confirmation proven, proofs_.verify(request, ProofNeeds{}));
    return std::optional{proven};
  }
  return bound_to ? std::nullopt : certificate_of(request);
}

Result<TokenRefresher::Refresh> TokenRefresher::prepare(const Request& request, RefreshAsk ask) const {
  // Strangers' guesses and strays end here, on this thread: they shall not fill the writer's queue. A secret's home
  // never changes, and it is known before its first holder is answered.
  const core::Digest presented_hash = core::crypto::sha256(core::as_bytes(ask.presented.reveal()));
  TALLY_TRY_ASSIGN(const auto found, tokens_.find_secret(presented_hash));
  const auto home = found ? found->refresh_token() : std::nullopt;
  if (!home) return core::fail(Errc::secret_unknown, "unknown refresh token");
  if (!ask.client) {
    TALLY_TRY_ASSIGN(ask.client, workspaces_.find(home->workspace));
    if (!ask.client) return core::fail(Errc::corrupt, "a secret's workspace is not there");
  }
  const core::WorkspaceState& client = *ask.client;
  // In whose audit a refusal stands: that of the token, whoever presents it.
  request.notes().attempt = {core::Actor{core::ActorKind::client, client.id.uuid()},
                             core::Via::oauth,
                             {core::CredentialKind::refresh_token, home->token.uuid(), {}},
                             home->workspace,
                             home->token,
                             std::nullopt};
  if (home->workspace != client.id) return core::fail(Errc::wrong_workspace, "a refresh token of another workspace");
  TALLY_TRY_ASSIGN(const auto token, tokens_.find_state(client.id, home->token));

  Refresh refresh{std::move(ask.presented),
                  core::OpaqueSecret::generate(core::SecretKind::refresh_token, random_),
                  {},
                  presented_hash,
                  core::draw_id<core::AccessTokenId>(random_, request.received_at),
                  std::nullopt,
                  {},
                  std::nullopt,
                  ask.unasked};
  core::RefreshToken& command = refresh.command;
  command.client = client.id;
  command.presented_hash = presented_hash;
  command.presented_home = home;
  command.successor_hash = core::crypto::sha256(core::as_bytes(refresh.successor.reveal()));
  command.sealed_successor = core::crypto::seal(refresh.presented.reveal(), kSealPurpose, presented_hash.bytes,
                                                refresh.successor.reveal(), random_);
  command.scope = std::move(ask.scope);
  command.resource = std::move(ask.resource);
  const auto bound_to = token ? token->confirmation : std::nullopt;
  TALLY_TRY_ASSIGN(command.proven, proven_by(request, ask.proof, bound_to));
  command.access_token = refresh.access_token_id;
  if (client.policy.access_token_format == core::AccessTokenFormat::opaque) {
    refresh.opaque_access = core::OpaqueSecret::generate(core::SecretKind::access_token, random_);
    command.access_token_hash = core::crypto::sha256(core::as_bytes(refresh.opaque_access->reveal()));
  }
  if (token) TALLY_TRY(find_life(request, *token, client, refresh));
  if (refresh.is_alive) refresh.prediction = predict(*token, client, command, request.received_at);
  return refresh;
}

// Whatever else is asked for with it, and granted or not.
Result<void> TokenRefresher::find_life(const Request& request, const core::TokenState& token,
                                       const core::WorkspaceState& client, Refresh& refresh) const {
  if (core::status_at(token, request.received_at, client.cut_off_at) != core::TokenStatus::active) return {};
  const std::uint32_t generation = refresh.command.presented_home->generation;
  refresh.is_alive = generation == token.generation;
  // One generation back may be a lost answer; more is a spent secret.
  if (generation + 1 != token.generation) return {};
  TALLY_TRY_ASSIGN(const core::LostAnswer lost,
                   tokens_.lost_answer(token, client, refresh.command.proven, request.received_at));
  refresh.is_alive = lost != core::LostAnswer::none;
  refresh.is_told_too_often = lost == core::LostAnswer::too_often;
  refresh.retry_window = core::retry_window(token, client.policy);
  refresh.retry_pause = core::retry_pause(token, client.policy, request.received_at);
  return {};
}

/// For the answer's Retry-After.
void TokenRefresher::note_too_often(const Request& request, const Refresh& refresh) {
  const auto seconds = static_cast<std::uint32_t>(refresh.retry_pause.count());
  request.notes().rates.add({"lost-answer", core::limits::kRetriesPerSuccessorMax, refresh.retry_window},
                            {false, 0, seconds, seconds});
}

Result<void> TokenRefresher::admit(const Request& request, const Refresh& refresh) const {
  if (!refresh.is_alive) return {};
  TALLY_TRY(limits_.admit_grant(request, {*refresh.command.client, refresh.unasked}));
  if (!refresh.is_told_too_often) return {};
  note_too_often(request, refresh);
  return core::told_too_often();
}

boost::asio::awaitable<Result<RefreshedPair>> TokenRefresher::refresh(const Request& request, RefreshAsk ask) const {
  Result<Refresh> prepared = prepare(request, std::move(ask));
  if (prepared.has_error()) co_return prepared.error();
  Refresh& refresh = *prepared;
  if (const Result<void> admitted = admit(request, refresh); admitted.has_error()) co_return admitted.error();
  const boost::asio::any_io_executor executor = co_await boost::asio::this_coro::executor;
  const core::Actor actor{core::ActorKind::client, refresh.command.client->uuid()};
  const core::Credential credential{core::CredentialKind::refresh_token, {}, {}};  // of the event's own token
  auto pending = Pending<core::RefreshToken>::start(
      commands_, executor, context_of_client(request, actor, credential, random_), std::move(refresh.command));
  // Signing and syncing take about as long: they are done at the same time.
  if (refresh.prediction && !refresh.opaque_access) refresh.access_token = access_tokens_.sign(*refresh.prediction);
  co_await pending.arrival();
  const auto committed = pending.take();
  if (committed.has_error()) {
    // Others have asked meanwhile.
    if (committed.error().code == Errc::rate_limited) note_too_often(request, refresh);
    co_return committed.error();
  }
  co_return finish(refresh, *committed);
}

Result<RefreshedPair> TokenRefresher::finish(Refresh& refresh,
                                             const projections::Committed<RefreshOutcome>& committed) const {
  const RefreshOutcome& outcome = committed.outcome;
  RefreshedPair pair;
  if (outcome.retried) {
    TALLY_TRY_ASSIGN(pair.refresh_token, core::crypto::unseal(refresh.presented.reveal(), kSealPurpose,
                                                              refresh.presented_hash.bytes, outcome.sealed_successor));
  } else {
    pair.refresh_token = std::move(refresh.successor).take();
  }
  pair.claims = claims_of(outcome, refresh.access_token_id);
  if (outcome.access_format == core::AccessTokenFormat::opaque) {
    pair.access_token = refresh.opaque_access->reveal();
  } else if (!refresh.access_token.empty() && refresh.prediction == pair.claims) {
    pair.access_token = std::move(refresh.access_token);
  } else {
    pair.access_token = access_tokens_.sign(pair.claims);
  }
  pair.refresh_expires_at_seconds = core::seconds_of(outcome.token.expires_at);
  pair.sequence = committed.sequence;
  return pair;
}

}  // namespace tally::http
