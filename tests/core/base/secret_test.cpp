#include "core/base/secret.hpp"

#include <cctype>
#include <type_traits>

#include <catch2/catch.hpp>

#include "tests/core/fixed_random.hpp"
#include "tests/core/hex.hpp"
#include "tests/support/seeded_random.hpp"

namespace tally::core {
namespace {

using testing::bytes_of_hex;
using testing::counting_bytes;
using testing::FixedRandom;

constexpr std::string_view kCounting = "tlr_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf1G6cwb";

TEST_CASE("secret: the form, as an independent program writes it", "[core][secret]") {
  FixedRandom counting{counting_bytes(32)};
  CHECK(OpaqueSecret::generate(SecretKind::refresh_token, counting).reveal() == kCounting);
  FixedRandom zeros{std::vector<std::uint8_t>(32, 0)};
  CHECK(OpaqueSecret::generate(SecretKind::refresh_token, zeros).reveal() ==
        "tlr_00000000000000000000000000000000000000000001w4WGv");
  FixedRandom ones{std::vector<std::uint8_t>(32, 0xff)};
  CHECK(OpaqueSecret::generate(SecretKind::resource_server, ones).reveal() ==
        "tls_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp11n6C9d");
  FixedRandom hash{bytes_of_hex("b0d51c58c8b9c1f458fadf16c7d375630ef51da4df81915893b05c0fa4ed8bc6")};
  CHECK(OpaqueSecret::generate(SecretKind::refresh_token, hash).reveal() ==
        "tlr_fvoEdQeeVc0mZ71i5JuiKNTDvWO8cAduGHnTmvX86Qo3je1s1");
  FixedRandom again{counting_bytes(32)};
  CHECK(OpaqueSecret::generate(SecretKind::access_token, again).reveal() ==
        "tla_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf1Dqazy");
}

TEST_CASE("secret: what was generated is accepted, for its own kind only", "[core][secret]") {
  tally::testing::SeededRandom random{5};
  for (int i = 0; i < 1'000; ++i) {
    const OpaqueSecret secret = OpaqueSecret::generate(SecretKind::resource_server, random);
    REQUIRE(secret.reveal().size() == OpaqueSecret::kCharacters);
    REQUIRE(OpaqueSecret::parse(SecretKind::resource_server, secret.reveal())->reveal() == secret.reveal());
    REQUIRE(OpaqueSecret::parse(SecretKind::refresh_token, secret.reveal()).has_error());
  }
}

TEST_CASE("secret: every changed character is noticed", "[core][secret]") {
  for (std::size_t position = 0; position < kCounting.size(); ++position) {
    for (int character = 0; character < 256; ++character) {
      std::string changed{kCounting};
      if (changed[position] == static_cast<char>(character)) continue;
      changed[position] = static_cast<char>(character);
      INFO(position << " " << character);
      const auto parsed = OpaqueSecret::parse(SecretKind::refresh_token, changed);
      REQUIRE(parsed.has_error());
      REQUIRE(parsed.error().code == Errc::malformed);
      // The answer must not carry what was presented.
      REQUIRE(parsed.error().detail.find(changed.substr(4, 8)) == std::string::npos);
    }
  }
}

TEST_CASE("secret: wrong lengths and swapped neighbours are malformed", "[core][secret]") {
  for (std::size_t length = 0; length < kCounting.size(); ++length) {
    CHECK(OpaqueSecret::parse(SecretKind::refresh_token, kCounting.substr(0, length)).has_error());
  }
  CHECK(OpaqueSecret::parse(SecretKind::refresh_token, std::string{kCounting} + "0").has_error());
  CHECK(OpaqueSecret::parse(SecretKind::refresh_token, std::string(1 << 20, 'a')).has_error());
  for (std::size_t position = 1; position < kCounting.size(); ++position) {
    std::string swapped{kCounting};
    std::swap(swapped[position - 1], swapped[position]);
    if (swapped == kCounting) continue;
    CHECK(OpaqueSecret::parse(SecretKind::refresh_token, swapped).has_error());
  }
}

TEST_CASE("secret: more than 256 bits are malformed, even with a right checksum", "[core][secret]") {
  CHECK(OpaqueSecret::parse(SecretKind::resource_server, "tls_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp11n6C9d")
            .has_value());
  CHECK(OpaqueSecret::parse(SecretKind::refresh_token, "tlr_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp21fdUfL")
            .has_error());
  CHECK(OpaqueSecret::parse(SecretKind::refresh_token, "tlr_zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz0CBVhA")
            .has_error());
}

TEST_CASE("secret text: moves, leaves nothing behind and cannot be copied", "[core][secret]") {
  STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<SecretText>);
  STATIC_REQUIRE_FALSE(std::is_copy_assignable_v<SecretText>);
  const auto size = GENERATE(std::size_t{5}, std::size_t{100});  // Inside the string object, and outside.
  SecretText first{std::string(size, 's')};
  const char* const old_place = first.reveal().data();
  SecretText second{std::move(first)};
  CHECK(second.reveal() == std::string(size, 's'));
  CHECK(first.empty());
  if (size == 5) CHECK(std::string_view{old_place, size} == std::string(size, '\0'));
  SecretText third{"other"};
  third = std::move(second);
  CHECK(third.reveal() == std::string(size, 's'));
  CHECK(second.empty());
}

TEST_CASE("wipe: overwrites all of it and nothing beside", "[core][secret]") {
  std::string text = "abcdef";
  wipe(text.data() + 1, 4);
  CHECK(text == std::string("a\0\0\0\0f", 6));
  wipe(nullptr, 0);
}

}  // namespace
}  // namespace tally::core
