#include "http/auth/session_cookie.hpp"

#include <array>
#include <utility>

#include "core/base/ascii.hpp"
#include "core/crypto/base64.hpp"
#include "core/crypto/hash.hpp"

namespace tally::http {
namespace {

constexpr std::size_t kSessionBytes = 32;
constexpr std::size_t kFieldBytes = 256;

core::Error bad_cookie() { return core::fail(core::Errc::unauthenticated, "the session cookie is not one of ours"); }

std::string_view security_of(CookieTransport transport) {
  switch (transport) {
    case CookieTransport::https:
      return "; Secure";
    case CookieTransport::plain_http:
      return "";
  }
  return "; Secure";
}

}  // namespace

NewSession draw_session(core::RandomSource& random) {
  std::array<std::uint8_t, kSessionBytes> bytes;
  random.fill(bytes);
  NewSession session{core::SecretText{core::crypto::base64url_encode(bytes)}, core::crypto::sha256(bytes)};
  core::wipe(bytes.data(), bytes.size());
  return session;
}

core::Result<std::optional<core::Digest>> session_hash_of(const Request& request) {
  if (request.header_count("Cookie") > 1) return bad_cookie();
  std::string_view rest = request.header("Cookie").value_or("");
  std::optional<std::string_view> found;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(';'), rest.size());
    const std::string_view pair = core::ascii::trimmed(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || pair.substr(0, equals) != kSessionCookie) continue;
    // Two of them: another site of the same domain has planted one, and nobody can tell which.
    if (found) return bad_cookie();
    found = pair.substr(equals + 1);
  }
  if (!found) return std::optional<core::Digest>{};
  const auto bytes = core::crypto::base64url_decode(*found);
  if (bytes.has_error() || bytes->size() != kSessionBytes) return bad_cookie();
  return std::optional<core::Digest>{core::crypto::sha256(*bytes)};
}

core::SecretText set_session_cookie(std::string_view value, std::int64_t max_age_seconds, CookieTransport transport) {
  std::string cookie;
  cookie.reserve(kFieldBytes);  // growing would leave a part of it behind
  cookie.append(kSessionCookie).append("=").append(value).append("; Path=/; HttpOnly; SameSite=Strict; Max-Age=");
  cookie.append(std::to_string(max_age_seconds)).append(security_of(transport));
  return core::SecretText{std::move(cookie)};
}

core::SecretText clear_session_cookie(CookieTransport transport) { return set_session_cookie("", 0, transport); }

}  // namespace tally::http
