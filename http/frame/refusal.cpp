#include "http/frame/refusal.hpp"

#include "core/base/check.hpp"
#include "http/server/authorization.hpp"
#include "http/server/challenge.hpp"
#include "http/server/exchange_notes.hpp"
#include "http/server/problem.hpp"

namespace tally::http {

void throw_exception_from_error(const Refusal& refusal, const boost::source_location& where) {
  core::check_failed("a checked request has a value", where.file_name(), static_cast<int>(where.line()),
                     refusal.detail);
}

void write_refusal(const Request& request, const Refusal& refusal, Response& response) {
  response.clear();
  if (refusal.http_status != 0) {
    write_http_problem(request, refusal.http_status, refusal.http_code, refusal.detail, response);
    return;
  }
  TALLY_CHECK(!refusal.errors.empty());
  if (refusal.errors.size() == 1) {
    const core::Error& error = refusal.errors.front();
    request.notes().attempt.refuse(error.code);
    write_problem(request, error, response);
    // RFC 6750 §3.1: the token is good, but not for this.
    const std::string_view authorization = request.header("Authorization").value_or("");
    const bool has_token = is_of_scheme(authorization, "Bearer") || is_of_scheme(authorization, "DPoP");
    if (error.code == core::Errc::forbidden && has_token) write_challenges(request, error.code, response);
  } else {
    write_problem(request, refusal.errors, response);
  }
}

}  // namespace tally::http
