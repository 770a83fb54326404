#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <boost/asio/ip/address.hpp>

namespace tally::http {

/// Whom what a client takes is counted for: its IPv4 address, or the /64 of its IPv6 address, because whoever has one
/// address of it has them all.
struct ClientNetwork {
  std::array<std::uint8_t, 16> prefix{};  ///< IPv4 in its mapped form.

  static ClientNetwork of(const boost::asio::ip::address& address);
  /// Of a text; what is no address is the network of all such.
  static ClientNetwork of(std::string_view address);

  friend bool operator==(const ClientNetwork&, const ClientNetwork&) = default;
};

/// A bijection that leaves no bit where it was. Source: the finalizer of SplitMix64, G. Steele, D. Lea, C. Flood, "Fast
/// Splittable Pseudorandom Number Generators", 2014.
std::uint64_t mixed(std::uint64_t number);

/// Mixed with a number that nobody outside knows, so that nobody chooses addresses that meet in one place of a table.
class ClientNetworkHash {
 public:
  explicit ClientNetworkHash(std::uint64_t seed = 0) : seed_(seed) {}
  std::size_t operator()(const ClientNetwork& network) const;

 private:
  std::uint64_t seed_;
};

}  // namespace tally::http
