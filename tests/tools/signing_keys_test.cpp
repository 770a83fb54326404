#include "tools/tallyd/signing_keys.hpp"

#include <filesystem>

#include <catch2/catch.hpp>

#include "core/crypto/system_random.hpp"
#include "tests/tools/support/scratch_folder.hpp"
#include "tools/private_file.hpp"

namespace tally::tools {

TEST_CASE("signing keys: the first key is kept for the owner only, and is found again by its id", "[tools][keys]") {
  const ScratchFolder folder;
  core::crypto::SystemRandom random;
  auto keys = SigningKeys::open(folder.path());
  REQUIRE(keys.has_value());
  const auto made = keys->first(random);
  REQUIRE(made.has_value());
  const std::string id = made->public_key().thumbprint();
  CHECK(mode_of(folder / "keys") == 0700);
  CHECK(mode_of(folder / ("keys/signing-" + id + ".pem")) == 0600);
  CHECK_FALSE(std::filesystem::exists(folder / ("keys/signing-" + id + ".pem.new")));

  const auto loaded = keys->load(id);
  REQUIRE(loaded.has_value());
  CHECK(loaded->public_key().bytes() == made->public_key().bytes());
}

TEST_CASE("signing keys: a first start that was interrupted goes on with the key that it left", "[tools][keys]") {
  const ScratchFolder folder;
  core::crypto::SystemRandom random;
  auto keys = SigningKeys::open(folder.path());
  REQUIRE(keys.has_value());
  const auto left = keys->first(random);
  const auto again = keys->first(random);
  REQUIRE(left.has_value());
  REQUIRE(again.has_value());
  CHECK(again->public_key().bytes() == left->public_key().bytes());
}

TEST_CASE("signing keys: a missing file is named, and a file with another key is refused", "[tools][keys]") {
  const ScratchFolder folder;
  core::crypto::SystemRandom random;
  auto keys = SigningKeys::open(folder.path());
  REQUIRE(keys.has_value());
  const auto absent = keys->load("no-such-key");
  REQUIRE(absent.has_error());
  CHECK(absent.error().code == core::Errc::io_failed);
  CHECK_THAT(absent.error().detail, Catch::Contains(folder / "keys/signing-no-such-key.pem"));

  const auto made = keys->first(random);
  REQUIRE(made.has_value());
  std::filesystem::rename(folder / ("keys/signing-" + made->public_key().thumbprint() + ".pem"),
                          folder / "keys/signing-other.pem");
  const auto other = keys->load("other");
  REQUIRE(other.has_error());
  CHECK(other.error().code == core::Errc::malformed);

  write_text(folder / "keys/signing-garbage.pem", "-----BEGIN PRIVATE KEY-----\n");
  const auto garbage = keys->load("garbage");
  REQUIRE(garbage.has_error());
  CHECK(garbage.error().code == core::Errc::malformed);
}

TEST_CASE("private file: larger than its bound is refused, and absent is no error", "[tools][keys]") {
  const ScratchFolder folder;
  write_text(folder / "file", "12345");
  CHECK((*read_private_file(folder / "file", 5))->reveal() == "12345");
  REQUIRE(read_private_file(folder / "file", 4).has_error());
  CHECK(read_private_file(folder / "file", 4).error().code == core::Errc::too_large);
  const auto absent = read_private_file(folder / "absent", 4);
  REQUIRE(absent.has_value());
  CHECK_FALSE(absent->has_value());
  CHECK(write_private_file(folder / "no/such/folder/file", "x").has_error());
}

}  // namespace tally::tools
