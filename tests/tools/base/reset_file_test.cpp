#include "tools/base/reset_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "core/crypto/password.hpp"
#include "core/crypto/system_random.hpp"
#include "tests/tools/support/scratch_folder.hpp"
#include "tools/base/private_file.hpp"

namespace tally::tools {
namespace {

ResetFile sample() {
  core::crypto::SystemRandom random;
  return {core::draw_id<core::EventId>(random, core::timestamp_of_micros(1'800'000'000'000'000)), "ada",
          "$argon2id$v=19$m=19456,t=2,p=1$AAECAwQFBgcICQoLDA0ODw$gYJZtjEAJqjg26xdLmknq8/bB7MiWPrE9hsYuA+SkIU"};
}

}  // namespace

TEST_CASE("reset file: what is written is read", "[tools][operator]") {
  const ResetFile file = sample();
  const auto read = ResetFile::parse(file.text());
  REQUIRE(read.has_value());
  CHECK(read->nonce == file.nonce);
  CHECK(read->username == "ada");
  CHECK(read->password_verifier == file.password_verifier);
  CHECK(read->command().means == core::RecoveryMeans::file);
  CHECK(read->command().nonce == file.nonce.uuid());
}

TEST_CASE("reset file: cut or with more in it, it is none", "[tools][operator]") {
  const std::string text = sample().text();
  for (std::size_t size = 0; size < text.size(); ++size) CHECK(ResetFile::parse(text.substr(0, size)).has_error());
  CHECK(ResetFile::parse(text + "\n").has_error());
  CHECK(ResetFile::parse("\n" + text).has_error());
  ResetFile file = sample();
  file.nonce = {};
  CHECK(ResetFile::parse(file.text()).has_error());
  file = sample();
  file.password_verifier = "a password";
  CHECK(ResetFile::parse(file.text()).has_error());
  file = sample();
  file.username = "-";
  CHECK(ResetFile::parse(file.text()).has_error());
}

TEST_CASE("reset file: of another owner than its folder, it is refused", "[tools][operator]") {
  if (::geteuid() != 0) return;  // only root gives files away
  const ScratchFolder folder;
  REQUIRE(write_private_file(reset_file_path(folder.path()), sample().text()).has_value());
  REQUIRE(find_reset_file(folder.path()).has_value());
  REQUIRE(::chown(reset_file_path(folder.path()).c_str(), 65'534, 65'534) == 0);
  const auto refused = find_reset_file(folder.path());
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == core::Errc::bad_configuration);
  CHECK_THAT(refused.error().detail, Catch::Contains("owner"));
  CHECK_FALSE(find_reset_file(folder / "nothing")->has_value());
}

}  // namespace tally::tools
