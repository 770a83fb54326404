#include "http/server/client_network.hpp"

#include <algorithm>
#include <cstring>
#include <string>

namespace tally::http {
namespace ip = boost::asio::ip;

namespace {

constexpr std::size_t kNetworkBytes = 8;

}  // namespace

std::uint64_t mixed(std::uint64_t number) {
  number = (number ^ (number >> 30)) * 0xBF58476D1CE4E5B9U;
  number = (number ^ (number >> 27)) * 0x94D049BB133111EBU;
  return number ^ (number >> 31);
}

ClientNetwork ClientNetwork::of(const ip::address& address) {
  ClientNetwork network;
  if (address.is_v4()) {
    network.prefix = ip::make_address_v6(ip::v4_mapped, address.to_v4()).to_bytes();
    return network;
  }
  network.prefix = address.to_v6().to_bytes();
  if (!address.to_v6().is_v4_mapped()) std::fill(network.prefix.begin() + kNetworkBytes, network.prefix.end(), 0);
  return network;
}

ClientNetwork ClientNetwork::of(std::string_view address) {
  boost::system::error_code error;
  const auto parsed = ip::make_address(std::string{address}, error);
  return error ? ClientNetwork{} : of(parsed);
}

std::size_t ClientNetworkHash::operator()(const ClientNetwork& network) const {
  std::array<std::uint64_t, 2> words{};
  std::memcpy(words.data(), network.prefix.data(), sizeof words);
  return mixed(mixed(words[0] ^ seed_) ^ words[1]);
}

}  // namespace tally::http
