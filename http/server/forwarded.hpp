#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace tally::http {

/// The header field in which the proxies in front say whom they speak for. Only one is believed: a proxy passes the
/// other on as its client wrote it.
enum class ForwardedField : std::uint8_t {
  x_forwarded_for,  ///< `X-Forwarded-For: client, proxy …`
  forwarded,        ///< `Forwarded: for=client;proto=https, for=proxy …`. Source: RFC 7239.
};
std::string_view name_of(ForwardedField field);

/// A range of addresses: `10.0.0.0/8`, `2001:db8::/32`, or a single one.
class AddressRange {
 public:
  /// Errors: malformed (no address, a length that is none, or bits set behind it).
  static core::Result<AddressRange> parse(std::string_view text);
  /// False also for a text that is no address.
  [[nodiscard]] bool contains(std::string_view address) const;

 private:
  std::array<std::uint8_t, 16> prefix_{};  ///< IPv4 in its mapped form.
  unsigned bits_ = 0;                      ///< Of those 128.
};

/// Which of the peer's words about its own client are believed.
struct ProxyTrust {
  ForwardedField field = ForwardedField::x_forwarded_for;
  /// The addresses of the proxies. Empty: the peer is one, whatever its address, and the only one.
  std::vector<AddressRange> proxies;
};

/// Whether what this peer says about its client is believed.
bool is_proxy(const ProxyTrust& trust, std::string_view peer);

/// The client's address: what the last proxy wrote; and while that is the address of a proxy itself, what the one
/// before wrote, at most kForwardedHopsMax back. Read from the end, so that nothing that the client wrote in front is
/// looked at. Where a proxy wrote no address ("unknown", a made-up name, garbage) or nothing at all, it is the last
/// address that is known. In canonical form, an IPv4 address in IPv6 clothing as IPv4. `value`: all fields of that
/// name, joined by commas. Source: RFC 7239 §4 to §7.
std::string client_address(const ProxyTrust& trust, std::string_view peer, std::string_view value);

}  // namespace tally::http
