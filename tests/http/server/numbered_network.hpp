#pragma once

#include <cstdint>
#include <string>

#include "http/server/client_network.hpp"

namespace tally::testing {

/// Networks that differ by their number, which is below 256.
inline http::ClientNetwork network(std::uint64_t number) {
  return http::ClientNetwork::of("10.0.0." + std::to_string(number));
}

}  // namespace tally::testing
