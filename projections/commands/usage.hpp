#pragma once

#include <cstdint>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"

namespace tally::projections {

/// How often, and when last, a token was used; gathered by the edge, written now and then, not an event.
struct TokenUse {
  core::TokenId token;
  core::Timestamp last_used_at;
  std::uint64_t count = 0;
};
struct RecordUsage {
  struct Outcome {};
  std::vector<TokenUse> uses;
};

}  // namespace tally::projections
