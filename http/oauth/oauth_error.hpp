#pragma once

#include <string>

#include "core/base/result.hpp"
#include "http/server/error_form.hpp"
#include "http/server/request.hpp"
#include "http/server/response.hpp"

namespace tally::http {

/// Source: RFC 6749 §5.2, RFC 8707, RFC 9449. The last two are of §4.1.2.1: the standard names no error of a token
/// endpoint that is overloaded or broken, and these are what other servers answer there.
enum class OAuthErrorCode : std::uint8_t {
  invalid_request,
  invalid_client,
  invalid_grant,
  invalid_scope,
  unsupported_grant_type,
  invalid_target,           ///< RFC 8707 §2
  invalid_dpop_proof,       ///< RFC 9449 §5
  use_dpop_nonce,           ///< RFC 9449 §8
  temporarily_unavailable,  ///< 503 with Retry-After. Asking again with the same refresh token is safe.
  too_many_requests,        ///< 429 with Retry-After; says temporarily_unavailable: the standard has no other word.
  server_error,             ///< 500; says nothing but the request id.
};
const char* name_of(OAuthErrorCode code);

/// The one switch from the domain's errors to the standard's.
OAuthErrorCode oauth_code_of(const core::Error& error);

/// When invalid_client names the way to authenticate (WWW-Authenticate): a public client can not, unless it tried.
enum class Challenge : std::uint8_t { if_tried, always };

/// Writes `{"error", "error_description"}`, never to be stored. 400; 401 for invalid_client, with WWW-Authenticate if
/// the client tried an Authorization field; 503 and 500. What is told of a refresh token of another workspace is what
/// is told of an unknown one.
void write_oauth_error(const Request& request, const core::Error& error, Response& response,
                       Challenge challenge = Challenge::if_tried);
/// `description`: printable ASCII; what RFC 6749 forbids there is replaced.
void write_oauth_error(const Request& request, OAuthErrorCode code, std::string_view description, Response& response,
                       Challenge challenge = Challenge::if_tried);

/// The form of everything below /oauth2: what HTTP itself refuses has the status that it has for everybody, and says
/// `invalid_request` (4xx) or, of a server that is too busy, `temporarily_unavailable`.
extern const ErrorForm kOAuthForm;

/// Cache-Control: no-store and Pragma: no-cache. Source: RFC 6749 §5.1.
void forbid_storing(Response& response);

}  // namespace tally::http
