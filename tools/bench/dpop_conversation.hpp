#pragma once

#include <string>
#include <vector>

#include "tools/bench/scenarios.hpp"

namespace tally::tools {

/// POST /oauth2/token with a DPoP proof (EdDSA): each connection has a key and a token of its own, and always spends
/// the newest refresh token. The first request of a connection only fetches the server's nonce.
Conversations dpop_refresh_conversations(const Stage& stage, std::vector<std::string> refresh_tokens);

}  // namespace tally::tools
