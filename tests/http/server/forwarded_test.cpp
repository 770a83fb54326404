#include "http/server/forwarded.hpp"

#include <string>

#include <catch2/catch.hpp>

#include "http/server/limits.hpp"

using namespace tally;
using http::AddressRange;
using http::client_address;
using http::ForwardedField;
using http::ProxyTrust;

namespace {

constexpr const char* kPeer = "10.0.0.1";

ProxyTrust trust_of(ForwardedField field, std::initializer_list<const char*> proxies = {}) {
  ProxyTrust trust{field, {}};
  for (const char* text : proxies) trust.proxies.push_back(*AddressRange::parse(text));
  return trust;
}

}  // namespace

TEST_CASE("forwarded: the last hop of X-Forwarded-For is the client, whatever stands in front", "[http][forwarded]") {
  const auto [value, address] = GENERATE(table<std::string, std::string>({
      {"192.0.2.1", "192.0.2.1"},
      {"spoofed, 192.0.2.1", "192.0.2.1"},
      {"127.0.0.1,192.0.2.1", "192.0.2.1"},
      {"1.1.1.1, 2.2.2.2 ,\t192.0.2.1 ", "192.0.2.1"},
      {"192.0.2.1:4711", "192.0.2.1"},
      {"2001:db8::1", "2001:db8::1"},
      {"2001:0DB8:0:0::1", "2001:db8::1"},
      {"[2001:db8::1]", "2001:db8::1"},
      {"[2001:db8::1]:443", "2001:db8::1"},
      {"::ffff:192.0.2.1", "192.0.2.1"},
  }));
  CHECK(client_address(trust_of(ForwardedField::x_forwarded_for), kPeer, value) == address);
}

TEST_CASE("forwarded: the last element's for of Forwarded is the client", "[http][forwarded]") {
  const auto [value, address] = GENERATE(table<std::string, std::string>({
      {"for=192.0.2.1", "192.0.2.1"},
      {"For=192.0.2.1;proto=https;by=203.0.113.43", "192.0.2.1"},
      {"proto=https; FOR=\"192.0.2.1:4711\" ;by=x", "192.0.2.1"},
      {"for=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17"},
      {"for=9.9.9.9, for=192.0.2.1", "192.0.2.1"},
      {"for=\"9.9.9.9, for=192.0.2.1", "192.0.2.1"},            // a quote that the client left open
      {"for=\"9.9.9.9, for=\"[2001:db8::1]\"", "2001:db8::1"},  // and again, before a quoted one
      {"host=\"a,b;c\";for=192.0.2.1", "192.0.2.1"},
  }));
  CHECK(client_address(trust_of(ForwardedField::forwarded), kPeer, value) == address);
}

TEST_CASE("forwarded: where no address is, the last known one stays", "[http][forwarded][damage]") {
  const auto [field, value] = GENERATE(table<ForwardedField, std::string>({
      {ForwardedField::x_forwarded_for, ""},
      {ForwardedField::x_forwarded_for, "unknown"},
      {ForwardedField::x_forwarded_for, "9.9.9.9,"},
      {ForwardedField::x_forwarded_for, "9.9.9.9, "},
      {ForwardedField::x_forwarded_for, "9.9.9.9, 256.1.1.1"},
      {ForwardedField::x_forwarded_for, "9.9.9.9, 1.1.1"},
      {ForwardedField::x_forwarded_for, "9.9.9.9, 1.1.1.1:"},
      {ForwardedField::x_forwarded_for, "9.9.9.9, 1.1.1.1:123456"},
      {ForwardedField::x_forwarded_for, "9.9.9.9, 1.1.1.1:http"},
      {ForwardedField::x_forwarded_for, "9.9.9.9, [1.1.1.1]"},
      {ForwardedField::x_forwarded_for, "9.9.9.9, [::1"},
      {ForwardedField::x_forwarded_for, "9.9.9.9, [::1]x"},
      {ForwardedField::x_forwarded_for, "9.9.9.9, fe80::1%eth0"},
      {ForwardedField::x_forwarded_for, "9.9.9.9, 1.1.1.1 2.2.2.2"},
      {ForwardedField::x_forwarded_for, std::string("9.9.9.9, 1.1.1.1\0", 17)},
      {ForwardedField::x_forwarded_for, "9.9.9.9, " + std::string(5'000, '1')},
      {ForwardedField::forwarded, ""},
      {ForwardedField::forwarded, "192.0.2.1"},
      {ForwardedField::forwarded, "for=unknown"},
      {ForwardedField::forwarded, "for=_hidden"},
      {ForwardedField::forwarded, "for=9.9.9.9, for=_hidden"},
      {ForwardedField::forwarded, "for=9.9.9.9, proto=https"},
      {ForwardedField::forwarded, "for=1.1.1.1;for=2.2.2.2"},
      {ForwardedField::forwarded, "for=9.9.9.9,"},
      {ForwardedField::forwarded, "for=\"1.1.1.1"},
      {ForwardedField::forwarded, "for=\"1.1\\.1.1\""},
      {ForwardedField::forwarded, "for = 1.1.1.1"},
      {ForwardedField::forwarded, "for="},
      {ForwardedField::forwarded, "fo"},
  }));
  CHECK(client_address(trust_of(field), kPeer, value) == kPeer);
}

TEST_CASE("forwarded: with the proxies named, their own addresses are passed over", "[http][forwarded]") {
  const auto field = ForwardedField::x_forwarded_for;
  const auto trust = trust_of(field, {"10.0.0.0/8", "2001:db8::/32"});
  const auto [value, address] = GENERATE(table<std::string, std::string>({
      {"192.0.2.1", "192.0.2.1"},
      {"192.0.2.1, 10.0.0.2", "192.0.2.1"},
      {"9.9.9.9, 192.0.2.1, 2001:db8::5, 10.0.0.2", "192.0.2.1"},
      {"9.9.9.9, unknown, 10.0.0.2", "10.0.0.2"},
      {"10.0.0.3, 10.0.0.2", "10.0.0.3"},
      {"", kPeer},
  }));
  CHECK(client_address(trust, kPeer, value) == address);
}

TEST_CASE("forwarded: a peer that is no proxy speaks for nobody", "[http][forwarded]") {
  const auto trust = trust_of(ForwardedField::x_forwarded_for, {"10.0.0.0/8"});
  CHECK(client_address(trust, "192.0.2.9", "9.9.9.9") == "192.0.2.9");
  CHECK(client_address(trust, "", "9.9.9.9").empty());
}

TEST_CASE("forwarded: no more hops are looked at than the bound", "[http][forwarded]") {
  std::string value = "192.0.2.1";
  for (std::size_t hop = 0; hop < http::limits::kForwardedHopsMax; ++hop) value += ", 10.0.0.2";
  CHECK(client_address(trust_of(ForwardedField::x_forwarded_for, {"10.0.0.0/8"}), kPeer, value) == "10.0.0.2");
  value.resize(value.size() - 10);
  CHECK(client_address(trust_of(ForwardedField::x_forwarded_for, {"10.0.0.0/8"}), kPeer, value) == "192.0.2.1");
}

TEST_CASE("address range: what is in and what is not", "[http][forwarded]") {
  const auto [range, in, out] = GENERATE(table<std::string, std::string, std::string>({
      {"10.0.0.0/8", "10.255.255.255", "11.0.0.0"},
      {"10.0.0.0/8", "::ffff:10.1.2.3", "::10.1.2.3"},
      {"192.0.2.128/25", "192.0.2.128", "192.0.2.127"},
      {"192.0.2.7", "192.0.2.7", "192.0.2.6"},
      {"192.0.2.7/32", "192.0.2.7", "192.0.2.8"},
      {"0.0.0.0/0", "255.255.255.255", "2001:db8::1"},
      {"::/0", "1.2.3.4", "nonsense"},
      {"2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::"},
      {"::1", "::1", "::2"},
  }));
  const auto parsed = AddressRange::parse(range);
  REQUIRE(parsed.has_value());
  CHECK(parsed->contains(in));
  CHECK_FALSE(parsed->contains(out));
}

TEST_CASE("address range: what is none", "[http][forwarded][damage]") {
  const std::string text =
      GENERATE("", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x", "10.0.0.1/8", "10.0.0/8",
               "::/129", "2001:db8::1/64", "host", "10.0.0.0/8/8", "[::1]", "*");
  CHECK(AddressRange::parse(text).error().code == core::Errc::malformed);
}
