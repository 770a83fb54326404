#include "http/oauth/token_endpoint.hpp"

#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/this_coro.hpp>

#include "core/check.hpp"
#include "core/crypto/hash.hpp"
#include "core/crypto/sealing.hpp"
#include "core/limits.hpp"
#include "core/secret.hpp"
#include "core/token/token_decider.hpp"
#include "http/auth/caller.hpp"
#include "http/oauth/oauth_error.hpp"
#include "http/oauth/oauth_form.hpp"
#include "http/server/json_writer.hpp"
#include "http/server/pending.hpp"

namespace tally::http {
namespace {

using core::Errc;
using core::Result;
using RefreshOutcome = core::RefreshToken::Outcome;

constexpr std::string_view kSealPurpose = "tally refresh successor v1";
constexpr std::string_view kGrantType = "refresh_token";

/// Who holds a form with a refresh token that is not even well-formed learns what they would of an unknown one.
Result<core::OpaqueSecret> presented_in(const OAuthForm& form) {
  TALLY_TRY_ASSIGN(const std::string_view text, form.required("refresh_token"));
  auto secret = core::OpaqueSecret::parse(core::SecretKind::refresh_token, text);
  if (secret.has_error()) return core::fail(Errc::secret_unknown, "not a refresh token of this server");
  return secret;
}

Result<std::optional<core::ScopeSet>> scope_in(const OAuthForm& form) {
  TALLY_TRY_ASSIGN(const auto text, form.optional("scope"));
  if (!text) return std::optional<core::ScopeSet>{};
  TALLY_TRY_ASSIGN(auto scope, core::ScopeSet::parse(*text, core::limits::kScopesPerTokenMax));
  return std::optional<core::ScopeSet>{std::move(scope)};
}

/// What the access token will say if the refresh succeeds as it looks now; empty if it will surely fail.
std::optional<AccessClaims> predict(const projections::TokenView& view, std::uint32_t presented_generation,
                                    const core::Policy& policy, const core::RefreshToken& command,
                                    core::Timestamp now) {
  const core::TokenState& token = view.state;
  if (view.status != core::TokenStatus::active) return std::nullopt;
  // One generation back may be a lost answer; more is a spent secret.
  if (presented_generation + 1 < token.generation) return std::nullopt;
  if (command.scope && !command.scope->is_subset_of(token.scope)) return std::nullopt;
  AccessClaims claims;
  claims.subject = token.owner;
  claims.workspace = token.workspace;
  claims.token = token.id;
  claims.id = command.access_token;
  claims.issued_at_seconds = core::seconds_of(now);
  claims.expires_at_seconds = core::seconds_of(core::access_expiry(token, policy, now));
  claims.scope = command.scope ? *command.scope : token.scope;
  return claims;
}

AccessClaims claims_of(const RefreshOutcome& outcome, core::AccessTokenId id) {
  return {outcome.token.owner,       outcome.token.workspace,
          outcome.token.id,          id,
          outcome.issued_at_seconds, core::seconds_of(outcome.access_expires_at),
          outcome.access_scope};
}

}  // namespace

/// One request on its way: what was presented, what was drawn for it, and what was signed ahead of the outcome.
struct TokenEndpoint::Refresh {
  core::OpaqueSecret presented;
  core::OpaqueSecret successor;
  core::RefreshToken command;
  core::Digest presented_hash;
  core::AccessTokenId access_token_id;
  std::optional<AccessClaims> prediction;
  std::string access_token;                         ///< Of the prediction.
  std::optional<core::OpaqueSecret> opaque_access;  ///< Drawn if the policy asks for one.
};

TokenEndpoint::TokenEndpoint(projections::CommandService& commands, const projections::TokenQueries& tokens,
                             const projections::WorkspaceQueries& workspaces, AccessTokens& access_tokens,
                             core::RandomSource& random)
    : commands_(commands), tokens_(tokens), workspaces_(workspaces), access_tokens_(access_tokens), random_(random) {}

void TokenEndpoint::add_to(Router& router) {
  AsyncHandler handler = [this](const Request& request, Response& response) { return answer(request, response); };
  router.add({Method::post, "/oauth2/token", std::move(handler), RunOn::io_thread, core::limits::kFormBytesMax});
}

Result<TokenEndpoint::Refresh> TokenEndpoint::prepare(const Request& request) const {
  TALLY_TRY_ASSIGN(const OAuthForm form, OAuthForm::read(request));
  TALLY_TRY_ASSIGN(const std::string_view grant_type, form.required("grant_type"));
  if (grant_type != kGrantType) return core::invalid("grant_type", "only refresh_token is supported");
  TALLY_TRY_ASSIGN(const core::WorkspaceState client, form.client(workspaces_));
  TALLY_TRY_ASSIGN(core::OpaqueSecret presented, presented_in(form));
  TALLY_TRY_ASSIGN(auto scope, scope_in(form));

  // Strangers' guesses and strays end here, on this thread: they shall not fill the writer's queue. A secret's home
  // never changes, and it is known before its first holder is answered.
  const core::Digest presented_hash = core::crypto::sha256(core::as_bytes(presented.reveal()));
  TALLY_TRY_ASSIGN(const auto home, tokens_.find_secret(presented_hash));
  if (!home || home->kind != core::SubjectKind::token) return core::fail(Errc::secret_unknown, "unknown refresh token");
  if (home->workspace != client.id) return core::fail(Errc::wrong_workspace, "a refresh token of another workspace");
  TALLY_TRY_ASSIGN(const auto view, tokens_.find(client.id, core::TokenId{home->subject}, request.received_at));

  Refresh refresh{std::move(presented),
                  core::OpaqueSecret::generate(core::SecretKind::refresh_token, random_),
                  {},
                  presented_hash,
                  {},
                  std::nullopt,
                  {},
                  std::nullopt};
  refresh.access_token_id = core::draw_id<core::AccessTokenId>(random_, request.received_at);
  core::RefreshToken& command = refresh.command;
  command.client = client.id;
  command.presented_hash = presented_hash;
  command.successor_hash = core::crypto::sha256(core::as_bytes(refresh.successor.reveal()));
  command.sealed_successor = core::crypto::seal(refresh.presented.reveal(), kSealPurpose, presented_hash.bytes,
                                                refresh.successor.reveal(), random_);
  command.scope = std::move(scope);
  command.access_token = refresh.access_token_id;
  if (client.policy.access_token_format == core::AccessTokenFormat::opaque) {
    refresh.opaque_access = core::OpaqueSecret::generate(core::SecretKind::access_token, random_);
    command.access_token_hash = core::crypto::sha256(core::as_bytes(refresh.opaque_access->reveal()));
    return refresh;
  }
  if (view) refresh.prediction = predict(*view, home->generation, client.policy, command, request.received_at);
  return refresh;
}

boost::asio::awaitable<void> TokenEndpoint::answer(const Request& request, Response& response) const {
  Result<Refresh> prepared = prepare(request);
  if (prepared.has_error()) {
    write_oauth_error(request, prepared.error(), response);
    co_return;
  }
  Refresh& refresh = *prepared;
  const boost::asio::any_io_executor executor = co_await boost::asio::this_coro::executor;
  const core::Actor actor{core::ActorKind::client, refresh.command.client->uuid()};
  auto pending = Pending<core::RefreshToken>::start(commands_, executor, context_of_client(request, actor, random_),
                                                    std::move(refresh.command));
  // Signing and syncing take about as long: they are done at the same time.
  if (refresh.prediction) refresh.access_token = access_tokens_.sign(*refresh.prediction);
  const auto committed = co_await pending.wait();
  if (committed.has_error()) {
    write_oauth_error(request, committed.error(), response);
    co_return;
  }
  const Result<void> written = write_answer(refresh, *committed, response);
  if (written.has_error()) write_oauth_error(request, written.error(), response);
}

Result<void> TokenEndpoint::write_answer(const Refresh& refresh,
                                         const projections::Committed<RefreshOutcome>& committed,
                                         Response& response) const {
  const RefreshOutcome& outcome = committed.outcome;
  core::SecretText earlier_successor;
  std::string_view refresh_token = refresh.successor.reveal();
  if (outcome.retried) {
    TALLY_TRY_ASSIGN(earlier_successor, core::crypto::unseal(refresh.presented.reveal(), kSealPurpose,
                                                             refresh.presented_hash.bytes, outcome.sealed_successor));
    refresh_token = earlier_successor.reveal();
  }
  const AccessClaims claims = claims_of(outcome, refresh.access_token_id);
  std::string signed_again;
  std::string_view access_token = refresh.access_token;
  if (outcome.access_format == core::AccessTokenFormat::opaque) {
    access_token = refresh.opaque_access->reveal();
  } else if (refresh.prediction != claims) {
    signed_again = access_tokens_.sign(claims);
    access_token = signed_again;
  }
  response.start(200, kJson);
  forbid_storing(response);
  response.set_sequence(committed.sequence);
  const std::string scope = claims.scope.str();
  JsonWriter{response.body()}
      .begin_object()
      .member("access_token", access_token)
      .member("token_type", "Bearer")
      .member("expires_in", claims.expires_at_seconds - claims.issued_at_seconds)
      .member("refresh_token", refresh_token)
      .member("refresh_token_expires_in", core::seconds_of(outcome.token.expires_at) - claims.issued_at_seconds)
      .member("scope", std::string_view{scope})
      .end_object();
  return {};
}

}  // namespace tally::http
