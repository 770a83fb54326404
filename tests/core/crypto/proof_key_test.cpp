#include "core/crypto/proof_key.hpp"

#include <string>

#include <catch2/catch.hpp>

#include "core/crypto/base64.hpp"

namespace tally::core::crypto {
namespace {

constexpr std::string_view kMessage = "made by another implementation";

Bytes decoded(std::string_view text) {
  auto bytes = base64url_decode(text);
  REQUIRE(bytes.has_value());
  return *bytes;
}

/// A key, what it signed, and its thumbprint, made by Node.js (OpenSSL).
struct Vector {
  ProofAlgorithm algorithm;
  ProofKey key;
  Bytes signature;
  std::string thumbprint;
};

Vector es256() {
  return {ProofAlgorithm::es256,
          *ProofKey::ec_p256(decoded("l0_TMSwDfh2Y-LIQFBM3u1YgL_253xiImJg5l_S2dIk"),
                             decoded("34vHPpAj1OYfyy8OasrzD9StaoN4z4LpJ4rp6vgBWRE")),
          decoded("nCF71Q2cG5XW4STxlsqPV6oR57uI2-pfv3rAf18D5ZKev98xoKCg60nK9xA4pgLUi3vyHdK3aoyEPTOUhwFd9w"),
          "d2MkjutMn1NksZbll1djCisXNu35DT3sPKibFJ0JBxQ"};
}

Vector eddsa() {
  return {ProofAlgorithm::eddsa, *ProofKey::ed25519(decoded("5V7tmzjHh8fQm5Xgo2aITPpQl8FP51594yBu4AryDhY")),
          decoded("g7l84wSzWD9QByZ2YRgQmrPHbXqQvOwcWHvSyxpf5i175eXDTTzYbtXaNNEhDoXdydLdHSGuQc-atSbJc-3FAQ"),
          "0nWizUOAVQ-rgJCgVTx6ChfNGjUAhwepHNxmz7KKH2E"};
}

Vector rs256() {
  return {
      ProofAlgorithm::rs256,
      *ProofKey::rsa(
          decoded("rmZ3r7fG4tz1NclV-fyWsoTjSEJ2BjqxTs2hcrivI7IFAlug7GpVAiepunAsFc1-dIAjT26CI3jS-Z5lF7NKFdqmbq363TznqbU3"
                  "Xq3N-ApM3G2BJHeBs1CtzW2hGILnTW2kEmlyRsm7ujMfA3CiK5lmjJnIc5mOJzY5PLj9CnpJe-Cbk0aVPU6pQc2BewWZkCAi_PXK"
                  "zF-kkC3Ypeml2dcRdmEQFUskeclOJWXqwg_geCJAURN90o-ap5zpgwu5OwvNh9d74YlMfybee5KDnNJ5TjEgCfHqVTgY28B5SeB0"
                  "BieKCeri_FpIrl-cSAZRspDhSsBdodn0gVcdpfjGSQ"),
          decoded("AQAB")),
      decoded("OWcTl6o5Hd-DrzOv5VN4D1Z1jajCkQlRRFxUBcJimm8Wdzcxo8kHqdJzmleuLBOwQqjS43Ruxkha0su0S2M6UHm9VTjVDYE8RtWb"
              "f2BqwO8ahZgv_uWwJIkkDa6hzK9nHDXjBJRZjOjQoykS9LurTmr77WStEWYRvLKLIVi8uAI91XiHoKv7UmZIBmv1fjUWR6ktfAy-"
              "OUkhovGFkx_S2XHN7M8LFpKGZUQqx4Rf19gqaAObAxkyt8101YawG61am8HV9xf-2YV_aEwCN6Fk_LJGbpygY6wzoFn0DBWcZWdM"
              "rem0mcXo0FaT5YbglsTb_gSZ82QZykSZ9SoyPk-ggg"),
      "zNWs7sN8hAX5pGMz8PYyjDliHn9E3G4Kru2mblhvVP4"};
}

Vector ps256() {
  return {
      ProofAlgorithm::ps256,
      *ProofKey::rsa(
          decoded("u_oQjsv4Q_Jy6EoRwTHRv0Le8oyBSFShb2c_GB94kSoIZZEx2EJA71nxZylXNx9v8PWuToH_wHZBi3lkgcIX7ORg32OT0hIkErEh"
                  "18rnitKPzVJ2yHikxCJ_WLu6LEUzdQ8r3NU9rgCz-g1B1S-8LkS1xMu1XlJ5MR_XeOxFV3oGUW2xS5viSDnJglb1moxVwrj2pvKr"
                  "tWXl3Tp2WQtQAUe2CiLJcruIwfpjRTL1tPZ3ccvyk28TtKco-qwKexMy3e5Uw9O4VxPc-H9BaAv47cvVWf-Dsfx0sQqID4SBLjHk"
                  "O7rlcMkLdUfEQSAuiRv4k9JlerSY6upSvLGIsdELIQ"),
          decoded("AQAB")),
      decoded("TA3R71H3OSuEBjNq3PvYUG8dMCWzfAa32tzOWQr8BfJ1MCynxiN2DAkUIj_sMYPw6cgnKkkkwrWA3SL1aKa2jTqqBLZyXvWcGlOB"
              "jtCf3Dia-suNInsEbjktfpGCN_kFLgBkDC7Lv-IXmMbB5-HLtv2WWrkgi-o_JqlUyQ0z0VdIqI9e2R5TncLsEZjKJQg1x7RfbIWr"
              "ejpNTqxYL3s-OEqEtCUkghlWdfVICsM2_2xOxz_VX10rd7C_KamZ9nKF3rQw-A4PQOH58IKrGc92gcQjGRkuqUDL5rFV6-cikdz9"
              "PfLCGDnv7uGmtvsP6l_w0fWKwX_kv6PpSF5CpJER0A"),
      "pgMCa7kj4WAzYfxhDB1ZqQcONaWEe3F96fzsIstISbo"};
}

/// The key of RFC 7638 §3.1.
constexpr std::string_view kRfc7638Modulus =
    "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknj"
    "hMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQ"
    "vRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzK"
    "nqDKgw";

TEST_CASE("proof key: what another implementation signed verifies, and nothing else", "[core][crypto]") {
  for (Vector (*make)() : {es256, eddsa, rs256, ps256}) {
    const Vector vector = make();
    CAPTURE(vector.thumbprint);
    CHECK(base64url_encode(vector.key.thumbprint().bytes) == vector.thumbprint);
    for (const auto algorithm :
         {ProofAlgorithm::es256, ProofAlgorithm::eddsa, ProofAlgorithm::rs256, ProofAlgorithm::ps256}) {
      CHECK(vector.key.verify(algorithm, as_bytes(kMessage), vector.signature) == (algorithm == vector.algorithm));
    }
    CHECK_FALSE(vector.key.verify(vector.algorithm, as_bytes("another message"), vector.signature));
    for (std::size_t at = 0; at < vector.signature.size(); at += 7) {
      Bytes damaged = vector.signature;
      damaged[at] ^= 1;
      CHECK_FALSE(vector.key.verify(vector.algorithm, as_bytes(kMessage), damaged));
    }
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, vector.signature.size() - 1}) {
      const Bytes cut(vector.signature.begin(), vector.signature.begin() + static_cast<std::ptrdiff_t>(size));
      CHECK_FALSE(vector.key.verify(vector.algorithm, as_bytes(kMessage), cut));
    }
    Bytes padded{0};
    padded.insert(padded.end(), vector.signature.begin(), vector.signature.end());
    CHECK_FALSE(vector.key.verify(vector.algorithm, as_bytes(kMessage), padded));
  }
}

TEST_CASE("proof key: the thumbprint of RFC 7638 section 3.1", "[core][crypto]") {
  const auto key = ProofKey::rsa(decoded(kRfc7638Modulus), decoded("AQAB"));
  REQUIRE(key.has_value());
  CHECK(base64url_encode(key->thumbprint().bytes) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

TEST_CASE("proof key: a point must lie on the curve", "[core][crypto]") {
  Bytes x(32, 1);
  Bytes y(32, 1);
  CHECK(ProofKey::ec_p256(x, y).has_error());
  x.assign(32, 0);
  y.assign(32, 0);
  CHECK(ProofKey::ec_p256(x, y).has_error());
  x.assign(32, 0xff);
  CHECK(ProofKey::ec_p256(x, y).has_error());
  for (const std::size_t size : {std::size_t{0}, std::size_t{31}, std::size_t{33}}) {
    CHECK(ProofKey::ec_p256(Bytes(size, 1), Bytes(32, 1)).has_error());
    CHECK(ProofKey::ec_p256(Bytes(32, 1), Bytes(size, 1)).has_error());
    CHECK(ProofKey::ed25519(Bytes(size, 1)).has_error());
  }
}

TEST_CASE("proof key: an RSA key has its bounds", "[core][crypto]") {
  const Bytes modulus = decoded(kRfc7638Modulus);
  const Bytes exponent = decoded("AQAB");
  const auto is_key = [](const Bytes& number, const Bytes& power) { return ProofKey::rsa(number, power).has_value(); };
  CHECK(is_key(modulus, exponent));
  Bytes longer(512, 0xff);
  CHECK(is_key(longer, exponent));
  longer.push_back(0xff);
  CHECK_FALSE(is_key(longer, exponent));
  CHECK_FALSE(is_key(Bytes(255, 0xff), exponent));
  Bytes shorter = modulus;
  shorter.front() = 0x7f;  // 2,047 bits
  CHECK_FALSE(is_key(shorter, exponent));
  Bytes even = modulus;
  even.back() &= 0xfe;
  CHECK_FALSE(is_key(even, exponent));
  Bytes padded = modulus;
  padded.insert(padded.begin(), 0);
  CHECK_FALSE(is_key(padded, exponent));
  CHECK_FALSE(is_key({}, exponent));
  for (const Bytes& bad : {Bytes{}, Bytes{3}, Bytes{1, 0, 0}, Bytes{0, 1, 0, 1}, Bytes{1, 0, 0, 0, 1}}) {
    CHECK_FALSE(is_key(modulus, bad));
  }
}

}  // namespace
}  // namespace tally::core::crypto
