#include "http/oauth/refresh_beside.hpp"

#include <string>
#include <utility>

#include "http/oauth/oauth_error.hpp"
#include "http/server/authorization.hpp"
#include "http/server/exchange_notes.hpp"
#include "http/server/problem.hpp"

namespace tally::http {
namespace {

using core::Errc;

/// What the domain says of a refresh token, as a caller of a protected endpoint sees it.
core::Error refusal_of(const core::Error& error) {
  const bool is_dead = error.code == Errc::malformed || oauth_code_of(error) == OAuthErrorCode::invalid_grant;
  return is_dead ? core::fail(Errc::unauthenticated, "the refresh token beside the request is not good") : error;
}

FreshAccess fresh_access_of(RefreshedPair pair) {
  std::string fields = "Tally-Access-Token: " + pair.access_token;
  fields += "\r\nTally-Access-Token-Expires-In: " + std::to_string(pair.expires_in());
  fields.append("\r\nTally-Refresh-Token: ").append(pair.refresh_token.reveal());
  fields += "\r\nCache-Control: no-store\r\n";
  return {core::SecretText{std::move(pair.access_token)}, core::SecretText{std::move(fields)}};
}

}  // namespace

RefreshBeside::RefreshBeside(const TokenRefresher& refresher, AccessTokens& access_tokens)
    : refresher_(refresher),
      access_tokens_(access_tokens),
      prelude_{kField, [this](const Request& request, Response& response) { return run(request, response); }} {}

bool RefreshBeside::is_wanted(const Request& request) const {
  const auto authorization = request.header("Authorization");
  // The new access token would need a proof that names it, which nobody can have made yet.
  if (authorization && is_of_scheme(*authorization, "DPoP")) return false;
  const auto token = authorization ? credentials_of(*authorization, "Bearer") : std::nullopt;
  if (!token) return true;
  const auto claims = access_tokens_.verify(*token, request.received_at);
  return claims.has_error() && claims.error().code == Errc::token_expired;
}

boost::asio::awaitable<PreludeOutcome> RefreshBeside::run(const Request& request, Response& response) const {
  if (!is_wanted(request)) co_return PreludeOutcome::go_on;
  if (request.header_count(kField) != 1) {
    write_problem(request, core::fail(Errc::malformed, "Tally-Refresh-Token is there more than once"), response);
    co_return PreludeOutcome::answered;
  }
  auto presented = core::OpaqueSecret::parse(core::SecretKind::refresh_token, *request.header(kField));
  if (presented.has_error()) {
    write_problem(request, refusal_of(presented.error()), response);
    co_return PreludeOutcome::answered;
  }
  RefreshAsk ask{*std::move(presented), std::nullopt, std::nullopt};
  boost::asio::awaitable<core::Result<RefreshedPair>> refreshing = refresher_.refresh(request, std::move(ask));
  core::Result<RefreshedPair> pair = co_await std::move(refreshing);
  if (pair.has_error()) {
    request.notes().attempt.refuse(pair.error().code);
    write_problem(request, refusal_of(pair.error()), response);
    co_return PreludeOutcome::answered;
  }
  request.notes().fresh_access = fresh_access_of(*std::move(pair));
  co_return PreludeOutcome::go_on;
}

}  // namespace tally::http
