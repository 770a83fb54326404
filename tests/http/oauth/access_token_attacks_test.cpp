#include <functional>

#include <catch2/catch.hpp>

#include "core/crypto/hash.hpp"
#include "http/server/limits.hpp"
#include "tests/http/oauth/token_forge.hpp"

using namespace tally;
using namespace tally::testing;
using core::Errc;

namespace {

/// HMAC-SHA-256, RFC 2104: what a verifier that lets the token choose its algorithm would check.
core::Bytes hmac_sha256(core::ByteView key, std::string_view text) {
  core::Bytes inner(64, 0x36);
  core::Bytes outer(64, 0x5c);
  for (std::size_t i = 0; i < key.size(); ++i) {
    inner[i] ^= key[i];
    outer[i] ^= key[i];
  }
  const core::Digest digest = core::crypto::sha256({inner, core::as_bytes(text)});
  const core::Digest mac = core::crypto::sha256({outer, digest.bytes});
  return {mac.bytes.begin(), mac.bytes.end()};
}

/// A server that has signed one token, and another with the same key that has not seen it.
struct Target {
  http::AccessTokens signer{kForgeIssuer, key_of_seed(7), {}};
  http::AccessTokens fresh{kForgeIssuer, key_of_seed(7), {}};
  std::string good = signer.sign(sample_claims());

  void refuses(const std::string& token, Errc code) {
    for (http::AccessTokens* tokens : {&signer, &fresh}) {
      const auto verified = tokens->verify(token, kForgeNow);
      REQUIRE(verified.has_error());
      CHECK(verified.error().code == code);
    }
  }
};

}  // namespace

TEST_CASE("access token attack: the forge itself makes good tokens", "[http][access-token]") {
  // Without this, the tables below could refuse for a wrong reason.
  Target target;
  const TokenForge forge;
  CHECK(forge.token(forge.header(), part_of(target.good, 1)) == target.good);
  CHECK(
      target.fresh.verify(forge.token(forge.header("EdDSA", "application/at+jwt"), part_of(target.good, 1)), kForgeNow)
          .has_value());
}

TEST_CASE("access token attack: a header that the server does not write is refused", "[http][access-token]") {
  Target target;
  const TokenForge forge;
  const std::string payload = part_of(target.good, 1);
  const auto [header, code] = GENERATE_REF(table<std::string, Errc>({
      {forge.header("none"), Errc::unauthenticated},
      {forge.header("None"), Errc::unauthenticated},
      {forge.header("HS256"), Errc::unauthenticated},
      {forge.header("ES256"), Errc::unauthenticated},
      {forge.header("Ed25519"), Errc::unauthenticated},
      {forge.header("EdDSA", "JWT"), Errc::unauthenticated},
      {forge.header("EdDSA", "AT+JWT"), Errc::unauthenticated},
      {replaced(forge.header(), R"("typ":"at+jwt",)", ""), Errc::unauthenticated},
      {replaced(forge.header(), R"("alg":"EdDSA",)", ""), Errc::unauthenticated},
      {replaced(forge.header(), forge.key.public_key().thumbprint(), "nobody"), Errc::unauthenticated},
      {replaced(forge.header(), R"({"alg")", R"({"crit":["exp"],"alg")"), Errc::unauthenticated},
      {replaced(forge.header(), R"({"alg")", R"({"jku":"https://evil.example/jwks","alg")"), Errc::unauthenticated},
      {replaced(forge.header(), R"({"alg")", R"({"b64":false,"alg")"), Errc::unauthenticated},
      {replaced(forge.header(), R"("EdDSA")", "1"), Errc::unauthenticated},
      {replaced(forge.header(), R"({"alg")", R"({"alg":"none","alg")"), Errc::malformed},
      {replaced(forge.header(), R"({"alg")", R"({ "alg")"), Errc::malformed},
      {replaced(forge.header(), R"({"alg")", R"({"\u0061lg")"), Errc::malformed},
      {"[]", Errc::malformed},
      {"", Errc::malformed},
      {R"({"alg":{"a":{"a":{}}}})", Errc::malformed},
  }));
  CAPTURE(header);
  target.refuses(forge.token(header, payload), code);
}

TEST_CASE("access token attack: no signature, or an HMAC with the public key, is refused", "[http][access-token]") {
  Target target;
  const TokenForge forge;
  const std::string payload = part_of(target.good, 1);
  target.refuses(TokenForge::unsigned_token(forge.header("none"), payload) + ".", Errc::unauthenticated);
  target.refuses(TokenForge::unsigned_token(forge.header(), payload) + ".", Errc::unauthenticated);
  for (const char* algorithm : {"HS256", "EdDSA"}) {
    const std::string text = TokenForge::unsigned_token(forge.header(algorithm), payload);
    const core::Bytes mac = hmac_sha256(forge.key.public_key().bytes(), text);
    target.refuses(text + "." + core::crypto::base64url_encode(mac), Errc::unauthenticated);
  }
}

TEST_CASE("access token attack: claims of another server, workspace or form are refused", "[http][access-token]") {
  Target target;
  const TokenForge forge;
  const http::AccessClaims claims = sample_claims();
  const std::string payload = part_of(target.good, 1);
  const std::string other = "ws_00000000000000000000000000";
  const std::string workspace = claims.workspace.str();
  const auto [damaged, code] = GENERATE_REF(table<std::string, Errc>({
      {replaced(payload, "https://tally.example\"", "https://evil.example\""), Errc::unauthenticated},
      {replaced(payload, "https://tally.example\"", "https://tally.example/\""), Errc::unauthenticated},
      {replaced(payload, "/w/" + workspace, "/w/" + other), Errc::unauthenticated},
      {replaced(payload, "/w/" + workspace, ""), Errc::unauthenticated},
      {replaced(payload, R"("aud":)", R"("aut":)"), Errc::unauthenticated},
      {replaced(payload, R"("aud":"https://tally.example/w/)", R"("aud":"https://tally.example/v2/)"),
       Errc::unauthenticated},
      {replaced(payload, R"("aud":"https:)", R"("aud":"https\u003a)"), Errc::malformed},
      {replaced(payload, R"("aud":"https:)", R"("aud":"h#)"), Errc::unauthenticated},
      {replaced(payload, R"("client_id":")" + workspace, R"("client_id":")" + other), Errc::malformed},
      {replaced(payload, R"("tally_workspace":")" + workspace, R"("tally_workspace":")" + other), Errc::malformed},
      {replaced(payload, "usr_", "tok_"), Errc::malformed},
      {replaced(payload, "at_", "xx_"), Errc::malformed},
      {replaced(payload, R"("exp":)", R"("exq":)"), Errc::malformed},
      {replaced(payload, "1795395600", "-1"), Errc::malformed},
      {replaced(payload, "1795395600", "99999999999999"), Errc::malformed},
      {replaced(payload, "1795395600", "18446744073709551615"), Errc::malformed},
      {replaced(payload, "1795395600", "\"1795395600\""), Errc::malformed},
      {replaced(payload, "files.read tally", "files.read  tally"), Errc::malformed},
      {replaced(payload, R"("scope":"files.read tally:tokens.read")", R"("scope":["files.read"])"), Errc::malformed},
      {replaced(payload, "{", R"({"exp":9999999999,)"), Errc::malformed},
      {replaced(payload, "{", R"({"cnf":{},)"), Errc::malformed},
      {replaced(payload, "{", R"({"cnf":null,)"), Errc::malformed},
      {replaced(payload, "{", R"({"cnf":{"jkt":"AA"},)"), Errc::malformed},
      {replaced(payload, "{", R"({"cnf":{"jkt":1},)"), Errc::malformed},
      {replaced(payload, "{", R"({"cnf":{"jwk":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc"},)"), Errc::malformed},
      {replaced(payload, "{",
                R"({"cnf":{"jkt":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc","x":"BwcHBwcHBwcHBwcHBwcHBwcHBwc"},)"),
       Errc::malformed},
      {replaced(payload, "{", R"({"tally_parent":"at_1",)"), Errc::malformed},
      {replaced(payload, "{", R"({"tally_parent":"at_00000000000000000000000000",)"), Errc::malformed},
      {replaced(payload, R"("status":)", R"("stats":)"), Errc::malformed},
      {replaced(payload, R"("status_list":{)", R"("status_list":{"x":1,)"), Errc::malformed},
      {replaced(payload, R"("idx":0)", R"("idx":-1)"), Errc::malformed},
      {replaced(payload, R"("idx":0)", R"("idx":131072)"), Errc::malformed},
      {replaced(payload, R"("idx":0)", R"("idx":"0")"), Errc::malformed},
      {replaced(payload, "/oauth2/status/0", "/oauth2/status/00"), Errc::malformed},
      {replaced(payload, "/oauth2/status/0", "/oauth2/status/140737488355327"), Errc::malformed},
      {replaced(payload, "https://tally.example/oauth2/status/0", "https://evil.example/oauth2/status/0"),
       Errc::malformed},
      {payload + " ", Errc::malformed},
      {payload + "{}", Errc::malformed},
      {"null", Errc::malformed},
      {"", Errc::malformed},
  }));
  CAPTURE(damaged);
  target.refuses(forge.token(forge.header(), damaged), code);
}

TEST_CASE("access token attack: an unknown claim of our own later release is no reason to refuse",
          "[http][access-token]") {
  Target target;
  const TokenForge forge;
  const std::string payload = replaced(part_of(target.good, 1), "{", R"({"later":{"a":[1]},)");
  CHECK(
      target.fresh.verify(forge.token(forge.header(), replaced(payload, R"({"a":[1]})", "1")), kForgeNow).has_value());
}

TEST_CASE("access token attack: every cut is refused", "[http][access-token]") {
  Target target;
  for (std::size_t size = 0; size < target.good.size(); ++size) {
    CAPTURE(size);
    REQUIRE(target.fresh.verify(target.good.substr(0, size), kForgeNow).has_error());
  }
}

TEST_CASE("access token attack: every flipped bit is refused", "[http][access-token]") {
  Target target;
  const std::size_t payload_begin = target.good.find('.');
  const std::size_t signature_begin = target.good.rfind('.');
  for (std::size_t place = 0; place < target.good.size(); ++place) {
    const bool in_payload = place > payload_begin && place < signature_begin;
    for (int bit = 0; bit < 8; ++bit) {
      // Each flip in the payload costs a whole verification: one bit of each character.
      if (in_payload && bit != static_cast<int>(place % 6)) continue;
      std::string damaged = target.good;
      damaged[place] = static_cast<char>(damaged[place] ^ (1 << bit));
      CAPTURE(place, bit);
      REQUIRE(target.fresh.verify(damaged, kForgeNow).has_error());
      REQUIRE(target.signer.verify(damaged, kForgeNow).has_error());
    }
  }
}

TEST_CASE("access token attack: another text of the same token is refused", "[http][access-token]") {
  Target target;
  const auto change = GENERATE(values<std::function<std::string(std::string)>>({
      [](std::string token) { return token + "="; },
      [](std::string token) { return token + "."; },
      [](std::string token) { return token + ".AA"; },
      [](std::string token) { return token + "\n"; },
      [](std::string token) { return " " + token; },
      [](std::string token) { return "." + token; },
      // The last character of 64 bytes carries two bits; its other four must be zero.
      [](std::string token) {
        token.back() = static_cast<char>(token.back() + 1);
        return token;
      },
      [](std::string token) { return replaced(std::move(token), ".", "=."); },
      [](std::string) { return std::string(http::limits::kAccessTokenBytesMax + 1, 'a'); },
      [](std::string) { return std::string(http::limits::kAccessTokenBytesMax, '.'); },
  }));
  target.refuses(change(target.good), Errc::malformed);
  // Well-formed, but of 65 bytes: no signature at all.
  target.refuses(target.good + "A", Errc::unauthenticated);
}
