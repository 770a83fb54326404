#include <catch2/catch.hpp>

#include "core/base/limits.hpp"
#include "http/server/limits.hpp"
#include "tests/http/oauth/token_forge.hpp"

using namespace tally;
using namespace tally::testing;

namespace {

http::AccessTokens server_with_key(std::uint64_t seed) { return {kForgeIssuer, key_of_seed(seed), {}}; }

}  // namespace

TEST_CASE("access token: says what RFC 9068 asks for, and nothing else", "[http][access-token]") {
  http::AccessTokens tokens = server_with_key(7);
  http::AccessClaims claims = sample_claims();
  claims.status_index = 3 * http::limits::kTokensPerStatusList + 7;
  const std::string token = tokens.sign(claims);
  CHECK(part_of(token, 0) == TokenForge{}.header());
  CHECK(part_of(token, 1) ==
        R"({"iss":"https://tally.example","sub":")" + claims.subject.str() + R"(","aud":"https://tally.example/w/)" +
            claims.workspace.str() + R"(","client_id":")" + claims.workspace.str() +
            R"(","exp":1795395600,"iat":1795392000,"jti":")" + claims.id.str() +
            R"(","scope":"files.read tally:tokens.read","tally_workspace":")" + claims.workspace.str() +
            R"(","tally_token":")" + claims.token.str() +
            R"(","status":{"status_list":{"idx":7,"uri":"https://tally.example/oauth2/status/3"}}})");
}

TEST_CASE("access token: what it is bound to, for and exchanged for are claims, and come back",
          "[http][access-token]") {
  const auto [method, cnf] = GENERATE(table<core::ConfirmationMethod, std::string>({
      {core::ConfirmationMethod::jkt, R"("cnf":{"jkt":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc"}})"},
      {core::ConfirmationMethod::x5t_s256, R"("cnf":{"x5t#S256":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc"}})"},
  }));
  http::AccessTokens signer = server_with_key(7);
  http::AccessTokens other = server_with_key(7);
  http::AccessClaims claims = sample_claims();
  claims.confirmation = core::Confirmation{method, {}};
  claims.confirmation->thumbprint.bytes.fill(7);
  claims.resource = "https://api.example/orders?v=1";
  SeededRandom random{4};
  claims.parent = core::draw_id<core::AccessTokenId>(random, kForgeNow);
  claims.status_index = http::limits::kTokensPerStatusList * 5 + 1;
  const std::string token = signer.sign(claims);
  CHECK(part_of(token, 1).find(R"("aud":"https://api.example/orders?v=1","client_id")") != std::string::npos);
  CHECK(part_of(token, 1).find(R"(","tally_parent":")" + claims.parent.str() + R"(",)") != std::string::npos);
  CHECK(part_of(token, 1).ends_with("}}," + cnf));
  for (http::AccessTokens* tokens : {&signer, &other, &other})
    CHECK(tokens->verify(token, kForgeNow).value() == claims);
}

TEST_CASE("signed JWT: is of its type, by the key of access tokens, and no access token", "[http][access-token]") {
  http::AccessTokens tokens = server_with_key(7);
  const TokenForge forge;
  const std::string jwt = tokens.sign_jwt("token-introspection+jwt", R"({"a":1})", 0);
  CHECK(jwt == forge.token(forge.header("EdDSA", "token-introspection+jwt"), R"({"a":1})"));
  const std::string disguised = tokens.sign_jwt("token-introspection+jwt", part_of(tokens.sign(sample_claims()), 1), 0);
  CHECK(tokens.verify(disguised, kForgeNow).error().code == core::Errc::unauthenticated);
}

TEST_CASE("access token: without scopes has no scope claim", "[http][access-token]") {
  http::AccessTokens tokens = server_with_key(7);
  const std::string token = tokens.sign(sample_claims(""));
  CHECK(part_of(token, 1).find("scope") == std::string::npos);
  http::AccessTokens other = server_with_key(7);
  REQUIRE(other.verify(token, kForgeNow).has_value());
  CHECK(other.verify(token, kForgeNow)->scope.empty());
}

TEST_CASE("access token: remembered, verified and remembered again, it says the same", "[http][access-token]") {
  http::AccessTokens signer = server_with_key(7);
  http::AccessTokens stranger_to_it = server_with_key(7);
  const http::AccessClaims claims = sample_claims();
  const std::string token = signer.sign(claims);
  const auto remembered = signer.verify(token, kForgeNow);
  const auto verified = stranger_to_it.verify(token, kForgeNow);
  const auto remembered_later = stranger_to_it.verify(token, kForgeNow);
  REQUIRE(remembered.has_value());
  REQUIRE(verified.has_value());
  REQUIRE(remembered_later.has_value());
  CHECK(*remembered == claims);
  CHECK(*verified == claims);
  CHECK(*remembered_later == claims);
}

TEST_CASE("access token: ends with the second that exp names", "[http][access-token]") {
  http::AccessTokens signer = server_with_key(7);
  http::AccessTokens other = server_with_key(7);
  const std::string token = signer.sign(sample_claims());
  const core::Timestamp end = kForgeNow + std::chrono::hours{1};
  for (http::AccessTokens* tokens : {&signer, &other}) {
    CHECK(tokens->verify(token, end).error().code == core::Errc::token_expired);
    CHECK(tokens->verify(token, end - core::Duration{1}).has_value());
    CHECK(tokens->verify(token, end).error().code == core::Errc::token_expired);
  }
}

TEST_CASE("access token: of an older key is good as long as the key is known", "[http][access-token]") {
  const std::string token = server_with_key(7).sign(sample_claims());
  http::AccessTokens rotated{kForgeIssuer, key_of_seed(8), {key_of_seed(7).public_key()}};
  CHECK(rotated.verify(token, kForgeNow).has_value());
  CHECK(server_with_key(8).verify(token, kForgeNow).error().code == core::Errc::unauthenticated);
}

TEST_CASE("access token: the widest scope still fits", "[http][access-token]") {
  std::string scope;
  for (std::size_t i = 0; i < core::limits::kScopesPerTokenMax; ++i) {
    std::string name(core::limits::kScopeBytesMax, 'a');
    name[0] = static_cast<char>('a' + i % 26);
    name[1] = static_cast<char>('a' + i / 26);
    scope.append(scope.empty() ? "" : " ").append(name);
  }
  const std::string issuer = "https://" + std::string(http::limits::kIssuerBytesMax - 8, 'h');
  http::AccessTokens tokens{issuer, key_of_seed(7), {}};
  http::AccessTokens other{issuer, key_of_seed(7), {}};
  http::AccessClaims claims = sample_claims(scope);
  claims.confirmation = core::Confirmation{core::ConfirmationMethod::x5t_s256, {}};
  claims.parent = claims.id;
  claims.resource = "https://" + std::string(core::limits::kResourceBytesMax - 8, 'r');
  const auto verified = other.verify(tokens.sign(claims), kForgeNow);
  REQUIRE(verified.has_value());
  CHECK(*verified == claims);
}

TEST_CASE("jwks: names each key as RFC 8037 does", "[http][jwks]") {
  // RFC 8037, appendix A.2 and A.3.
  const auto bytes = core::crypto::base64url_decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
  const auto older = core::crypto::VerifyingKey::from_bytes(*bytes);
  const http::AccessTokens tokens{kForgeIssuer, key_of_seed(7), {*older}};
  const std::string& jwks = tokens.jwks();
  CHECK(jwks.find(R"({"crv":"Ed25519","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",)"
                  R"("kid":"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k","use":"sig","alg":"EdDSA"})") !=
        std::string::npos);
  CHECK(jwks.starts_with(R"({"keys":[{"crv":"Ed25519","kty":"OKP")"));
  CHECK(jwks.find(key_of_seed(7).public_key().thumbprint()) != std::string::npos);
}
