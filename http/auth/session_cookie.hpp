#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/random.hpp"
#include "core/base/result.hpp"
#include "core/base/secret.hpp"
#include "http/server/request.hpp"

namespace tally::http {

/// The session of a signed-in person: the cookie holds 32 random bytes in base64url; the store knows their SHA-256
/// only.
inline constexpr std::string_view kSessionCookie = "tally_session";

struct NewSession {
  core::SecretText cookie_value;
  core::Digest hash;
};
NewSession draw_session(core::RandomSource& random);

/// The hash of the session that the request presents; empty if it presents none. Errors: unauthenticated (the cookie is
/// there more than once or has another form).
core::Result<std::optional<core::Digest>> session_hash_of(const Request& request);

enum class CookieTransport : std::uint8_t { https, plain_http };

/// The value of Set-Cookie: HttpOnly, SameSite=Strict, for the whole server, and Secure over https. Source: RFC
/// 6265bis.
core::SecretText set_session_cookie(std::string_view value, std::int64_t max_age_seconds, CookieTransport transport);
/// The value of Set-Cookie that makes the browser forget the session.
core::SecretText clear_session_cookie(CookieTransport transport);

}  // namespace tally::http
