#include "tools/tallyd/signing_keys.hpp"

#include <filesystem>

#include <catch2/catch.hpp>

#include "core/crypto/system_random.hpp"
#include "tests/tools/support/scratch_folder.hpp"
#include "tools/base/private_file.hpp"
#include "tools/keyring/open_master_key.hpp"

namespace tally::tools {
namespace {

using core::crypto::SigningAlgorithm;
using core::crypto::SigningKey;

/// A data folder's keys, as a start opens them.
struct Opened {
  explicit Opened(const ScratchFolder& folder)
      : ring(folder.path(), *open_master_key({.folder = folder.path()}, random), random), keys(ring, random) {}
  core::crypto::SystemRandom random;
  KeyRing ring;
  SigningKeys keys;
};

}  // namespace

TEST_CASE("signing keys: a key is kept wrapped, for the owner only, and is found again by its id", "[tools][keys]") {
  for (const auto algorithm : {SigningAlgorithm::eddsa, SigningAlgorithm::es256, SigningAlgorithm::rs256}) {
    const ScratchFolder folder;
    Opened first{folder};
    const auto made = first.keys.make(algorithm);
    REQUIRE(made.has_value());
    const std::string id = made->public_key().thumbprint();
    CHECK(mode_of(folder / ("signing-" + id + ".key")) == 0600);
    CHECK_FALSE(std::filesystem::exists(folder / ("signing-" + id + ".key.new")));
    CHECK(read_text(folder / ("signing-" + id + ".key")).find("PRIVATE KEY") == std::string::npos);
    Opened again{folder};
    const auto loaded = again.keys.load(id);
    REQUIRE(loaded.has_value());
    CHECK(loaded->algorithm() == algorithm);
    CHECK(loaded->public_key().bytes() == made->public_key().bytes());
    REQUIRE(again.keys.discard(id).has_value());
    REQUIRE(again.keys.discard(id).has_value());
    CHECK(again.keys.load(id).error().code == core::Errc::io_failed);
  }
}

TEST_CASE("signing keys: a first start that was interrupted goes on with the key that it left", "[tools][keys]") {
  const ScratchFolder folder;
  const auto left = Opened{folder}.keys.first(SigningAlgorithm::eddsa);
  const auto again = Opened{folder}.keys.first(SigningAlgorithm::eddsa);
  REQUIRE(left.has_value());
  REQUIRE(again.has_value());
  CHECK(again->public_key().bytes() == left->public_key().bytes());
  CHECK(Opened{folder}.keys.first(SigningAlgorithm::es256)->algorithm() == SigningAlgorithm::es256);
}

TEST_CASE("signing keys: one that lies there in the clear is wrapped, and its file goes", "[tools][keys]") {
  const ScratchFolder folder;
  core::crypto::SystemRandom random;
  const SigningKey key = SigningKey::generate(random);
  const std::string id = key.public_key().thumbprint();
  const std::string plain = folder / ("signing-" + id + ".pem");
  REQUIRE(write_private_file(plain, key.to_pem().reveal()).has_value());
  REQUIRE(Opened{folder}.keys.load(id).has_value());
  CHECK_FALSE(std::filesystem::exists(plain));
  CHECK(std::filesystem::exists(folder / ("signing-" + id + ".key")));
  CHECK(Opened{folder}.keys.load(id)->public_key().bytes() == key.public_key().bytes());
  // As a crash leaves it: both are there.
  REQUIRE(write_private_file(plain, key.to_pem().reveal()).has_value());
  REQUIRE(Opened{folder}.keys.load(id).has_value());
  CHECK_FALSE(std::filesystem::exists(plain));
  // A first start takes it too.
  const ScratchFolder other;
  REQUIRE(write_private_file(other / ("signing-" + id + ".pem"), key.to_pem().reveal()).has_value());
  CHECK(Opened{other}.keys.first(SigningAlgorithm::eddsa)->public_key().bytes() == key.public_key().bytes());
}

TEST_CASE("signing keys: a missing file is named, and one with another key is refused and stays", "[tools][keys]") {
  const ScratchFolder folder;
  Opened opened{folder};
  const auto absent = opened.keys.load("no-such-key");
  REQUIRE(absent.has_error());
  CHECK(absent.error().code == core::Errc::io_failed);
  CHECK_THAT(absent.error().detail, Catch::Contains(folder / "signing-no-such-key.key"));

  write_text(folder / "signing-garbage.pem", "-----BEGIN PRIVATE KEY-----\n");
  CHECK(opened.keys.load("garbage").error().code == core::Errc::malformed);
  CHECK(std::filesystem::exists(folder / "signing-garbage.pem"));
  const SigningKey key = SigningKey::generate(opened.random);
  write_text(folder / "signing-other.pem", std::string{key.to_pem().reveal()});
  CHECK(opened.keys.load("other").error().code == core::Errc::malformed);
  CHECK(std::filesystem::exists(folder / "signing-other.pem"));
  REQUIRE(opened.ring.keep("signing-other2", key.to_pem().reveal()).has_value());
  CHECK(opened.keys.load("other2").error().code == core::Errc::malformed);
  REQUIRE(opened.ring.keep("signing-other3", "no key").has_value());
  CHECK(opened.keys.load("other3").error().code == core::Errc::malformed);
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
