#include <botan/base64.h>
#include <catch2/catch.hpp>

#include "core/base/crc32.hpp"
#include "core/crypto/base64.hpp"
#include "core/crypto/constant_time.hpp"
#include "tests/support/seeded_random.hpp"

namespace tally::core::crypto {
namespace {

TEST_CASE("base64url: vectors of RFC 4648 without padding", "[core][crypto]") {
  const auto [plain, url, standard] = GENERATE(table<std::string, std::string, std::string>({
      {"", "", ""},
      {"f", "Zg", "Zg=="},
      {"fo", "Zm8", "Zm8="},
      {"foo", "Zm9v", "Zm9v"},
      {"foob", "Zm9vYg", "Zm9vYg=="},
      {"fooba", "Zm9vYmE", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
      {"\xfb\xff\xfe", "-__-", "+//+"},
      {"Aladdin:open sesame", "QWxhZGRpbjpvcGVuIHNlc2FtZQ", "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="},
  }));
  CHECK(base64url_encode(as_bytes(plain)) == url);
  CHECK(as_text(*base64url_decode(url)) == plain);
  CHECK(as_text(*base64_decode(standard)) == plain);
  CHECK(base64_encode(as_bytes(plain)) == standard);
}

TEST_CASE("base64url: the same as Botan's, for every length", "[core][crypto]") {
  tally::testing::SeededRandom random{7};
  for (std::size_t length = 0; length < 300; ++length) {
    Bytes bytes(length);
    random.fill(bytes);
    std::string standard = Botan::base64_encode(bytes.data(), bytes.size());
    REQUIRE(*base64_decode(standard) == bytes);
    REQUIRE(base64_encode(bytes) == standard);
    for (char& character : standard) character = character == '+' ? '-' : character == '/' ? '_' : character;
    standard.erase(standard.find_last_not_of('=') + 1);
    REQUIRE(base64url_encode(bytes) == standard);
    REQUIRE(*base64url_decode(standard) == bytes);
    std::string appended = "x.";
    append_base64url(appended, bytes);
    REQUIRE(appended == "x." + standard);
  }
}

TEST_CASE("base64url: anything else is malformed", "[core][crypto]") {
  const auto text =
      GENERATE(as<std::string>{}, "A", "AAAAA", "Zg==", "Zg=", "Z g", " Zg", "Zg\n", "Zm9v+", "Zm9/", "Zh", "Zm9",
               "Zm9vYh", "Zm9v.", "\xc3\xa9", "=", "====", std::string("Zg\0", 3), std::string("\0\0\0\0", 4));
  CAPTURE(text);
  REQUIRE(base64url_decode(text).has_error());
  CHECK(base64url_decode(text).error().code == Errc::malformed);
}

TEST_CASE("base64: padding must be there, whole and nowhere else", "[core][crypto]") {
  const auto text = GENERATE(as<std::string>{}, "Zg", "Zg=", "Zg===", "Z===", "====", "=Zg=", "Zg==Zg==", "Zm8=\n",
                             "Zm9-", "Zm9_", "Zh==", "Zm9=", "Z=g=");
  CAPTURE(text);
  REQUIRE(base64_decode(text).has_error());
  CHECK(base64_decode(text).error().code == Errc::malformed);
}

TEST_CASE("crc32: as zlib", "[core][crypto]") {
  CHECK(crc32("") == 0);
  CHECK(crc32("123456789") == 0xcbf43926);
  CHECK(crc32("The quick brown fox jumps over the lazy dog") == 0x414fa339);
  CHECK(crc32(std::string(32, '\0')) == 0x190a55ad);
  CHECK(crc32(std::string(32, '\xff')) == 0xff6cab0b);
}

TEST_CASE("constant time: equality of bytes", "[core][crypto]") {
  CHECK(equal_in_constant_time({}, {}));
  CHECK(equal_in_constant_time(as_bytes("abc"), as_bytes("abc")));
  CHECK_FALSE(equal_in_constant_time(as_bytes("abc"), as_bytes("abd")));
  CHECK_FALSE(equal_in_constant_time(as_bytes("abc"), as_bytes("bbc")));
  CHECK_FALSE(equal_in_constant_time(as_bytes("abc"), as_bytes("ab")));
  CHECK_FALSE(equal_in_constant_time(as_bytes("abc"), {}));
}

}  // namespace
}  // namespace tally::core::crypto
