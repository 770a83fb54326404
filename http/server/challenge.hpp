#pragma once

#include "core/base/result.hpp"
#include "http/server/request.hpp"
#include "http/server/response.hpp"

namespace tally::http {

/// Adds the WWW-Authenticate fields of a refusal: how to come with an access token, `Bearer` and, where proofs are
/// taken, `DPoP`, each with where to read more (`resource_metadata`). Who came with a token learns by the scheme they
/// used what was wrong with it: `invalid_token`, `insufficient_scope`, `invalid_dpop_proof`, `use_dpop_nonce`. Source:
/// RFC 6750 §3, RFC 9449 §7.1 and §9, RFC 9728 §5.1.
void write_challenges(const Request& request, core::Errc code, Response& response);

}  // namespace tally::http
