#pragma once

#include <cstdint>

namespace tally::http {

/// How often may be asked, per minute. 0: no limit.
struct RequestLimitSettings {
  std::uint32_t address_per_minute = 0;
  std::uint32_t caller_per_minute = 0;            ///< A person, a resource server or an OAuth client.
  std::uint32_t sign_in_failures_per_minute = 0;  ///< Of one name from one address; ten times as many from one address.
  std::uint32_t exchanges_per_minute = 0;         ///< Of the access tokens of one token.
};

}  // namespace tally::http
