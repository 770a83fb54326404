#include "http/server/forwarded.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include <boost/asio/ip/address.hpp>

#include "core/base/ascii.hpp"
#include "http/server/limits.hpp"

namespace tally::http {
namespace ip = boost::asio::ip;

namespace {

/// No textual address is longer; a zone is none of a client's.
constexpr std::size_t kAddressBytesMax = 45;

std::optional<ip::address> parse_address(std::string_view text) {
  if (text.size() > kAddressBytesMax || text.find_first_not_of("0123456789abcdefABCDEF.:") != std::string_view::npos) {
    return std::nullopt;
  }
  boost::system::error_code error;
  const auto parsed = ip::make_address(std::string{text}, error);
  if (error) return std::nullopt;
  if (parsed.is_v6() && parsed.to_v6().is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, parsed.to_v6());
  return parsed;
}

std::array<std::uint8_t, 16> address_bytes(const ip::address& address) {
  return address.is_v6() ? address.to_v6().to_bytes() : ip::make_address_v6(ip::v4_mapped, address.to_v4()).to_bytes();
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// `192.0.2.1`, `192.0.2.1:80`, `[2001:db8::1]`, `[2001:db8::1]:80`; and bare `2001:db8::1`, as X-Forwarded-For has it.
std::optional<ip::address> parse_node(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view rest = text.substr(end + 1);
    if (!rest.empty() && (rest.front() != ':' || !is_port(rest.substr(1)))) return std::nullopt;
    const std::string_view inside = text.substr(1, end - 1);
    return inside.find(':') == std::string_view::npos ? std::nullopt : parse_address(inside);
  }
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos) {
    if (!is_port(text.substr(colon + 1))) return std::nullopt;
    text = text.substr(0, colon);
  }
  return parse_address(text);
}

/// Cuts and returns what stands behind the last `separator` outside of quotes, or all of `text`.
std::string_view take_last(std::string_view& text, char separator) {
  bool quoted = false;
  for (std::size_t index = text.size(); index > 0; --index) {
    const char character = text[index - 1];
    if (character == '"') quoted = !quoted;
    if (quoted || character != separator) continue;
    const std::string_view taken = text.substr(index);
    text = text.substr(0, index - 1);
    return core::ascii::trimmed(taken);
  }
  return core::ascii::trimmed(std::exchange(text, {}));
}

bool is_for(std::string_view name) {
  return name.size() == 3 && (name[0] | 0x20) == 'f' && (name[1] | 0x20) == 'o' && (name[2] | 0x20) == 'r';
}

/// The node of the one `for` among an element's pairs.
std::optional<ip::address> parse_element(std::string_view element) {
  std::optional<std::string_view> found;
  while (!element.empty()) {
    const std::string_view pair = take_last(element, ';');
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    if (!is_for(pair.substr(0, equals))) continue;
    if (found) return std::nullopt;
    found = pair.substr(equals + 1);
  }
  if (!found) return std::nullopt;
  if (found->size() >= 2 && found->front() == '"' && found->back() == '"') found = found->substr(1, found->size() - 2);
  return parse_node(*found);
}

std::optional<ip::address> take_last_hop(ForwardedField field, std::string_view& value) {
  switch (field) {
    case ForwardedField::x_forwarded_for: {
      const std::size_t comma = value.rfind(',');
      const std::size_t begin = comma == std::string_view::npos ? 0 : comma + 1;
      const std::string_view hop = core::ascii::trimmed(value.substr(begin));
      value = value.substr(0, begin == 0 ? 0 : comma);
      return parse_node(hop);
    }
    case ForwardedField::forwarded:
      return parse_element(take_last(value, ','));
  }
  return std::nullopt;
}

}  // namespace

std::string_view name_of(ForwardedField field) {
  switch (field) {
    case ForwardedField::x_forwarded_for:
      return "X-Forwarded-For";
    case ForwardedField::forwarded:
      return "Forwarded";
  }
  return {};
}

core::Result<AddressRange> AddressRange::parse(std::string_view text) {
  const auto refusal = [&] {
    return core::fail(core::Errc::malformed, "\"" + std::string{text} + "\" is no address and no range of addresses");
  };
  const std::size_t slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address) return refusal();
  const unsigned width = address->is_v4() ? 32 : 128;
  unsigned length = width;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
    if (error != std::errc{} || end != digits.data() + digits.size() || length > width) return refusal();
  }
  AddressRange range;
  range.prefix_ = address_bytes(*address);
  range.bits_ = 128 - width + length;
  for (unsigned bit = range.bits_; bit < 128; ++bit) {
    if ((range.prefix_[bit / 8] >> (7 - bit % 8) & 1) != 0) return refusal();  // not what its author thinks it is
  }
  return range;
}

bool AddressRange::contains(std::string_view address) const {
  const auto parsed = parse_address(address);
  if (!parsed) return false;
  const auto bytes = address_bytes(*parsed);
  const auto whole = static_cast<std::ptrdiff_t>(bits_ / 8);
  if (!std::equal(bytes.begin(), bytes.begin() + whole, prefix_.begin())) return false;
  const unsigned rest = bits_ % 8;
  if (rest == 0) return true;
  const auto index = static_cast<std::size_t>(whole);
  return (bytes[index] ^ prefix_[index]) >> (8 - rest) == 0;
}

bool is_proxy(const ProxyTrust& trust, std::string_view peer) {
  return trust.proxies.empty() ||
         std::ranges::any_of(trust.proxies, [peer](const AddressRange& range) { return range.contains(peer); });
}

std::string client_address(const ProxyTrust& trust, std::string_view peer, std::string_view value) {
  std::string known{peer};
  if (!is_proxy(trust, known)) return known;
  for (std::size_t hop = 0; hop < limits::kForwardedHopsMax; ++hop) {
    const auto address = take_last_hop(trust.field, value);
    if (!address) return known;
    known = address->to_string();
    if (trust.proxies.empty() || !is_proxy(trust, known)) return known;
  }
  return known;
}

}  // namespace tally::http
