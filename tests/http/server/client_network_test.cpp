#include "http/server/client_network.hpp"

#include <string>

#include <catch2/catch.hpp>

using namespace tally::http;

TEST_CASE("client network: an IPv4 address is one, an IPv6 one is its /64", "[http][crowd]") {
  const auto [left, right, is_one] = GENERATE(table<std::string, std::string, bool>({
      {"192.0.2.1", "192.0.2.1", true},
      {"192.0.2.1", "192.0.2.2", false},
      {"192.0.2.1", "::ffff:192.0.2.1", true},
      {"::ffff:192.0.2.1", "::ffff:192.0.2.2", false},
      {"2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", true},
      {"2001:db8:0:1::1", "2001:db8:0:2::1", false},
      {"::1", "127.0.0.1", false},
      {"unknown", "", true},
  }));
  CAPTURE(left, right);
  CHECK((ClientNetwork::of(left) == ClientNetwork::of(right)) == is_one);
  if (is_one) CHECK(ClientNetworkHash{7}(ClientNetwork::of(left)) == ClientNetworkHash{7}(ClientNetwork::of(right)));
}

TEST_CASE("client network: the table's order is another with another seed", "[http][crowd]") {
  const ClientNetwork network = ClientNetwork::of("192.0.2.1");
  CHECK(ClientNetworkHash{1}(network) != ClientNetworkHash{2}(network));
}
