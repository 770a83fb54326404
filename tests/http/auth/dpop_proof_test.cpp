#include "http/auth/dpop_proof.hpp"

#include <catch2/catch.hpp>

#include "http/server/limits.hpp"
#include "tests/http/oauth/token_forge.hpp"
#include "tests/support/proof_maker.hpp"

using namespace tally;
using namespace tally::testing;
using core::Errc;
using http::DPoPProof;

namespace {

/// The first proof of RFC 9449 §4.1, and the thumbprint of its key (§6.1).
constexpr const char* kRfcProof =
    "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJo"
    "RjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19."
    "eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0"
    "IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";
constexpr const char* kRfcThumbprint = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";

constexpr const char* kEcJwk =
    R"({"kty":"EC","x":"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs","y":"9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA","crv":"P-256"})";

std::string proof_with_header(const std::string& header) {
  ProofMaker maker;
  return maker.sign(header, maker.payload({.at = kForgeNow}));
}
std::string proof_with_payload(const std::string& payload) {
  const ProofMaker maker;
  return maker.sign(maker.header(), payload);
}

void is_refused(const std::string& proof) {
  CAPTURE(proof);
  const auto parsed = DPoPProof::parse(proof);
  REQUIRE(parsed.has_error());
  CHECK(parsed.error().code == Errc::invalid_proof);
}

}  // namespace

TEST_CASE("dpop proof: the standard's own example", "[http][dpop]") {
  const auto proof = DPoPProof::parse(kRfcProof);
  REQUIRE(proof.has_value());
  CHECK(proof->has_good_signature());
  CHECK(proof->id == "-BwC3ESc6acc2lTc");
  CHECK(proof->method == "POST");
  CHECK(proof->url == "https://server.example.com/token");
  CHECK(proof->issued_at_seconds == 1'562'262'616);
  CHECK_FALSE(proof->access_token_hash.has_value());
  CHECK_FALSE(proof->nonce.has_value());
  CHECK(core::crypto::base64url_encode(proof->key.thumbprint().bytes) == kRfcThumbprint);
}

TEST_CASE("dpop proof: no change of a single character goes unnoticed", "[http][dpop]") {
  const std::string good = kRfcProof;
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string damaged = good;
    damaged[at] = damaged[at] == 'A' ? 'B' : 'A';
    const auto proof = DPoPProof::parse(damaged);
    if (proof.has_value()) CHECK_FALSE(proof->has_good_signature());
    const std::string shorter = good.substr(0, at);
    const auto cut = DPoPProof::parse(shorter);
    if (cut.has_value()) CHECK_FALSE(cut->has_good_signature());
  }
}

TEST_CASE("dpop proof: optional claims are read, unknown ones are not", "[http][dpop]") {
  ProofMaker maker;
  const std::string text = maker.proof({.at = kForgeNow, .nonce = "n", .access_token = "token"});
  const auto proof = DPoPProof::parse(text);
  REQUIRE(proof.has_value());
  CHECK(proof->has_good_signature());
  CHECK(proof->nonce == "n");
  CHECK(proof->access_token_hash.has_value());
  const std::string more = R"({"x":[1,{"y":2}],"jti":"a","htm":"GET","htu":"http://a/","iat":1.9,"sub":"me"})";
  const std::string other = proof_with_payload(more);
  const auto extended = DPoPProof::parse(other);
  REQUIRE(extended.has_value());
  CHECK(extended->issued_at_seconds == 1);
}

TEST_CASE("dpop proof: of a claim that comes twice the last one counts", "[http][dpop]") {
  const std::string text = proof_with_payload(R"({"jti":"a","htm":"GET","htm":"PUT","htu":"http://a/","iat":1})");
  const auto proof = DPoPProof::parse(text);
  REQUIRE(proof.has_value());
  CHECK(proof->method == "PUT");
}

TEST_CASE("dpop proof: what its header must be", "[http][dpop]") {
  const ProofMaker maker;
  const std::string good = maker.header();
  REQUIRE(DPoPProof::parse(proof_with_header(good)).has_value());
  const std::string x = R"("x":")" + core::crypto::base64url_encode(core::Bytes(31, 1)) + R"("})";
  for (const std::string& changed :
       std::vector<std::string>{std::string{"[]"},
                                std::string{"{}"},
                                std::string{"null"},
                                std::string{"not json"},
                                std::string{"{\"a\":[[[[1]]]]}"},
                                replaced(good, "dpop+jwt", "at+jwt"),
                                replaced(good, "dpop+jwt", "application/dpop+jwt"),
                                replaced(good, R"("typ":"dpop+jwt",)", ""),
                                replaced(good, R"("alg":"EdDSA",)", ""),
                                replaced(good, "EdDSA", "none"),
                                replaced(good, "EdDSA", "HS256"),
                                replaced(good, "EdDSA", "ES384"),
                                replaced(good, R"("alg":"EdDSA")", R"("alg":["EdDSA"])"),
                                replaced(good, maker.jwk(), "{}"),
                                replaced(good, maker.jwk(), "\"key\""),
                                replaced(good, R"("typ")", R"("crit":["b64"],"b64":false,"typ")"),
                                replaced(good, R"({"kty")", R"({"d":"AAAA","kty")"),
                                replaced(good, R"({"kty")", R"({"k":"AAAA","kty")"),
                                replaced(good, "OKP", "oct"),
                                replaced(good, "OKP", "EC"),
                                replaced(good, "Ed25519", "X25519"),
                                replaced(good, maker.jwk(), R"({"kty":"OKP","crv":"Ed25519",)" + x),
                                replaced(good, maker.jwk(), R"({"kty":"OKP","crv":"Ed25519"})"),
                                replaced(good, maker.jwk(), R"({"kty":"RSA","n":"AQAB","e":"AQAB"})"),
                                replaced(good, maker.jwk(), R"({"kty":"RSA","n":"AQAB"})"),
                                replaced(good, maker.jwk(), replaced(kEcJwk, "P-256", "secp256k1")),
                                replaced(good, maker.jwk(), replaced(kEcJwk, "l8tF", "l8tG")),
                                replaced(good, maker.jwk(), replaced(kEcJwk, "l8tF", "l8t="))}) {
    is_refused(proof_with_header(changed));
  }
}

TEST_CASE("dpop proof: a key of another kind than the algorithm's proves nothing", "[http][dpop]") {
  ProofMaker maker;
  const std::string text = proof_with_header(replaced(maker.header(), maker.jwk(), kEcJwk));
  const auto proof = DPoPProof::parse(text);
  REQUIRE(proof.has_value());
  CHECK_FALSE(proof->has_good_signature());
}

TEST_CASE("dpop proof: which claims it must have", "[http][dpop]") {
  const std::string good = R"({"jti":"a","htm":"GET","htu":"http://a/","iat":1,"ath":"b","nonce":"c"})";
  REQUIRE(DPoPProof::parse(proof_with_payload(good)).has_value());
  const std::string too_long(http::limits::kProofIdBytesMax + 1, 'a');
  const std::string changed = GENERATE_COPY(
      std::string{"[]"}, replaced(good, R"("jti":"a",)", ""), replaced(good, R"("htm":"GET",)", ""),
      replaced(good, R"("htu":"http://a/",)", ""), replaced(good, R"("iat":1,)", ""),
      replaced(good, R"("jti":"a")", R"("jti":"")"), replaced(good, R"("jti":"a")", R"("jti":1)"),
      replaced(good, R"("jti":"a")", R"("jti":")" + too_long + '"'), replaced(good, R"("htm":"GET")", R"("htm":null)"),
      replaced(good, R"("htu":"http://a/")",
               R"("htu":")" + std::string(http::limits::kProofUrlBytesMax + 1, 'a') + '"'),
      replaced(good, R"("iat":1)", R"("iat":"1")"), replaced(good, R"("iat":1)", R"("iat":-1)"),
      replaced(good, R"("iat":1)", R"("iat":1e300)"), replaced(good, R"("iat":1)", R"("iat":253402300800)"),
      replaced(good, R"("ath":"b")", R"("ath":1)"), replaced(good, R"("ath":"b")", R"("ath":"")"),
      replaced(good, R"("nonce":"c")", R"("nonce":[])"),
      replaced(good, R"("nonce":"c")", R"("nonce":")" + too_long + '"'));
  is_refused(proof_with_payload(changed));
}

TEST_CASE("dpop proof: three parts of base64url within the bound", "[http][dpop]") {
  const std::string good = kRfcProof;
  is_refused("");
  is_refused("a.b");
  is_refused("..");
  is_refused(good + ".e30");
  is_refused(good + "=");
  is_refused(" " + good);
  is_refused(std::string(http::limits::kProofBytesMax + 1, 'a'));
}

TEST_CASE("dpop proof: two ways to write one URL are the same target", "[http][dpop]") {
  const auto [left, right, is_same] = GENERATE(table<std::string, std::string, bool>({
      {"https://a.example/x", "https://a.example/x", true},
      {"https://a.example/x", "HTTPS://A.Example:443/x", true},
      {"http://a.example:80/x", "http://a.example/x", true},
      {"http://a.example:/x", "http://a.example/x", true},
      {"https://a.example", "https://a.example/", true},
      {"https://a.example/x?y=1#z", "https://a.example/x", true},
      {"https://a.example/%7Ex/%c3%a4", "https://a.example/~x/%C3%A4", true},
      {"https://a.example/b/../x/./", "https://a.example/x/", true},
      {"https://a.example/../x", "https://a.example/x", true},
      {"https://a.example/b/..", "https://a.example", true},
      {"https://a.example/x/.", "https://a.example/x/", true},
      {"https://a.example/%2e%2E/x", "https://a.example/x", true},
      {"https://%41.example/x", "https://a.example/x", true},
      {"https://a.example//x", "https://a.example/x", false},
      {"http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x", true},
      {"http://[::1]:8080/x", "http://[::1]:8080/x", true},
      {"https://a.example/x", "http://a.example/x", false},
      {"https://a.example/x", "https://b.example/x", false},
      {"https://a.example/x", "https://a.example:8443/x", false},
      {"http://a.example:443/x", "http://a.example/x", false},
      {"https://a.example/x", "https://a.example/X", false},
      {"https://a.example/x", "https://a.example/x/", false},
      {"https://a.example/a%2Fb", "https://a.example/a/b", false},
      {"https://a.example/x", "https://me@a.example/x", false},
      {"https://a.example/x", "/x", false},
      {"https:///x", "https:///x", false},
      {"https://a.example:443.x/../y", "https://a.example:443.x/../y", false},
      {"ftp://a.example/x", "ftp://a.example/x", false},
      {"not a url", "not a url", false},
      {"", "", false},
  }));
  CAPTURE(left, right);
  CHECK(http::is_same_target(left, right) == is_same);
  CHECK(http::is_same_target(right, left) == is_same);
}
