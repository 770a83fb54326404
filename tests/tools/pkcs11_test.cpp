#include <array>
#include <cstdio>
#include <filesystem>
#include <stdlib.h>

#include <catch2/catch.hpp>

#include "core/crypto/system_random.hpp"
#include "tests/tools/support/scratch_folder.hpp"
#include "tools/base/private_file.hpp"
#include "tools/keyring/key_ring.hpp"
#include "tools/keyring/open_master_key.hpp"
#include "tools/keyring/pkcs11_master_key.hpp"

/// Against SoftHSM, a token of software: Debian's softhsm2.
namespace tally::tools {
namespace {

using core::Errc;

core::crypto::SystemRandom token_random;

constexpr const char* kToken = "tally test";
constexpr const char* kPin = "4711-4711";

/// A token in a folder of its own, with an AES key "master". SoftHSM reads its configuration once per process, so there
/// is one for all cases.
class SoftToken {
 public:
  static const SoftToken& get() {
    static const SoftToken token;
    return token;
  }
  [[nodiscard]] MasterKeyChoice choice(const std::string& folder) const {
    return {.folder = folder,
            .pkcs11_module = TALLY_SOFTHSM_MODULE,
            .pkcs11_token = kToken,
            .pkcs11_key = "master",
            .pkcs11_pin_file = folder_ / "pin"};
  }

 private:
  SoftToken() {
    std::filesystem::create_directory(folder_ / "tokens");
    write_text(folder_ / "softhsm2.conf", "directories.tokendir = " + (folder_ / "tokens") + "\nlog.level = ERROR\n");
    ::setenv("SOFTHSM2_CONF", (folder_ / "softhsm2.conf").c_str(), 1);
    run(std::string{"softhsm2-util --init-token --free --label '"} + kToken + "' --so-pin 0000-0000 --pin " + kPin);
    // The bytes of an AES-256 key, which softhsm2-util imports under a label.
    std::array<std::uint8_t, 32> key{};
    token_random.fill(key);
    // Letters only: softhsm2-util 2.6 reads the file as text, and a zero or a line feed would cut the key short.
    for (std::uint8_t& byte : key) byte = static_cast<std::uint8_t>('a' + byte % 26);
    write_text(folder_ / "key", std::string{core::as_text(key)});
    run(std::string{"softhsm2-util --import '"} + (folder_ / "key") + "' --aes --token '" + kToken + "' --pin " + kPin +
        " --label master --id 01");
    REQUIRE(write_private_file(folder_ / "pin", std::string{kPin} + "\n").has_value());
  }
  static void run(const std::string& command) {
    INFO(command);
    REQUIRE(std::system((command + " >/dev/null").c_str()) == 0);  // NOLINT(cert-env33-c): our own text
  }
  ScratchFolder folder_;
};

core::Error error_of(const MasterKeyChoice& choice) {
  const auto opened = open_master_key(choice, token_random);
  REQUIRE(opened.has_error());
  return opened.error();
}

}  // namespace

TEST_CASE("pkcs11: a token wraps and unwraps, over restarts", "[tools][keyring][pkcs11]") {
  const ScratchFolder folder;
  const MasterKeyChoice choice = SoftToken::get().choice(folder.path());
  std::string server_key;
  for (int start = 0; start < 2; ++start) {
    auto opened = open_master_key(choice, token_random);
    INFO((opened.has_error() ? opened.error().detail : ""));
    REQUIRE(opened.has_value());
    KeyRing ring{folder.path(), std::move(*opened), token_random};
    const auto key = ring.server_key("x");
    INFO((key.has_error() ? key.error().detail : ""));
    REQUIRE(key.has_value());
    if (start == 0) server_key = key->reveal();
    CHECK(key->reveal() == server_key);
  }
  CHECK_FALSE(std::filesystem::exists(folder / "master.key"));
  CHECK(read_text(folder / "server-x.key").find(server_key) == std::string::npos);
}

TEST_CASE("pkcs11: every changed byte is noticed, and nothing else opens it", "[tools][keyring][pkcs11]") {
  const ScratchFolder folder;
  const auto key = *open_master_key(SoftToken::get().choice(folder.path()), token_random);
  const core::Bytes context{1, 2, 3};
  const core::Bytes wrapped = *key->wrap(context, "secret");
  CHECK(key->unwrap(context, wrapped)->reveal() == "secret");
  CHECK(wrapped != *key->wrap(context, "secret"));
  CHECK(key->unwrap({}, wrapped).error().code == Errc::malformed);
  for (std::size_t at = 0; at < wrapped.size(); ++at) {
    core::Bytes changed = wrapped;
    changed[at] ^= 1;
    INFO(at);
    REQUIRE(key->unwrap(context, changed).error().code == Errc::malformed);
  }
  for (std::size_t size = 0; size < wrapped.size(); ++size) {
    INFO(size);
    REQUIRE(key->unwrap(context, core::ByteView{wrapped}.first(size)).error().code == Errc::malformed);
  }
  // It still works after all that.
  CHECK(key->unwrap(context, wrapped)->reveal() == "secret");
}

TEST_CASE("pkcs11: what is wrong is told by its setting", "[tools][keyring][pkcs11]") {
  const ScratchFolder folder;
  const MasterKeyChoice good = SoftToken::get().choice(folder.path());
  MasterKeyChoice wrong = good;
  wrong.pkcs11_module = folder / "no-such-module.so";
  CHECK_THAT(error_of(wrong).detail, Catch::StartsWith("pkcs11_module: "));
  wrong = good;
  wrong.pkcs11_token = "nobody's";
  CHECK_THAT(error_of(wrong).detail, Catch::StartsWith("pkcs11_token: "));
  wrong = good;
  wrong.pkcs11_key = "no such key";
  CHECK_THAT(error_of(wrong).detail, Catch::StartsWith("pkcs11_key: "));
  CHECK(error_of(wrong).code == Errc::bad_configuration);
  wrong = good;
  wrong.pkcs11_pin_file = folder / "absent";
  CHECK_THAT(error_of(wrong).detail, Catch::StartsWith("pkcs11_pin_file: "));
  REQUIRE(write_private_file(folder / "pin", "0000").has_value());
  wrong.pkcs11_pin_file = folder / "pin";
  CHECK_THAT(error_of(wrong).detail, Catch::StartsWith("pkcs11_pin_file: "));
}

TEST_CASE("pkcs11: keys move from a file into the token and back", "[tools][keyring][pkcs11]") {
  const ScratchFolder folder;
  const auto file_key = *open_master_key({.folder = folder.path()}, token_random);
  KeyRing ring{folder.path(), *open_master_key({.folder = folder.path()}, token_random), token_random};
  REQUIRE(ring.keep("signing-a", "a").has_value());
  const auto token_key = *open_master_key(SoftToken::get().choice(folder.path()), token_random);
  CHECK(*rewrap(folder.path(), *file_key, *token_key) == 1);
  CHECK(ring.load("signing-a").error().code == Errc::bad_configuration);
  CHECK(*rewrap(folder.path(), *token_key, *file_key) == 1);
  CHECK((*ring.load("signing-a"))->reveal() == "a");
}

}  // namespace tally::tools
