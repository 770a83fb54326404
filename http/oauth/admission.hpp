#pragma once

#include "http/auth/request_limits.hpp"
#include "http/server/request.hpp"
#include "http/server/response.hpp"

namespace tally::http {

/// Whether the request's address may ask, before anything is done for it; for ServerOptions::admit. False: the refusal
/// is written, in the form of the path: OAuth's, or a problem. Left out are what watches over the server (/healthz,
/// /readyz, /metrics), and /oauth2/token, which asks for itself: a dead refresh token is told so in any case.
bool admit_request(RequestLimits& limits, const Request& request, Response& response);

}  // namespace tally::http
