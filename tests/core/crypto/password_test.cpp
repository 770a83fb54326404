#include "core/crypto/password.hpp"

#include <botan/argon2.h>
#include <botan/auto_rng.h>
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

/// As a release did that took passwords as they were typed.
std::string verifier_of_before(std::string_view password) {
  Botan::AutoSeeded_RNG random;
  return Botan::argon2_generate_pwhash(password.data(), password.size(), random, 1, 19 * 1024, 2);
}

TEST_CASE("password: however it is typed it is the same, and one of before is good as it was typed", "[core][crypto]") {
  constexpr std::string_view kComposed = "d\u00e9j\u00e0 vu d\u00e9j\u00e0 vu";
  constexpr std::string_view kDecomposed = "de\u0301ja\u0300 vu de\u0301ja\u0300 vu";
  SystemRandom random;
  for (const std::string_view set : {kComposed, kDecomposed}) {
    const std::string verifier = make_password_verifier(set, random);
    CHECK(password_matches(kComposed, verifier));
    CHECK(password_matches(kDecomposed, verifier));
    CHECK_FALSE(password_matches("deja vu deja vu", verifier));
  }
  CHECK(password_matches(kComposed, verifier_of_before(kComposed)));
  CHECK(password_matches(kDecomposed, verifier_of_before(kComposed)));
  CHECK(password_matches(kDecomposed, verifier_of_before(kDecomposed)));
  CHECK(password_matches("\xff\xfe no text at all", verifier_of_before("\xff\xfe no text at all")));
}

TEST_CASE("password: a second hash is made only of what is typed in another form", "[core][crypto]") {
  const auto forms = [](std::string_view typed) { return password_forms(typed).size(); };
  CHECK(forms("") == 1);
  CHECK(forms("plain ascii text") == 1);
  CHECK(forms("d\u00e9j\u00e0 vu") == 1);
  CHECK(forms("de\u0301ja\u0300 vu") == 2);
  CHECK(forms("\xff") == 1);
  CHECK(forms(std::string(1 << 20, 'a') + "e\u0301") == 1);
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
