#include <catch2/catch.hpp>

#include "core/crypto/system_random.hpp"
#include "http/server/limits.hpp"
#include "tests/http/oauth/token_forge.hpp"

/// Several keys, several algorithms, and keys that change while tokens live.
using namespace tally;
using namespace tally::testing;
using core::Errc;
using core::crypto::SigningAlgorithm;
using core::crypto::SigningKey;
using http::AccessTokenKey;
using http::AccessTokens;
using http::KeySet;

namespace {

using KeyPtr = std::shared_ptr<const SigningKey>;

KeyPtr drawn(SigningAlgorithm algorithm) {
  static core::crypto::SystemRandom random;
  static const KeyPtr eddsa = std::make_shared<const SigningKey>(SigningKey::generate(random));
  static const KeyPtr es256 = std::make_shared<const SigningKey>(SigningKey::generate(random, SigningAlgorithm::es256));
  static const KeyPtr rs256 = std::make_shared<const SigningKey>(SigningKey::generate(random, SigningAlgorithm::rs256));
  return algorithm == SigningAlgorithm::eddsa ? eddsa : algorithm == SigningAlgorithm::es256 ? es256 : rs256;
}
KeyPtr seeded(std::uint64_t seed) { return std::make_shared<const SigningKey>(key_of_seed(seed)); }

AccessTokenKey signing(const KeyPtr& key, core::Duration from = {}) {
  return {key->public_key(), key, kForgeNow + from};
}
AccessTokenKey verifying(const KeyPtr& key) { return {key->public_key(), nullptr, {}}; }

http::AccessClaims issued_at(core::Timestamp time) {
  http::AccessClaims claims = sample_claims();
  claims.issued_at_seconds = core::seconds_of(time);
  claims.expires_at_seconds = claims.issued_at_seconds + 3600;
  return claims;
}

std::string kid_of(const std::string& token) {
  const std::string header = part_of(token, 0);
  const std::size_t begin = header.find(R"("kid":")") + 7;
  return header.substr(begin, header.find('"', begin) - begin);
}

constexpr auto kAll = {SigningAlgorithm::eddsa, SigningAlgorithm::es256, SigningAlgorithm::rs256};

}  // namespace

TEST_CASE("access token keys: each algorithm signs, and is named in the header", "[http][access-token]") {
  for (const SigningAlgorithm algorithm : kAll) {
    const std::string name = core::crypto::name_of(algorithm);
    INFO(name);
    AccessTokens tokens{kForgeIssuer, {signing(drawn(algorithm))}, nullptr};
    AccessTokens other{kForgeIssuer, {verifying(drawn(algorithm)), signing(seeded(1))}, nullptr};
    const std::string token = tokens.sign(sample_claims());
    CHECK(part_of(token, 0) ==
          R"({"alg":")" + name + R"(","typ":"at+jwt","kid":")" + drawn(algorithm)->public_key().thumbprint() + R"("})");
    const auto claims = other.verify(token, kForgeNow);
    REQUIRE(claims.has_value());
    CHECK(*claims == sample_claims());
    std::string changed = token;
    changed[token.size() - 8] = changed[token.size() - 8] == 'A' ? 'B' : 'A';
    CHECK(other.verify(changed, kForgeNow).error().code == Errc::unauthenticated);
  }
}

TEST_CASE("access token keys: an algorithm that is not the key's is refused before any signature",
          "[http][access-token]") {
  for (const SigningAlgorithm algorithm : kAll) {
    const KeyPtr key = drawn(algorithm);
    AccessTokens tokens{kForgeIssuer, {signing(key)}, nullptr};
    const std::string payload = part_of(tokens.sign(sample_claims()), 1);
    for (const char* claimed : {"EdDSA", "ES256", "RS256", "HS256", "none", "PS256", "ES384"}) {
      INFO(core::crypto::name_of(algorithm) << " as " << claimed);
      const std::string header = std::string{R"({"alg":")"} + claimed + R"(","typ":"at+jwt","kid":")" +
                                 key->public_key().thumbprint() + R"("})";
      const std::string text = TokenForge::unsigned_token(header, payload);
      const std::string token = text + "." + core::crypto::base64url_encode(key->sign(core::as_bytes(text)));
      AccessTokens fresh{kForgeIssuer, {signing(key)}, nullptr};
      const auto verified = fresh.verify(token, kForgeNow);
      CHECK(verified.has_value() == (claimed == std::string{core::crypto::name_of(algorithm)}));
      if (verified.has_error()) CHECK(verified.error().code == Errc::unauthenticated);
    }
  }
}

TEST_CASE("access token keys: the widest token of the widest signature still fits", "[http][access-token]") {
  std::string scope;
  for (std::size_t i = 0; i < core::limits::kScopesPerTokenMax; ++i) {
    std::string name(core::limits::kScopeBytesMax, 'a');
    name[0] = static_cast<char>('a' + i % 26);
    name[1] = static_cast<char>('a' + i / 26);
    scope.append(scope.empty() ? "" : " ").append(name);
  }
  const std::string issuer = "https://" + std::string(http::limits::kIssuerBytesMax - 8, 'h');
  AccessTokens tokens{issuer, {signing(drawn(SigningAlgorithm::rs256))}, nullptr};
  AccessTokens other{issuer, {signing(drawn(SigningAlgorithm::rs256))}, nullptr};
  CHECK(other.verify(tokens.sign(sample_claims(scope)), kForgeNow).has_value());
}

TEST_CASE("access token keys: a new key takes over at its time, by itself", "[http][access-token]") {
  using namespace std::chrono_literals;
  const KeyPtr old_key = seeded(1);
  const KeyPtr new_key = seeded(2);
  AccessTokens tokens{kForgeIssuer, {signing(old_key, -1h), signing(new_key, 600s + 300ms)}, nullptr};
  CHECK(kid_of(tokens.sign(issued_at(kForgeNow))) == old_key->public_key().thumbprint());
  CHECK(kid_of(tokens.sign(issued_at(kForgeNow + 599s))) == old_key->public_key().thumbprint());
  // A token knows whole seconds.
  CHECK(kid_of(tokens.sign(issued_at(kForgeNow + 600s))) == new_key->public_key().thumbprint());
  CHECK(kid_of(tokens.sign(issued_at(kForgeNow + 2h))) == new_key->public_key().thumbprint());
  // Before the first of all, the first signs.
  CHECK(kid_of(tokens.sign(issued_at(kForgeNow - 2h))) == old_key->public_key().thumbprint());
  // Both are published all the time.
  CHECK(tokens.jwks().find(old_key->public_key().thumbprint()) != std::string::npos);
  CHECK(tokens.jwks().find(new_key->public_key().thumbprint()) != std::string::npos);
}

TEST_CASE("access token keys: tokens of a key live on beside a new one, and die with their key",
          "[http][access-token]") {
  const KeyPtr old_key = seeded(1);
  const KeyPtr new_key = seeded(2);
  AccessTokens tokens{kForgeIssuer, {signing(old_key)}, nullptr};
  AccessTokens stranger{kForgeIssuer, {signing(old_key)}, nullptr};
  const std::string token = tokens.sign(sample_claims());
  const std::string foreign = stranger.sign(issued_at(kForgeNow + std::chrono::seconds{1}));
  REQUIRE(tokens.verify(foreign, kForgeNow).has_value());

  tokens.install({verifying(old_key), signing(new_key)}, AccessTokens::Found::keep);
  CHECK(tokens.verify(token, kForgeNow).has_value());
  CHECK(tokens.verify(foreign, kForgeNow).has_value());
  CHECK(kid_of(tokens.sign(sample_claims())) == new_key->public_key().thumbprint());

  tokens.install({signing(new_key)}, AccessTokens::Found::forget);
  CHECK(tokens.verify(token, kForgeNow).error().code == Errc::unauthenticated);
  CHECK(tokens.verify(foreign, kForgeNow).error().code == Errc::unauthenticated);
  CHECK(tokens.verify(tokens.sign(sample_claims()), kForgeNow).has_value());
  CHECK(tokens.jwks().find(old_key->public_key().thumbprint()) == std::string::npos);
}

TEST_CASE("jwks: names a key of each kind as RFC 7518 does", "[http][jwks]") {
  const KeySet set{{signing(drawn(SigningAlgorithm::eddsa)), verifying(drawn(SigningAlgorithm::es256)),
                    verifying(drawn(SigningAlgorithm::rs256))}};
  const std::string& jwks = set.jwks();
  CHECK(jwks.find(R"("crv":"P-256","kty":"EC","x":")") != std::string::npos);
  CHECK(jwks.find(R"({"e":"AQAB","kty":"RSA","n":")") != std::string::npos);
  for (const SigningAlgorithm algorithm : kAll) {
    CHECK(jwks.find(R"("kid":")" + drawn(algorithm)->public_key().thumbprint() + R"(","use":"sig","alg":")" +
                    core::crypto::name_of(algorithm)) != std::string::npos);
  }
  CHECK(jwks.find("\"d\"") == std::string::npos);
  CHECK(set.algorithms().size() == 3);
}
