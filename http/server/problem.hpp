#pragma once

#include <span>
#include <vector>

#include "core/base/result.hpp"
#include "http/server/request.hpp"
#include "http/server/response.hpp"

namespace tally::http {

/// The status of an error on the management API: one exhaustive switch from Errc. What the caller may not know exists
/// is 404.
unsigned status_of(core::Errc code);

/// Writes application/problem+json (RFC 9457): type `urn:tally:problem:<code>`, title, status, detail, instance (the
/// request id), code; an error that names a field adds `errors: [{field, message}]`. 401 adds WWW-Authenticate, 503
/// and 429 Retry-After. What the handler had set or written is dropped.
/// Errors of the group "we are at fault" tell nothing but the request id.
void write_problem(const Request& request, const core::Error& error, Response& response);
/// Several invalid fields at once.
void write_problem(const Request& request, std::span<const core::Error> invalid_fields, Response& response);

/// Problems that have no Errc: 404 route, 405 (with Allow), 406, 408, 411, 413, 415, 431, 503 of a server that
/// is not there yet.
void write_http_problem(const Request& request, unsigned status, std::string_view code, std::string_view detail,
                        Response& response);

}  // namespace tally::http
