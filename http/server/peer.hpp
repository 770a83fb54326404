#pragma once

#include <optional>
#include <string>

#include "http/server/client_network.hpp"

namespace tally::http {

/// Who has connected.
struct Peer {
  std::string address;
  std::optional<ClientNetwork> network;  ///< Whom the connection is counted for. Empty: it is a proxy's.
};

}  // namespace tally::http
