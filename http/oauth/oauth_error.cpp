#include "http/oauth/oauth_error.hpp"

#include <algorithm>

#include "http/server/exchange_notes.hpp"
#include "http/server/json_writer.hpp"
#include "http/server/untold.hpp"

namespace tally::http {
namespace {

using core::Errc;

constexpr std::string_view kRetryAfterSeconds = "1";

unsigned status_of(OAuthErrorCode code) {
  switch (code) {
    case OAuthErrorCode::invalid_request:
    case OAuthErrorCode::invalid_grant:
    case OAuthErrorCode::invalid_scope:
    case OAuthErrorCode::unsupported_grant_type:
    case OAuthErrorCode::invalid_target:
    case OAuthErrorCode::invalid_dpop_proof:
    case OAuthErrorCode::use_dpop_nonce:
      return 400;
    case OAuthErrorCode::invalid_client:
      return 401;
    case OAuthErrorCode::temporarily_unavailable:
      return 503;
    case OAuthErrorCode::too_many_requests:
      return 429;
    case OAuthErrorCode::server_error:
      return 500;
  }
  core::check_failed("a known OAuthErrorCode", __FILE__, __LINE__, std::to_string(static_cast<int>(code)));
}

/// RFC 6749 §5.2 allows %x20-21 / %x23-5B / %x5D-7E.
std::string tame(std::string_view description) {
  std::string out{description};
  for (char& character : out) {
    if (character == '"' || character == '\\') character = '\'';
    if (character < 0x20 || character > 0x7e) character = '?';
  }
  return out;
}

std::string description_of(const Request& request, OAuthErrorCode code, const core::Error& error) {
  if (code == OAuthErrorCode::server_error) return "request " + std::string{request.request_id};
  if (const auto sentence = told_instead(error.code)) return std::string{*sentence};
  if (error.code == Errc::wrong_workspace || error.code == Errc::secret_unknown) return "unknown refresh token";
  if (error.field.empty()) return error.detail;
  return error.field + ": " + error.detail;
}

}  // namespace

const char* name_of(OAuthErrorCode code) {
  switch (code) {
    case OAuthErrorCode::invalid_request:
      return "invalid_request";
    case OAuthErrorCode::invalid_client:
      return "invalid_client";
    case OAuthErrorCode::invalid_grant:
      return "invalid_grant";
    case OAuthErrorCode::invalid_scope:
      return "invalid_scope";
    case OAuthErrorCode::unsupported_grant_type:
      return "unsupported_grant_type";
    case OAuthErrorCode::invalid_target:
      return "invalid_target";
    case OAuthErrorCode::invalid_dpop_proof:
      return "invalid_dpop_proof";
    case OAuthErrorCode::use_dpop_nonce:
      return "use_dpop_nonce";
    case OAuthErrorCode::temporarily_unavailable:
    case OAuthErrorCode::too_many_requests:
      return "temporarily_unavailable";
    case OAuthErrorCode::server_error:
      return "server_error";
  }
  core::check_failed("a known OAuthErrorCode", __FILE__, __LINE__, std::to_string(static_cast<int>(code)));
}

OAuthErrorCode oauth_code_of(const core::Error& error) {
  switch (error.code) {
    case Errc::invalid_argument:
      if (error.field == "scope") return OAuthErrorCode::invalid_scope;
      if (error.field == "grant_type") return OAuthErrorCode::unsupported_grant_type;
      return OAuthErrorCode::invalid_request;
    case Errc::malformed:
    case Errc::already_exists:
    case Errc::conflict:
    case Errc::limit_exceeded:
    case Errc::too_large:
    case Errc::precondition_failed:
    case Errc::idempotency_mismatch:
    case Errc::last_break_glass:
      return OAuthErrorCode::invalid_request;
    case Errc::unauthenticated:
    case Errc::forbidden:
    case Errc::unknown_client:
      return OAuthErrorCode::invalid_client;
    case Errc::not_found:
    case Errc::secret_unknown:
    case Errc::secret_reused:
    case Errc::token_expired:
    case Errc::token_disabled:
    case Errc::token_deleted:
    case Errc::wrong_workspace:
    case Errc::binding_failed:
      return OAuthErrorCode::invalid_grant;
    case Errc::resource_refused:
      return OAuthErrorCode::invalid_target;
    case Errc::invalid_proof:
      return OAuthErrorCode::invalid_dpop_proof;
    case Errc::nonce_required:
      return OAuthErrorCode::use_dpop_nonce;
    case Errc::scope_exceeded:
      return OAuthErrorCode::invalid_scope;
    case Errc::rate_limited:
      return OAuthErrorCode::too_many_requests;
    case Errc::overloaded:
    case Errc::outcome_unknown:
    case Errc::stopping:
    case Errc::no_space:
    case Errc::clock_in_doubt:
      return OAuthErrorCode::temporarily_unavailable;
    case Errc::locked:
    case Errc::bad_configuration:
    case Errc::unreachable:
    case Errc::corrupt:
    case Errc::io_failed:
    case Errc::unknown_event:
    case Errc::internal:
      return OAuthErrorCode::server_error;
  }
  core::check_failed("a known Errc", __FILE__, __LINE__, std::to_string(static_cast<int>(error.code)));
}

void forbid_storing(Response& response) {
  response.set_no_store();
  response.set("Pragma", "no-cache");
}

void write_oauth_error(const Request& request, const core::Error& error, Response& response, Challenge challenge) {
  const OAuthErrorCode code = oauth_code_of(error);
  request.notes().attempt.refuse(error.code);
  note_untold(request, error);
  write_oauth_error(request, code, description_of(request, code, error), response, challenge);
}

void write_oauth_error(const Request& request, OAuthErrorCode code, std::string_view description, Response& response,
                       Challenge challenge) {
  response.clear();
  response.start(status_of(code), kJson);
  forbid_storing(response);
  if (code == OAuthErrorCode::invalid_client && (challenge == Challenge::always || request.header("Authorization"))) {
    response.set("WWW-Authenticate", R"(Basic realm="tally", charset="UTF-8")");
  }
  if (code == OAuthErrorCode::temporarily_unavailable) response.set("Retry-After", kRetryAfterSeconds);
  if (code == OAuthErrorCode::too_many_requests) {
    response.set("Retry-After", std::to_string(request.notes().rates.retry_after_seconds()));
  }
  const std::string tamed = tame(description);
  JsonWriter{response.body()}
      .begin_object()
      .member("error", name_of(code))
      .member("error_description", std::string_view{tamed})
      .end_object();
}

const ErrorForm kOAuthForm{[](const Request& request, const core::Error& error, Response& response) {
                             write_oauth_error(request, error, response);
                           },
                           [](const Request& request, const HttpRefusal& refusal, Response& response) {
                             const bool is_ours = refusal.status >= 500;
                             const auto code =
                                 is_ours ? OAuthErrorCode::temporarily_unavailable : OAuthErrorCode::invalid_request;
                             write_oauth_error(request, code, refusal.detail, response);
                             response.set_status(refusal.status);
                           }};

}  // namespace tally::http
