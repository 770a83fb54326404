#include "http/oauth/token_endpoint.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "core/token/token_commands.hpp"
#include "http/auth/confirmation.hpp"
#include "http/oauth/oauth_error.hpp"
#include "http/oauth/oauth_form.hpp"
#include "http/server/json_writer.hpp"
#include "http/server/limits.hpp"

namespace tally::http {
namespace {

using core::Errc;
using core::Result;

/// By its form alone: whether it is good, or ever was, nobody learns here.
bool looks_like_access_token(std::string_view text) {
  const bool is_opaque = core::OpaqueSecret::parse(core::SecretKind::access_token, text).has_value();
  return is_opaque || (text.starts_with("eyJ") && std::ranges::count(text, '.') == 2);
}

/// Who holds a form with a refresh token that is not even well-formed learns what they would of an unknown one, but for
/// the other of the two tokens that they were given.
Result<core::OpaqueSecret> presented_in(const OAuthForm& form) {
  TALLY_TRY_ASSIGN(const std::string_view text, form.required("refresh_token"));
  auto secret = core::OpaqueSecret::parse(core::SecretKind::refresh_token, text);
  if (secret.has_value()) return secret;
  if (looks_like_access_token(text)) {
    return core::fail(Errc::not_found, "that is an access token; the refresh token begins with tlr_");
  }
  return core::fail(Errc::secret_unknown, "not a refresh token of this server");
}

constexpr RoutePolicy kTokenPolicy{.audience = Audience::client,
                                   .address_limit = AddressLimit::of_the_living,
                                   .body_bytes_max = limits::kFormBytesMax,
                                   .error_form = &kOAuthForm,
                                   .cross_origin = CrossOrigin::open,
                                   .proof_nonce = ProofNonce::offered};

/// A family ends when it ends, however often it is refreshed: the refresh token, how long it may be kept unused, and
/// what it stands for have one end. Source: RFC 6749 §5.1; draft-ietf-oauth-refresh-token-expiration.
void write_pair(const RefreshedPair& pair, Response& response) {
  response.start(200, kJson);
  forbid_storing(response);
  response.set_sequence(pair.sequence);
  const std::string scope = pair.claims.scope.str();
  JsonWriter{response.body()}
      .begin_object()
      .member("access_token", std::string_view{pair.access_token})
      .member("token_type", token_type_of(pair.claims.confirmation))
      .member("expires_in", pair.expires_in())
      .member("refresh_token", pair.refresh_token.reveal())
      .member("refresh_token_expires_in", pair.refresh_expires_in())
      .member("refresh_token_timeout", pair.refresh_expires_in())
      .member("authorization_expires_in", pair.refresh_expires_in())
      .member("scope", std::string_view{scope})
      .end_object();
}

}  // namespace

TokenEndpoint::TokenEndpoint(const TokenRefresher& refresher, const TokenExchange& exchange,
                             const projections::WorkspaceQueries& workspaces, const AccessTokens& access_tokens)
    : refresher_(refresher), exchange_(exchange), workspaces_(workspaces), access_tokens_(access_tokens) {}

void TokenEndpoint::add_to(Router& router) {
  AsyncHandler handler = [this](const Request& request, Response& response) { return answer(request, response); };
  router.add({Method::post, "/oauth2/token", std::move(handler), kTokenPolicy});
}

Result<RefreshAsk> TokenEndpoint::read(const Request& request, const Result<OAuthForm>& sent) const {
  if (sent.has_error()) return sent.error();
  const OAuthForm& form = *sent;
  TALLY_TRY_ASSIGN(const std::string_view grant_type, form.required("grant_type"));
  if (grant_type != "refresh_token") {
    return core::invalid("grant_type", "only refresh_token and token-exchange are supported");
  }
  TALLY_TRY_ASSIGN(core::WorkspaceState client, form.client(request, workspaces_));
  TALLY_TRY_ASSIGN(core::OpaqueSecret presented, presented_in(form));
  TALLY_TRY_ASSIGN(auto scope, form.scope());
  TALLY_TRY_ASSIGN(auto resource, form.resource(access_tokens_, client.id));
  return RefreshAsk{std::move(presented),    std::move(client),
                    std::move(scope),        std::move(resource).value_or(core::AskedResource{}),
                    RefreshAsk::Proof::read, LiveGrant::Unasked::address_and_caller};
}

boost::asio::awaitable<void> TokenEndpoint::answer(const Request& request, Response& response) const {
  Result<OAuthForm> form = OAuthForm::read(request);
  if (form.has_value() && form->has("grant_type", TokenExchange::kGrantType)) {
    return exchange_.answer(request, *std::move(form), response);
  }
  return refresh(request, std::move(form), response);
}

boost::asio::awaitable<void> TokenEndpoint::refresh(const Request& request, Result<OAuthForm> form,
                                                    Response& response) const {
  Result<RefreshAsk> ask = read(request, form);
  if (ask.has_error()) {
    write_oauth_error(request, ask.error(), response);
    co_return;
  }
  boost::asio::awaitable<Result<RefreshedPair>> refreshing = refresher_.refresh(request, *std::move(ask));
  const Result<RefreshedPair> pair = co_await std::move(refreshing);
  if (pair.has_error()) {
    write_oauth_error(request, pair.error(), response);
  } else {
    write_pair(*pair, response);
  }
}

}  // namespace tally::http
