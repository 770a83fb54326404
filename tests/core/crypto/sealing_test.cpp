#include "core/crypto/sealing.hpp"

#include <catch2/catch.hpp>

#include "core/crypto/system_random.hpp"
#include "tests/core/fixed_random.hpp"
#include "tests/core/hex.hpp"
#include "tests/support/seeded_random.hpp"

namespace tally::core::crypto {
namespace {

constexpr std::string_view kSecret = "the presented secret";
constexpr std::string_view kPurpose = "tally successor";
constexpr std::string_view kPlain = "the successor";

Bytes sealed_value() {
  testing::FixedRandom salt{testing::counting_bytes(16)};
  return seal(kSecret, kPurpose, as_bytes("context"), kPlain, salt);
}

bool does_not_open(const Result<SecretText>& opened) {
  return opened.has_error() && opened.error().code == Errc::corrupt;
}

TEST_CASE("sealing: the bytes, as another implementation makes them", "[core][crypto]") {
  CHECK(to_hex(sealed_value()) ==
        "01000102030405060708090a0b0c0d0e0fd47752355e0d8c6bfc848dcb6787b313b689aa225e72caa55ed2ca0a2a");
}

TEST_CASE("sealing: opens for the holder of the secret, and again", "[core][crypto]") {
  const Bytes sealed = sealed_value();
  for (int i = 0; i < 2; ++i) {
    const auto opened = unseal(kSecret, kPurpose, as_bytes("context"), sealed);
    REQUIRE(opened.has_value());
    CHECK(opened->reveal() == kPlain);
  }
}

TEST_CASE("sealing: another secret, purpose or context does not open it", "[core][crypto]") {
  const Bytes sealed = sealed_value();
  CHECK(does_not_open(unseal("the presented secret ", kPurpose, as_bytes("context"), sealed)));
  CHECK(does_not_open(unseal("", kPurpose, as_bytes("context"), sealed)));
  CHECK(does_not_open(unseal(kSecret, "tally", as_bytes("context"), sealed)));
  CHECK(does_not_open(unseal(kSecret, kPurpose, as_bytes("contexT"), sealed)));
  CHECK(does_not_open(unseal(kSecret, kPurpose, {}, sealed)));
  // A failure leaves nothing in the thread's cipher.
  CHECK(unseal(kSecret, kPurpose, as_bytes("context"), sealed).has_value());
}

TEST_CASE("sealing: every changed bit and every cut is noticed", "[core][crypto]") {
  const Bytes sealed = sealed_value();
  for (std::size_t position = 0; position < sealed.size(); ++position) {
    for (int bit = 0; bit < 8; ++bit) {
      Bytes changed = sealed;
      changed[position] = static_cast<std::uint8_t>(changed[position] ^ (1 << bit));
      INFO(position << " " << bit);
      REQUIRE(does_not_open(unseal(kSecret, kPurpose, as_bytes("context"), changed)));
    }
  }
  for (std::size_t length = 0; length < sealed.size(); ++length) {
    REQUIRE(does_not_open(unseal(kSecret, kPurpose, as_bytes("context"), ByteView{sealed}.first(length))));
  }
  Bytes longer = sealed;
  longer.push_back(0);
  CHECK(does_not_open(unseal(kSecret, kPurpose, as_bytes("context"), longer)));
}

TEST_CASE("sealing: the same text is never sealed to the same bytes", "[core][crypto]") {
  SystemRandom random;
  const Bytes first = seal(kSecret, kPurpose, {}, kPlain, random);
  const Bytes second = seal(kSecret, kPurpose, {}, kPlain, random);
  CHECK(first != second);
  CHECK(first.size() == second.size());
  const Bytes empty = seal(kSecret, kPurpose, {}, "", random);
  CHECK(unseal(kSecret, kPurpose, {}, empty)->empty());
}

TEST_CASE("system random: fills all of it, differently each time", "[core][crypto]") {
  SystemRandom random;
  Bytes first(64, 0);
  Bytes second(64, 0);
  random.fill(first);
  random.fill(second);
  CHECK(first != second);
  CHECK(std::count(first.begin(), first.end(), 0) < 16);
  random.fill({});
}

}  // namespace
}  // namespace tally::core::crypto
