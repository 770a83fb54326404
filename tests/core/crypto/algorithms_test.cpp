#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "core/crypto/base64.hpp"
#include "core/crypto/signing_key.hpp"
#include "core/crypto/system_random.hpp"

namespace tally::core::crypto {
namespace {

// RFC 7515, appendix A.2 and A.3.
constexpr const char* kPayload =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
constexpr const char* kEcX = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
constexpr const char* kEcY = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
constexpr const char* kEcSignature =
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
constexpr const char* kRsaN =
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pC"
    "gNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg6"
    "65xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRW"
    "yuXpoQ";
constexpr const char* kRsaSignature =
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t"
    "1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12j"
    "zDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQ"
    "Ge77Rw";
// RFC 7638 §3.1.
constexpr const char* kThumbprintN =
    "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknj"
    "hMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQ"
    "vRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzK"
    "nqDKgw";

Bytes bytes_of_vector(std::string_view text) { return *base64url_decode(text); }

Bytes point_of(std::string_view x, std::string_view y) {
  Bytes point{4};
  for (const std::uint8_t byte : bytes_of_vector(x)) point.push_back(byte);
  for (const std::uint8_t byte : bytes_of_vector(y)) point.push_back(byte);
  return point;
}

/// RSAPublicKey of a 2048-bit modulus and 65537, as DER writes it.
Bytes rsa_of(std::string_view modulus) {
  Bytes der{0x30, 0x82, 0x01, 0x0a, 0x02, 0x82, 0x01, 0x01, 0x00};
  for (const std::uint8_t byte : bytes_of_vector(modulus)) der.push_back(byte);
  const Bytes exponent{0x02, 0x03, 0x01, 0x00, 0x01};
  der.insert(der.end(), exponent.begin(), exponent.end());
  return der;
}

struct Sample {
  SigningAlgorithm algorithm;
  Bytes public_key;
  std::string message;
  Bytes signature;
};

std::vector<Sample> samples() {
  return {{SigningAlgorithm::es256, point_of(kEcX, kEcY), std::string{"eyJhbGciOiJFUzI1NiJ9."} + kPayload,
           bytes_of_vector(kEcSignature)},
          {SigningAlgorithm::rs256, rsa_of(kRsaN), std::string{"eyJhbGciOiJSUzI1NiJ9."} + kPayload,
           bytes_of_vector(kRsaSignature)}};
}

const SigningKey& drawn_key(SigningAlgorithm algorithm) {
  static SystemRandom random;
  static const SigningKey eddsa = SigningKey::generate(random);
  static const SigningKey es256 = SigningKey::generate(random, SigningAlgorithm::es256);
  static const SigningKey rs256 = SigningKey::generate(random, SigningAlgorithm::rs256);
  return algorithm == SigningAlgorithm::eddsa ? eddsa : algorithm == SigningAlgorithm::es256 ? es256 : rs256;
}

constexpr auto kAll = {SigningAlgorithm::eddsa, SigningAlgorithm::es256, SigningAlgorithm::rs256};

TEST_CASE("algorithms: the signatures of RFC 7515 are good, and no changed one is", "[core][crypto]") {
  for (const Sample& sample : samples()) {
    INFO(name_of(sample.algorithm));
    const auto key = VerifyingKey::from_bytes(sample.algorithm, sample.public_key);
    REQUIRE(key.has_value());
    CHECK(key->bytes() == sample.public_key);
    REQUIRE(key->verify(as_bytes(sample.message), sample.signature));
    for (std::size_t bit = 0; bit < sample.signature.size() * 8; bit += 5) {
      Bytes changed = sample.signature;
      changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ (1 << bit % 8));
      REQUIRE_FALSE(key->verify(as_bytes(sample.message), changed));
    }
    CHECK_FALSE(key->verify(as_bytes(sample.message + " "), sample.signature));
    CHECK_FALSE(key->verify(as_bytes(sample.message), {}));
    CHECK_FALSE(key->verify(as_bytes(sample.message), ByteView{sample.signature}.first(63)));
    Bytes longer = sample.signature;
    longer.push_back(0);
    CHECK_FALSE(key->verify(as_bytes(sample.message), longer));
    // The same number with a zero in front.
    Bytes padded{0};
    padded.insert(padded.end(), sample.signature.begin(), sample.signature.end());
    CHECK_FALSE(key->verify(as_bytes(sample.message), padded));
  }
}

TEST_CASE("algorithms: an ECDSA signature of zeros is no signature", "[core][crypto]") {
  const auto key = VerifyingKey::from_bytes(SigningAlgorithm::es256, point_of(kEcX, kEcY));
  CHECK_FALSE(key->verify(as_bytes("m"), Bytes(64, 0)));
}

TEST_CASE("algorithms: the thumbprints of RFC 7638 and of an independent program", "[core][crypto]") {
  CHECK(VerifyingKey::from_bytes(SigningAlgorithm::rs256, rsa_of(kThumbprintN))->thumbprint() ==
        "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
  CHECK(VerifyingKey::from_bytes(SigningAlgorithm::es256, point_of(kEcX, kEcY))->thumbprint() ==
        "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U");
}

TEST_CASE("algorithms: a drawn key signs, is written as PEM, and reads as the same", "[core][crypto]") {
  for (const SigningAlgorithm algorithm : kAll) {
    INFO(name_of(algorithm));
    const SigningKey& key = drawn_key(algorithm);
    CHECK(key.algorithm() == algorithm);
    CHECK(key.public_key().algorithm() == algorithm);
    const auto again = SigningKey::from_pem(key.to_pem().reveal());
    REQUIRE(again.has_value());
    CHECK(again->algorithm() == algorithm);
    CHECK(again->public_key().thumbprint() == key.public_key().thumbprint());
    const Signature signature = again->sign(as_bytes("m"));
    CHECK(signature.size() == (algorithm == SigningAlgorithm::rs256 ? 256U : 64U));
    CHECK(key.public_key().verify(as_bytes("m"), signature));
    const auto stored = VerifyingKey::from_bytes(algorithm, key.public_key().bytes());
    REQUIRE(stored.has_value());
    CHECK(stored->verify(as_bytes("m"), signature));
    CHECK_FALSE(stored->verify(as_bytes("n"), signature));
  }
}

TEST_CASE("algorithms: one algorithm's key is not taken for another's", "[core][crypto]") {
  for (const SigningAlgorithm algorithm : kAll) {
    for (const SigningAlgorithm other : kAll) {
      if (other == algorithm) continue;
      INFO(name_of(algorithm) << " as " << name_of(other));
      CHECK(VerifyingKey::from_bytes(other, drawn_key(algorithm).public_key().bytes()).error().code == Errc::malformed);
    }
  }
}

TEST_CASE("algorithms: a point that is not on the curve, or written otherwise, is malformed", "[core][crypto]") {
  const Bytes point = point_of(kEcX, kEcY);
  const auto code = [](const Bytes& bytes) {
    const auto key = VerifyingKey::from_bytes(SigningAlgorithm::es256, bytes);
    return key.has_error() ? key.error().code : Errc::internal;
  };
  for (std::size_t at = 0; at < point.size(); ++at) {
    Bytes changed = point;
    changed[at] ^= 1;
    INFO(at);
    REQUIRE(code(changed) == Errc::malformed);
  }
  for (std::size_t size = 0; size < point.size(); ++size) {
    REQUIRE(code(Bytes{point.begin(), point.begin() + static_cast<std::ptrdiff_t>(size)}) == Errc::malformed);
  }
  Bytes compressed{3};
  for (const std::uint8_t byte : bytes_of_vector(kEcX)) compressed.push_back(byte);
  CHECK(code(compressed) == Errc::malformed);
  CHECK(code(Bytes(65, 0)) == Errc::malformed);
}

TEST_CASE("algorithms: an RSA key of another size, exponent or writing is malformed", "[core][crypto]") {
  const Bytes good = rsa_of(kRsaN);
  const auto code = [](const Bytes& bytes) {
    const auto key = VerifyingKey::from_bytes(SigningAlgorithm::rs256, bytes);
    return key.has_error() ? key.error().code : Errc::internal;
  };
  REQUIRE(code(good) == Errc::internal);
  for (std::size_t size = 0; size < good.size(); ++size) {
    REQUIRE(code(Bytes{good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)}) == Errc::malformed);
  }
  Bytes longer = good;
  longer.push_back(0);
  CHECK(code(longer) == Errc::malformed);
  Bytes even = good;
  even[even.size() - 6] ^= 1;
  CHECK(code(even) == Errc::malformed);
  Bytes exponent_of_one = good;
  exponent_of_one[exponent_of_one.size() - 3] = 0;
  CHECK(code(exponent_of_one) == Errc::malformed);
  // 0x30 0x82: a length of two bytes. As one of three it is BER, and another text of the same key.
  Bytes ber{0x30, 0x83, 0x00};
  ber.insert(ber.end(), good.begin() + 2, good.end());
  CHECK(code(ber) == Errc::malformed);
  // 1024 bits.
  Bytes small{0x30, 0x81, 0x89, 0x02, 0x81, 0x81, 0x00};
  for (std::size_t i = 0; i < 128; ++i) small.push_back(static_cast<std::uint8_t>(good[9 + i]));
  small.back() |= 1;
  const Bytes exponent{0x02, 0x03, 0x01, 0x00, 0x01};
  small.insert(small.end(), exponent.begin(), exponent.end());
  CHECK(code(small) == Errc::malformed);
}

TEST_CASE("algorithms: each signs from many threads at once", "[core][crypto]") {
  for (const SigningAlgorithm algorithm : {SigningAlgorithm::es256, SigningAlgorithm::rs256}) {
    const SigningKey& key = drawn_key(algorithm);
    std::vector<int> wrong(4, 0);
    std::vector<std::thread> threads;
    for (int& count : wrong) {
      threads.emplace_back([&count, &key] {
        for (int i = 0; i < 10; ++i) {
          const std::string message(static_cast<std::size_t>(i), 'm');
          count += key.public_key().verify(as_bytes(message), key.sign(as_bytes(message))) ? 0 : 1;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(wrong == std::vector<int>(4, 0));
  }
}

TEST_CASE("algorithms: their names are those of JOSE", "[core][crypto]") {
  for (const SigningAlgorithm algorithm : kAll) CHECK(*parse_signing_algorithm(name_of(algorithm)) == algorithm);
  CHECK(parse_signing_algorithm("eddsa").error().field == "algorithm");
  CHECK(parse_signing_algorithm("none").error().code == Errc::invalid_argument);
}

}  // namespace
}  // namespace tally::core::crypto
