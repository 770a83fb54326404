#include <filesystem>
#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "core/crypto/system_random.hpp"
#include "tests/tools/support/scratch_folder.hpp"
#include "tools/base/private_file.hpp"
#include "tools/keyring/file_master_key.hpp"
#include "tools/keyring/key_file.hpp"
#include "tools/keyring/key_ring.hpp"
#include "tools/keyring/open_master_key.hpp"

namespace tally::tools {
namespace {

using core::Errc;

core::crypto::SystemRandom random_bytes;

// 32 bytes of zeros, and 32 of ones.
constexpr const char* kZeros = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
constexpr const char* kOnes = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

std::unique_ptr<FileMasterKey> master_key(const char* line = kZeros) {
  auto key = FileMasterKey::parse(line, "master_key_file: here", random_bytes);
  REQUIRE(key.has_value());
  return std::move(*key);
}

Errc code_of(const MasterKeyChoice& choice) {
  const auto opened = open_master_key(choice, random_bytes);
  return opened.has_error() ? opened.error().code : Errc::internal;
}

}  // namespace

TEST_CASE("keyring: what is kept is loaded, is private, and is nothing in the clear", "[tools][keyring]") {
  const ScratchFolder folder;
  KeyRing ring{folder.path(), master_key(), random_bytes};
  CHECK_FALSE((*ring.load("signing-a")).has_value());
  REQUIRE(ring.keep("signing-a", "the secret itself").has_value());
  CHECK((*ring.load("signing-a"))->reveal() == "the secret itself");
  CHECK(mode_of(folder / "signing-a.key") == 0600);
  CHECK(read_text(folder / "signing-a.key").find("secret") == std::string::npos);
  REQUIRE(ring.keep("signing-a", "another").has_value());
  CHECK((*KeyRing{folder.path(), master_key(), random_bytes}.load("signing-a"))->reveal() == "another");
  REQUIRE(ring.keep("signing-b", "b").has_value());
  REQUIRE(ring.keep("server-x", "x").has_value());
  CHECK(*ring.names("signing-") == std::vector<std::string>{"signing-a", "signing-b"});
  REQUIRE(ring.remove("signing-a").has_value());
  REQUIRE(ring.remove("signing-a").has_value());
  CHECK_FALSE((*ring.load("signing-a")).has_value());
}

TEST_CASE("keyring: a server key is made once and outlives a restart", "[tools][keyring]") {
  const ScratchFolder folder;
  KeyRing ring{folder.path(), master_key(), random_bytes};
  const auto first = ring.server_key("idempotency");
  REQUIRE(first.has_value());
  CHECK(first->reveal().size() == 32);
  CHECK(ring.server_key("idempotency")->reveal() == first->reveal());
  CHECK(KeyRing(folder.path(), master_key(), random_bytes).server_key("idempotency")->reveal() == first->reveal());
  CHECK(ring.server_key("another")->reveal() != first->reveal());
  REQUIRE(ring.keep("server-short", "12345").has_value());
  CHECK(ring.server_key("short").error().code == Errc::malformed);
}

TEST_CASE("keyring: another master key opens nothing, says which file, and changes nothing", "[tools][keyring]") {
  const ScratchFolder folder;
  REQUIRE(KeyRing(folder.path(), master_key(), random_bytes).keep("signing-a", "s").has_value());
  KeyRing other{folder.path(), master_key(kOnes), random_bytes};
  const auto loaded = other.load("signing-a");
  REQUIRE(loaded.has_error());
  CHECK(loaded.error().code == Errc::bad_configuration);
  CHECK_THAT(loaded.error().detail,
             Catch::StartsWith("master_key_file: ") && Catch::Contains(folder / "signing-a.key"));
  CHECK(other.server_key("x").has_value());
  CHECK((*KeyRing(folder.path(), master_key(), random_bytes).load("signing-a"))->reveal() == "s");
}

TEST_CASE("key file: one name's secret does not open under another", "[tools][keyring]") {
  const ScratchFolder folder;
  KeyRing ring{folder.path(), master_key(), random_bytes};
  REQUIRE(ring.keep("signing-a", "a").has_value());
  std::filesystem::rename(folder / "signing-a.key", folder / "signing-b.key");
  CHECK(ring.load("signing-b").error().code == Errc::malformed);
}

TEST_CASE("key file: one that an independent program made opens", "[tools][keyring]") {
  std::string file;
  const std::string hex =
      "544c594b01018a56e0c526fedadc59ab0044f15cb5a701000102030405060708090a0b0c0d0e0f6710ccc9617b75e3c37d2721de5cf0dbcd"
      "31"
      "bfbc396c";
  for (std::size_t at = 0; at < hex.size(); at += 2) {
    file.push_back(static_cast<char>(std::stoi(hex.substr(at, 2), nullptr, 16)));
  }
  CHECK(open_key_file(*master_key(), "signing-a", core::as_bytes(file))->reveal() == "secret");
}

TEST_CASE("key file: every changed, missing and added byte is noticed", "[tools][keyring]") {
  const auto key = master_key();
  const std::string good = *make_key_file(*key, "signing-a", "secret");
  const auto code = [&](const std::string& file) {
    const auto opened = open_key_file(*key, "signing-a", core::as_bytes(file));
    return opened.has_error() ? opened.error().code : Errc::internal;
  };
  REQUIRE(code(good) == Errc::internal);
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const int mask : {1, 2, 16, 128, 255}) {
      std::string changed = good;
      changed[at] = static_cast<char>(changed[at] ^ mask);
      INFO(at << " ^ " << mask);
      const Errc found = code(changed);
      // The header names the method and the master key: with another one there it is another key's file.
      REQUIRE((found == Errc::malformed || (at >= 5 && at < 22 && found == Errc::bad_configuration)));
    }
  }
  for (std::size_t size = 0; size < good.size(); ++size) REQUIRE(code(good.substr(0, size)) == Errc::malformed);
  CHECK(code(good + "x") == Errc::malformed);
  std::string swapped = good;
  std::swap(swapped[30], swapped[31]);
  if (swapped != good) CHECK(code(swapped) == Errc::malformed);
}

TEST_CASE("master key: the default one is made once, private, and never where keys are wrapped", "[tools][keyring]") {
  const ScratchFolder folder;
  const MasterKeyChoice choice{.folder = folder.path()};
  MasterKeyId id{};
  {
    const auto made = open_master_key(choice, random_bytes);
    REQUIRE(made.has_value());
    id = (*made)->id();
  }
  CHECK(mode_of(folder / "master.key") == 0600);
  CHECK(read_text(folder / "master.key").size() == 45);
  KeyRing ring{folder.path(), *open_master_key(choice, random_bytes), random_bytes};
  CHECK((*open_master_key(choice, random_bytes))->id() == id);
  REQUIRE(ring.keep("signing-a", "a").has_value());
  // It lies among the wrapped keys and is none.
  CHECK(*ring.names("") == std::vector<std::string>{"signing-a"});
  std::filesystem::rename(folder / "master.key", folder / "elsewhere");
  const auto missing = open_master_key(choice, random_bytes);
  REQUIRE(missing.has_error());
  CHECK(missing.error().code == Errc::bad_configuration);
  CHECK_THAT(missing.error().detail, Catch::StartsWith("master_key_file: ") && Catch::Contains("master.key"));
  CHECK_FALSE(std::filesystem::exists(folder / "master.key"));
  MasterKeyChoice moved = choice;
  moved.file = folder / "elsewhere";
  CHECK((*open_master_key(moved, random_bytes))->id() == id);
}

TEST_CASE("master key: a file that others can read, or that is none, is refused by name", "[tools][keyring]") {
  const ScratchFolder folder;
  MasterKeyChoice choice{.folder = folder.path(), .file = folder / "key"};
  CHECK(code_of(choice) == Errc::bad_configuration);
  for (const std::string text :
       {"", "\n", "AAAA", "not base64 at all, but as long as a key is!", "AAAAAAAAAAAAAAAAAAAAAA=="}) {
    write_text(choice.file, text);
    CHECK(code_of(choice) == Errc::bad_configuration);
  }
  write_text(choice.file, std::string(65, 'A'));
  CHECK(code_of(choice) == Errc::bad_configuration);
  write_text(choice.file, std::string{kZeros} + "\n");
  CHECK((*open_master_key(choice, random_bytes))->id() == master_key()->id());
  write_text(choice.file, std::string{kZeros} + "\r\n");
  CHECK((*open_master_key(choice, random_bytes))->id() == master_key()->id());
  for (const mode_t mode : std::initializer_list<mode_t>{0640, 0604, 0660, 0601}) {
    REQUIRE(::chmod(choice.file.c_str(), mode) == 0);
    const auto opened = open_master_key(choice, random_bytes);
    REQUIRE(opened.has_error());
    CHECK(opened.error().code == Errc::bad_configuration);
    CHECK_THAT(opened.error().detail, Catch::StartsWith("master_key_file: ") && Catch::Contains("chmod 600"));
  }
  REQUIRE(::chmod(choice.file.c_str(), 0400) == 0);
  CHECK(open_master_key(choice, random_bytes).has_value());
}

TEST_CASE("master key: the service manager's credential is taken unless a file is named", "[tools][keyring]") {
  const ScratchFolder folder;
  const ScratchFolder credentials;
  MasterKeyChoice choice{.folder = folder.path(), .credentials_dir = credentials.path()};
  // A service with other credentials only.
  CHECK(open_master_key(choice, random_bytes).has_value());
  write_text(credentials / "tally-master-key", kOnes);
  REQUIRE(::chmod((credentials / "tally-master-key").c_str(), 0440) == 0);
  CHECK((*open_master_key(choice, random_bytes))->id() == master_key(kOnes)->id());
  write_text(folder / "key", kZeros);
  choice.file = folder / "key";
  CHECK((*open_master_key(choice, random_bytes))->id() == master_key()->id());
  choice.file.clear();
  REQUIRE(::chmod((credentials / "tally-master-key").c_str(), 0444) == 0);
  CHECK(code_of(choice) == Errc::bad_configuration);
}

TEST_CASE("rewrap: every key, again after an interruption, and none if one does not open", "[tools][keyring]") {
  const ScratchFolder folder;
  const auto from = master_key();
  const auto to = master_key(kOnes);
  KeyRing before{folder.path(), master_key(), random_bytes};
  KeyRing after{folder.path(), master_key(kOnes), random_bytes};
  REQUIRE(before.keep("signing-a", "a").has_value());
  REQUIRE(before.keep("server-b", "b").has_value());
  // As an interrupted run leaves it: one is done.
  REQUIRE(after.keep("signing-c", "c").has_value());
  write_text(folder / "master.key", kZeros);
  CHECK(*rewrap(folder.path(), *from, *to) == 2);
  CHECK(*rewrap(folder.path(), *from, *to) == 0);
  CHECK((*after.load("signing-a"))->reveal() == "a");
  CHECK((*after.load("server-b"))->reveal() == "b");
  CHECK((*after.load("signing-c"))->reveal() == "c");

  const std::string third = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=";
  KeyRing foreign{folder.path(), master_key(third.c_str()), random_bytes};
  REQUIRE(foreign.keep("signing-z", "z").has_value());
  CHECK(rewrap(folder.path(), *to, *from).error().code == Errc::bad_configuration);
  CHECK((*after.load("signing-a"))->reveal() == "a");
}

}  // namespace tally::tools
