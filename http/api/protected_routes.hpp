#pragma once

#include "http/auth/dpop_verifier.hpp"
#include "http/server/router.hpp"

namespace tally::http::api {

/// Makes every route below /v1/ tell, when it refuses, how to come with an access token, and give whoever came with a
/// DPoP proof the nonce of their next one. Call it when all of them are there. Lifetime: both outlive the router's use.
void protect_routes(Router& router, const ResourceHints& hints, DPoPVerifier& proofs);

}  // namespace tally::http::api
