#include "http/oauth/revocation_endpoint.hpp"

#include <variant>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/this_coro.hpp>

#include "core/crypto/hash.hpp"
#include "core/token/token_commands.hpp"
#include "http/auth/caller.hpp"
#include "http/commands/pending.hpp"
#include "http/oauth/oauth_error.hpp"
#include "http/oauth/oauth_form.hpp"
#include "http/server/limits.hpp"

namespace tally::http {
namespace {

using core::Result;

constexpr RoutePolicy kRevocationPolicy{.audience = Audience::client,
                                        .body_bytes_max = limits::kFormBytesMax,
                                        .error_form = &kOAuthForm,
                                        .cross_origin = CrossOrigin::open};

struct NothingToRevoke {};
struct Revocation {
  core::WorkspaceId client;
  core::Credential credential = {};  ///< What is revoked, and so is its own authority.
  std::variant<NothingToRevoke, core::RevokeRefreshToken, core::RevokeAccessToken> command = {};
};

/// Of a refresh token, or of a token of the system before.
Result<Revocation> revocation_of_secret(core::WorkspaceId client, const core::Digest& hash,
                                        const projections::SecretHome& home, const projections::TokenQueries& tokens) {
  if (home.kind != core::SubjectKind::token || home.workspace != client) return Revocation{client};
  const core::TokenId id{home.subject};
  TALLY_TRY_ASSIGN(const auto token, tokens.find_state(client, id));
  const bool is_legacy = token && token->kind == core::TokenKind::legacy;
  const auto kind = is_legacy ? core::CredentialKind::legacy_token : core::CredentialKind::refresh_token;
  return Revocation{client, {kind, id.uuid(), {}}, core::RevokeRefreshToken{client, hash}};
}

Result<Revocation> revocation_of_access_token(core::WorkspaceId client, const Result<AccessClaims>& claims) {
  if (claims.has_error() && is_about_storage(claims.error())) return claims.error();
  if (claims.has_error() || claims->workspace != client) return Revocation{client};
  const auto expires_at = core::Timestamp{std::chrono::seconds{claims->expires_at_seconds}};
  return Revocation{client, bearer_credential(claims->token, claims->id),
                    core::RevokeAccessToken{client, claims->token, claims->id, expires_at}};
}

Result<Revocation> read_revocation(const Request& request, const projections::WorkspaceQueries& workspaces,
                                   const projections::TokenQueries& tokens, AccessTokens& access_tokens) {
  TALLY_TRY_ASSIGN(const OAuthForm form, OAuthForm::read(request));
  TALLY_TRY_ASSIGN(const std::string_view token, form.required("token"));
  TALLY_TRY(form.optional("token_type_hint"));  // The token's own form says which it is.
  TALLY_TRY_ASSIGN(const core::WorkspaceState client, form.client(request, workspaces));
  auto access = access_tokens.verify(token, request.received_at);
  if (AccessTokens::is_ours(access)) return revocation_of_access_token(client.id, std::move(access));
  // Any other text may be a legacy token, also one that looks like ours.
  const core::Digest hash = core::crypto::sha256(core::as_bytes(token));
  TALLY_TRY_ASSIGN(const auto home, tokens.find_secret(hash));
  if (home) return revocation_of_secret(client.id, hash, *home, tokens);
  return revocation_of_access_token(client.id, std::move(access));
}

template <class Command>
boost::asio::awaitable<Result<void>> run_revocation(projections::CommandService& commands, core::CommandContext context,
                                                    Command command) {
  const boost::asio::any_io_executor executor = co_await boost::asio::this_coro::executor;
  auto pending = Pending<Command>::start(commands, executor, std::move(context), std::move(command));
  co_await pending.arrival();
  const auto answer = pending.take();
  if (answer.has_error()) co_return answer.error();
  co_return Result<void>{};
}

}  // namespace

RevocationEndpoint::RevocationEndpoint(projections::CommandService& commands, const projections::TokenQueries& tokens,
                                       const projections::WorkspaceQueries& workspaces, AccessTokens& access_tokens,
                                       core::RandomSource& random)
    : commands_(commands), tokens_(tokens), workspaces_(workspaces), access_tokens_(access_tokens), random_(random) {}

void RevocationEndpoint::add_to(Router& router) {
  AsyncHandler handler = [this](const Request& request, Response& response) { return answer(request, response); };
  router.add({Method::post, "/oauth2/revoke", std::move(handler), kRevocationPolicy});
}

boost::asio::awaitable<void> RevocationEndpoint::answer(const Request& request, Response& response) const {
  const Result<Revocation> revocation = read_revocation(request, workspaces_, tokens_, access_tokens_);
  if (revocation.has_error()) {
    write_oauth_error(request, revocation.error(), response);
    co_return;
  }
  const core::Actor actor{core::ActorKind::client, revocation->client.uuid()};
  core::CommandContext context = context_of_client(request, actor, revocation->credential, random_);
  Result<void> revoked;
  if (const auto* refresh_token = std::get_if<core::RevokeRefreshToken>(&revocation->command)) {
    revoked = co_await run_revocation(commands_, std::move(context), *refresh_token);
  } else if (const auto* access_token = std::get_if<core::RevokeAccessToken>(&revocation->command)) {
    revoked = co_await run_revocation(commands_, std::move(context), *access_token);
  }
  if (revoked.has_error()) {
    write_oauth_error(request, revoked.error(), response);
    co_return;
  }
  // Clients do not read it (RFC 7009 §2.2), but some want it to be what every other answer of this server is: JSON.
  response.start(200, kJson);
  forbid_storing(response);
  response.body().assign("{}");
}

}  // namespace tally::http
