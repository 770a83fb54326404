#include "http/oauth/admission.hpp"

#include <algorithm>
#include <array>

#include "http/oauth/oauth_error.hpp"
#include "http/server/problem.hpp"

namespace tally::http {
namespace {

constexpr std::array<std::string_view, 4> kAdmittedAlways{"/healthz", "/readyz", "/metrics", "/oauth2/token"};

}  // namespace

bool admit_request(RequestLimits& limits, const Request& request, Response& response) {
  if (std::find(kAdmittedAlways.begin(), kAdmittedAlways.end(), request.path) != kAdmittedAlways.end()) return true;
  const core::Result<void> admitted = limits.admit_address(request);
  if (admitted.has_value()) return true;
  if (request.path.starts_with("/oauth2/")) {
    write_oauth_error(request, admitted.error(), response);
  } else {
    write_problem(request, admitted.error(), response);
  }
  return false;
}

}  // namespace tally::http
