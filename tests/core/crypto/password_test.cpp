#include "core/crypto/password.hpp"

#include <catch2/catch.hpp>

#include "core/crypto/system_random.hpp"
#include "tests/core/fixed_random.hpp"

namespace tally::core::crypto {
namespace {

constexpr std::string_view kPassword = "correct horse battery staple";
// By another implementation of Argon2id, for the salt 00 01 … 0f.
constexpr std::string_view kVerifier =
    "$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$gYJZtjEAJqjg26xdLmknq8/bB7MiWPrE9hsYuA+SkIU";

TEST_CASE("password: the verifier of another implementation", "[core][crypto]") {
  testing::FixedRandom salt{testing::counting_bytes(16)};
  CHECK(make_password_verifier(kPassword, salt) == kVerifier);
  CHECK(password_matches(kPassword, kVerifier));
  CHECK_FALSE(password_matches("correct horse battery stapl", kVerifier));
  CHECK_FALSE(password_matches("", kVerifier));
}

TEST_CASE("password: a verifier is told from what only begins like one", "[core][crypto]") {
  CHECK(is_password_verifier(kVerifier));
  for (std::size_t bytes = 0; bytes < kVerifier.size(); ++bytes) {
    CHECK_FALSE(is_password_verifier(kVerifier.substr(0, bytes)));
    std::string changed{kVerifier};
    changed[bytes] = '*';
    CHECK_FALSE(is_password_verifier(changed));
  }
  CHECK_FALSE(
      is_password_verifier("$argon2id$v=19$m=4294967295,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$gYJZtjEAJqjg26xdLmknq8"));
}

TEST_CASE("password: the same password has another verifier each time", "[core][crypto]") {
  SystemRandom random;
  const std::string first = make_password_verifier(kPassword, random);
  const std::string second = make_password_verifier(kPassword, random);
  CHECK(first != second);
  CHECK(password_matches(kPassword, first));
  CHECK(password_matches(kPassword, second));
}

TEST_CASE("password: an unreadable verifier matches nothing", "[core][crypto]") {
  const auto verifier =
      GENERATE(as<std::string>{}, "", "x", "$", "$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw",
               "$argon2id$v=19$m=19456,t=2,p=1$$", "$argon2id$v=19$m=x,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$AAAA",
               "$argon2id$v=19$m=19456,t=0,p=0$AAECAwQFBgcICQoLDA0ODw$AAAA", "$2b$10$abcdefghijklmnopqrstuv");
  CHECK_FALSE(password_matches(kPassword, verifier));
  CHECK_FALSE(password_matches("", verifier));
}

}  // namespace
}  // namespace tally::core::crypto
