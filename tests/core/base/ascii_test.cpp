#include "core/base/ascii.hpp"

#include <catch2/catch.hpp>

namespace tally::core {

TEST_CASE("ascii: capital letters have small ones, and nothing else changes", "[core][ascii]") {
  for (int byte = 0; byte < 256; ++byte) {
    const char character = static_cast<char>(byte);
    const bool is_capital = byte >= 'A' && byte <= 'Z';
    CAPTURE(byte);
    CHECK(ascii::small_letter(character) == (is_capital ? static_cast<char>(byte + 32) : character));
  }
  CHECK(ascii::small_letters("HTTPS://Ärger.Example@[`{") == "https://Ärger.example@[`{");
}

TEST_CASE("ascii: texts are equal without case, byte by byte and in whole", "[core][ascii]") {
  CHECK(ascii::equal_without_case("", ""));
  CHECK(ascii::equal_without_case("Content-TYPE", "content-type"));
  CHECK_FALSE(ascii::equal_without_case("content-type", "content-typ"));
  CHECK_FALSE(ascii::equal_without_case("content-typ", "content-type"));
  // They differ by the bit that tells small letters from capital ones.
  CHECK_FALSE(ascii::equal_without_case("@", "`"));
  CHECK_FALSE(ascii::equal_without_case("[", "{"));
  CHECK_FALSE(ascii::equal_without_case("Ä", "ä"));
}

}  // namespace tally::core
