#pragma once

#include <cstdint>

#include "core/base/ids.hpp"

namespace tally::core {

/// What an access token says of itself, its signature being good.
struct PresentedAccess {
  WorkspaceId workspace;
  TokenId token;
  UserId owner;
  AccessTokenId id;
  AccessTokenId parent;                 ///< The access token that it was exchanged for; nil: none.
  std::int64_t issued_at_seconds = 0;   ///< iat
  std::int64_t expires_at_seconds = 0;  ///< exp
};

}  // namespace tally::core
