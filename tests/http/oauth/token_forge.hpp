#pragma once

#include <string>
#include <string_view>

#include "core/crypto/base64.hpp"
#include "core/crypto/signing_key.hpp"
#include "http/tokens/access_tokens.hpp"
#include "tests/support/seeded_random.hpp"

namespace tally::testing {

inline constexpr const char* kForgeIssuer = "https://tally.example";
inline const core::Timestamp kForgeNow{std::chrono::sys_days{std::chrono::year{2026} / 11 / 23}};

inline core::crypto::SigningKey key_of_seed(std::uint64_t seed) {
  SeededRandom random{seed};
  return core::crypto::SigningKey::generate(random);
}

inline core::Bytes bytes_of(std::string_view text) {
  const auto view = core::as_bytes(text);
  return {view.begin(), view.end()};
}

/// Makes tokens that the server would never make, signed with the server's own key or with none.
struct TokenForge {
  core::crypto::SigningKey key = key_of_seed(7);

  [[nodiscard]] std::string header(std::string_view algorithm = "EdDSA", std::string_view type = "at+jwt") const {
    return std::string{R"({"alg":")"}
        .append(algorithm)
        .append(R"(","typ":")")
        .append(type)
        .append(R"(","kid":")")
        .append(key.public_key().thumbprint())
        .append(R"("})");
  }
  [[nodiscard]] static std::string unsigned_token(std::string_view header, std::string_view payload) {
    using core::crypto::base64url_encode;
    return base64url_encode(core::as_bytes(header)) + "." + base64url_encode(core::as_bytes(payload));
  }
  [[nodiscard]] std::string token(std::string_view header, std::string_view payload) const {
    const std::string text = unsigned_token(header, payload);
    return text + "." + core::crypto::base64url_encode(key.sign(core::as_bytes(text)));
  }
};

inline http::AccessClaims sample_claims(std::string_view scope = "files.read tally:tokens.read") {
  SeededRandom random{3};
  http::AccessClaims claims;
  claims.subject = core::draw_id<core::UserId>(random, kForgeNow);
  claims.workspace = core::draw_id<core::WorkspaceId>(random, kForgeNow);
  claims.token = core::draw_id<core::TokenId>(random, kForgeNow);
  claims.id = core::draw_id<core::AccessTokenId>(random, kForgeNow);
  claims.issued_at_seconds = core::seconds_of(kForgeNow);
  claims.expires_at_seconds = claims.issued_at_seconds + 3600;
  claims.scope = *core::ScopeSet::parse(scope, 50);
  return claims;
}

/// One part of a token, decoded.
inline std::string part_of(std::string_view token, int index) {
  for (; index > 0; --index) token.remove_prefix(token.find('.') + 1);
  const auto bytes = core::crypto::base64url_decode(token.substr(0, token.find('.')));
  return bytes.has_error() ? std::string{} : std::string{core::as_text(*bytes)};
}

inline std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t place = text.find(from);
  TALLY_CHECK(place != std::string::npos, text);
  return text.replace(place, from.size(), to);
}

}  // namespace tally::testing
