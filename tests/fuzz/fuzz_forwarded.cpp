#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/check.hpp"
#include "http/server/forwarded.hpp"

namespace {

using namespace tally;
using http::AddressRange;
using http::client_address;
using http::ForwardedField;
using http::ProxyTrust;

constexpr std::string_view kPeer = "10.0.0.1";

/// An address that is known again, and so has one form only.
bool is_canonical(const std::string& address) {
  const auto trust = ProxyTrust{};
  return client_address(trust, kPeer, address) == address;
}

void check(ForwardedField field, std::string_view value, std::string_view last_hop) {
  const ProxyTrust one{field, {}};
  const ProxyTrust several{field, {*AddressRange::parse("10.0.0.0/8"), *AddressRange::parse("::1")}};
  TALLY_CHECK(is_canonical(client_address(one, kPeer, value)));
  TALLY_CHECK(is_canonical(client_address(several, kPeer, value)));
  TALLY_CHECK(client_address(several, "192.0.2.9", value) == "192.0.2.9");
  // Whatever a client writes, the proxy's own word behind it is what counts.
  const std::string whole = std::string{value} + ", " + std::string{last_hop};
  TALLY_CHECK(client_address(one, kPeer, whole) == "2001:db8::7", whole);
  TALLY_CHECK(client_address(several, kPeer, whole) == "2001:db8::7", whole);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  check(ForwardedField::x_forwarded_for, text, "[2001:db8::7]:80");
  check(ForwardedField::forwarded, text, "proto=https;for=\"[2001:db8::7]:80\";by=_x");
  const auto range = AddressRange::parse(text);
  if (range.has_value()) TALLY_CHECK(range->contains(text.substr(0, text.find('/'))));
  return 0;
}
