#include "core/crypto/signing_key.hpp"

#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "core/crypto/system_random.hpp"
#include "tests/core/fixed_random.hpp"
#include "tests/core/hex.hpp"

namespace tally::core::crypto {
namespace {

using testing::bytes_of_hex;
using testing::FixedRandom;

constexpr const char* kSeed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
// As other software writes the key above.
constexpr const char* kPem =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
    "-----END PRIVATE KEY-----\n";

SigningKey key_of_seed(std::string_view seed) {
  FixedRandom random{bytes_of_hex(seed)};
  return SigningKey::generate(random);
}

TEST_CASE("ed25519: vectors of RFC 8032", "[core][crypto]") {
  const auto [seed, public_key, message, signature] =
      GENERATE(table<std::string, std::string, std::string, std::string>({
          {kSeed, "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
           "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595"
           "bbe2465"
           "5141438e7a100b"},
          {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
           "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
           "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb43"
           "02aeeb0"
           "0d291612bb0c00"},
          {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
           "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
           "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716"
           "ed28dc0"
           "27beceea1ec40a"},
      }));
  const SigningKey key = key_of_seed(seed);
  CHECK(to_hex(key.public_key().bytes()) == public_key);
  CHECK(to_hex(key.sign(bytes_of_hex(message))) == signature);
  CHECK(VerifyingKey::from_bytes(bytes_of_hex(public_key))->verify(bytes_of_hex(message), bytes_of_hex(signature)));
}

TEST_CASE("ed25519: the key id of RFC 8037, appendix A.3", "[core][crypto]") {
  CHECK(key_of_seed(kSeed).public_key().thumbprint() == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

TEST_CASE("ed25519: every changed bit of message, signature and key is noticed", "[core][crypto]") {
  const SigningKey key = key_of_seed(kSeed);
  const Bytes message = bytes_of_hex("00112233");
  const Signature signature = key.sign(message);
  REQUIRE(key.public_key().verify(message, signature));
  for (std::size_t i = 0; i < message.size() * 8; ++i) {
    Bytes changed = message;
    changed[i / 8] = static_cast<std::uint8_t>(changed[i / 8] ^ (1 << i % 8));
    REQUIRE_FALSE(key.public_key().verify(changed, signature));
  }
  for (std::size_t i = 0; i < signature.size() * 8; ++i) {
    Signature changed = signature;
    changed[i / 8] = static_cast<std::uint8_t>(changed[i / 8] ^ (1 << i % 8));
    INFO(i);
    REQUIRE_FALSE(key.public_key().verify(message, changed));
  }
  const SigningKey other = key_of_seed("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
  CHECK_FALSE(other.public_key().verify(message, signature));
  CHECK_FALSE(key.public_key().verify(message, ByteView{signature}.first(63)));
  CHECK_FALSE(key.public_key().verify(message, {}));
}

TEST_CASE("ed25519: the second half of a signature is below the group's order", "[core][crypto]") {
  const Bytes order = bytes_of_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  const SigningKey key = key_of_seed(kSeed);
  // Of any message: the sum has to fit into 256 bits, as it does while S is below 15 of 16 parts of them.
  for (const char* message : {"", "00", "0011", "001122"}) {
    const Bytes said = bytes_of_hex(message);
    Signature signature = key.sign(said);
    REQUIRE(key.public_key().verify(said, signature));
    unsigned carry = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
      const unsigned sum = signature[32 + i] + order[i] + carry;
      signature[32 + i] = static_cast<std::uint8_t>(sum);
      carry = sum >> 8;
    }
    REQUIRE(carry == 0);
    CHECK_FALSE(key.public_key().verify(said, signature));
  }
  Signature same = key.sign(bytes_of_hex(""));
  std::memcpy(&same[32], order.data(), order.size());
  CHECK_FALSE(key.public_key().verify(bytes_of_hex(""), same));
}

TEST_CASE("ed25519: a public key has 32 bytes", "[core][crypto]") {
  CHECK(VerifyingKey::from_bytes(Bytes(32, 1)).has_value());
  CHECK(VerifyingKey::from_bytes(Bytes(31, 1)).error().code == Errc::malformed);
  CHECK(VerifyingKey::from_bytes(Bytes(33, 1)).error().code == Errc::malformed);
  CHECK(VerifyingKey::from_bytes({}).error().code == Errc::malformed);
}

TEST_CASE("signing key: PEM as other software writes and reads it", "[core][crypto]") {
  CHECK(key_of_seed(kSeed).to_pem().reveal() == kPem);
  const auto key = SigningKey::from_pem(kPem);
  REQUIRE(key.has_value());
  CHECK(key->public_key().bytes() == key_of_seed(kSeed).public_key().bytes());
  SystemRandom random;
  const SigningKey drawn = SigningKey::generate(random);
  const auto read = SigningKey::from_pem(drawn.to_pem().reveal());
  REQUIRE(read.has_value());
  CHECK(drawn.public_key().verify(as_bytes("m"), read->sign(as_bytes("m"))));
  CHECK_FALSE(key->public_key().verify(as_bytes("m"), read->sign(as_bytes("m"))));
}

TEST_CASE("signing key: what is no key of ours in PEM is malformed", "[core][crypto]") {
  const auto pem = GENERATE(as<std::string>{}, "", "-----BEGIN PRIVATE KEY-----",
                            "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n",
                            "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1h\n-----END PRIVATE KEY-----\n",
                            "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwaaPcHURo8=\n"
                            "-----END PUBLIC KEY-----\n",
                            // RSA of 1024 bits, as OpenSSL writes it; made for this test.
                            "-----BEGIN PRIVATE KEY-----\n"
                            "MIICeAIBADANBgkqhkiG9w0BAQEFAASCAmIwggJeAgEAAoGBAM78i9AihMETg23w\n"
                            "I1tHUtMLrUlrxlGaJjVAtCeFIIj+EuwnCHpXLuaLHbUQmxETg+eC3dYHtAYTYBfB\n"
                            "ABG6CdGBpj+MZqoI08t8ZHoXm/tbwJyA2RnOZPGQA6U9JgzcWAbmbECZUiE0Bv3x\n"
                            "iZJz8FuyXZhl7m/JqeEV5kUU9UtpAgMBAAECgYB2NmvPOfehoXhdcFlxByH5YGDe\n"
                            "XswLzMLnhQWe0HxNYPYDoyNHY8Voa6lSwKIfNYsOzIHPe+TH14b46gQVG7AAzO3W\n"
                            "ftrTgey9Di/7fT5fukN3rrTT2vSOXq6fDZez7suMopxSD00cHIG+0ArIc54lqacy\n"
                            "aV7lYZGv98uIO6FQFQJBAPQEcqJ8GpZ9Pfk81nJ8mOzzpBE4owrNFHRpnaycPTLW\n"
                            "Zw4bPu6kQKhbSgRBsiPI6vDOkYM+3nJaI3aT5VfKaiMCQQDZJpT0P6uIJB/ab1dV\n"
                            "eCf04hdwV2t5KyVRoLvzgJ15+XxYpgEyhskw4DOYu3EcpAysYJshWuieQ+QNBNqE\n"
                            "Cg8DAkEAgwVkW/RQ/l7PCOVuq9hU8F29yXVkrecBxaP0Ant9rK9MdFmSx+YvxXYG\n"
                            "3xQ7R1WZOKVholv+at4VTpUIvsOziwJBAI6Awz+GiQrOqhiu+KEeORp7ROZ0eBMM\n"
                            "PXFUCgPCY5WoI/II/sAps95fQ3z3hUNGZQq6WxOIlR9HbmEczknYUAECQQDoK7Za\n"
                            "4wLUhg/CB1CeBID+kmRjUlkasZw2rdIT57mrC6VPigSnWto0eMC5e2DxV5YhMa5Q\n"
                            "G/2shq60FsJqUeqx\n"
                            "-----END PRIVATE KEY-----\n",
                            std::string(100'000, 'A'));
  const auto key = SigningKey::from_pem(pem);
  REQUIRE(key.has_error());
  CHECK(key.error().code == Errc::malformed);
}

TEST_CASE("signing key: a P-256 key as OpenSSL writes it", "[core][crypto]") {
  const auto key = SigningKey::from_pem(
      "-----BEGIN PRIVATE KEY-----\n"
      "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgXD6yipI0WKYR/KCD\n"
      "Ht5aAVT10AAGbqoXWkMXAkk24kChRANCAAT94oFyaP+RLbEQEhRm3gL+2o1r+b0J\n"
      "cUbqsDZXZ7z0+tXVZHHB8gbce9V/9/TIFjhoElNoi/KyaFob6yH1ij2B\n"
      "-----END PRIVATE KEY-----\n");
  REQUIRE(key.has_value());
  CHECK(key->algorithm() == SigningAlgorithm::es256);
  CHECK(key->public_key().verify(as_bytes("m"), key->sign(as_bytes("m"))));
}

TEST_CASE("signing key: signs from many threads at once", "[core][crypto]") {
  const SigningKey key = key_of_seed(kSeed);
  const Signature expected = key.sign(as_bytes("m"));
  std::vector<int> wrong(4, 0);
  std::vector<std::thread> threads;
  for (int& count : wrong) {
    threads.emplace_back([&count, &expected, &key] {
      for (int i = 0; i < 50; ++i) count += key.sign(as_bytes("m")) == expected ? 0 : 1;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == std::vector<int>(4, 0));
}

}  // namespace
}  // namespace tally::core::crypto
