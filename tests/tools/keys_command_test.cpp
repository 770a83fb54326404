#include <filesystem>

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "tests/tools/support/house.hpp"
#include "tests/tools/support/must_get.hpp"

/// `tally keys` and the keys of a whole server.
namespace tally::tools {
namespace {

constexpr const char* kNewKey = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n";

core::Error error_of_start(const Settings& settings) {
  const auto started = Application::start(settings, {});
  REQUIRE(started.has_error());
  return started.error();
}

}  // namespace

TEST_CASE("tally keys: rotates, lists and retires", "[tools][cli][keys]") {
  Scene scene;
  const std::string before = scene.root.must({"keys", "list"});
  CHECK_THAT(before, Catch::Contains("EdDSA") && Catch::Contains("active"));
  const std::string waiting = member_of(scene.root.must({"keys", "rotate", "--json"}), "id");
  CHECK_THAT(scene.root.must({"keys", "list"}), Catch::Contains("pending") && Catch::Contains(waiting));
  CHECK(scene.root.run({"keys", "rotate"}).exit == Exit::refused);
  CHECK_THAT(scene.root.must({"keys", "retire", waiting}), Catch::Contains("retired"));
  CHECK(scene.root.run({"keys", "retire", "nobodys"}).exit == Exit::refused);
  CHECK(scene.ada.run({"keys", "list"}).exit == Exit::not_allowed);

  const std::string old_id = [&] {
    const boost::json::value jwks = boost::json::parse(must_get(scene.house.url(), "/oauth2/jwks").body);
    return std::string{jwks.at("keys").at(0).at("kid").as_string()};
  }();
  CHECK(scene.root.run({"keys", "retire", "--force", old_id}).exit == Exit::refused);
  CHECK_THAT(scene.root.must({"keys", "rotate", "--now"}), Catch::Contains("active"));
  CHECK_THAT(scene.root.must({"keys", "retire", "--force", old_id}), Catch::Contains("retired"));
  const std::string jwks = must_get(scene.house.url(), "/oauth2/jwks").body;
  CHECK(jwks.find(old_id) == std::string::npos);
  scene.house.stop();
  scene.house.start();
  CHECK(must_get(scene.house.url(), "/oauth2/jwks").body == jwks);
}

TEST_CASE("tally keys: rewrap moves every key under another master key", "[tools][cli][keys]") {
  House house;
  const std::string before = must_get(house.url(), "/oauth2/jwks").body;
  const std::string data = house.data / "folder";
  write_text(house.data / "new.key", kNewKey);
  Person person{house.url()};
  const std::vector<std::string> rewrap{
      "keys", "rewrap", "--data-dir", data, "--new-master-key-file", house.data / "new.key"};
  CHECK(person.run(rewrap).exit == Exit::unreachable);  // the server runs
  house.stop();
  // The one that signs, the one that seals kept answers, and the ledger's own.
  CHECK_THAT(person.must(rewrap), Catch::StartsWith("3 keys are wrapped"));
  CHECK_THAT(person.must(rewrap), Catch::StartsWith("0 keys are wrapped"));
  // The old master key is still there, and opens nothing.
  const core::Error error = error_of_start(quiet_settings(data));
  CHECK(error.code == core::Errc::bad_configuration);
  CHECK_THAT(error.detail, Catch::StartsWith("master_key_file: "));
  Settings settings = quiet_settings(data);
  settings.master_key_file = house.data / "new.key";
  auto started = Application::start(settings, {});
  REQUIRE(started.has_value());
  CHECK(must_get((*started)->url(), "/oauth2/jwks").body == before);
  started->reset();

  CHECK(person.run({"keys", "rewrap", "--data-dir", data, "--new-master-key-file", house.data / "absent"}).exit ==
        Exit::usage);
  CHECK(person.run({"keys", "rewrap", "--data-dir", house.data / "no", "--new-master-key-file", "x"}).exit ==
        Exit::unreachable);
  CHECK(person.run({"keys", "rewrap", "--data-dir", data, "--new-pkcs11-token", "x"}).exit == Exit::usage);
}

TEST_CASE("server: a key of an earlier release, in the clear, is wrapped at the next start",
          "[tools][application][keys]") {
  House house;
  const std::string before = must_get(house.url(), "/oauth2/jwks").body;
  const std::string kid = [&] {
    const boost::json::value jwks = boost::json::parse(before);
    return std::string{jwks.at("keys").at(0).at("kid").as_string()};
  }();
  house.stop();
  const std::string keys = house.data / "folder/keys";
  CHECK(std::filesystem::exists(keys + "/master.key"));
  CHECK(mode_of(keys + "/master.key") == 0600);
  CHECK(mode_of(keys) == 0700);
  CHECK(std::filesystem::exists(keys + "/signing-" + kid + ".key"));
  CHECK_FALSE(std::filesystem::exists(keys + "/signing-" + kid + ".pem"));
}

TEST_CASE("server: without its master key it is refused, and goes on when it is back", "[tools][application][keys]") {
  House house;
  const std::string before = must_get(house.url(), "/oauth2/jwks").body;
  house.stop();
  const std::string master = house.data / "folder/keys/master.key";
  std::filesystem::rename(master, house.data / "moved");
  core::Error error = error_of_start(quiet_settings(house.data / "folder"));
  CHECK(error.code == core::Errc::bad_configuration);
  CHECK_THAT(error.detail, Catch::StartsWith("master_key_file: ") && Catch::Contains(master));
  CHECK_FALSE(std::filesystem::exists(master));
  write_text(master, kNewKey);
  error = error_of_start(quiet_settings(house.data / "folder"));
  CHECK(error.code == core::Errc::bad_configuration);
  CHECK_THAT(error.detail, Catch::Contains("is not the key that has wrapped"));
  std::filesystem::permissions(house.data / "moved", std::filesystem::perms{0644});
  Settings settings = quiet_settings(house.data / "folder");
  settings.master_key_file = house.data / "moved";
  CHECK(error_of_start(settings).code == core::Errc::bad_configuration);
  std::filesystem::permissions(house.data / "moved", std::filesystem::perms{0600});
  auto started = Application::start(settings, {});
  REQUIRE(started.has_value());
  CHECK(must_get((*started)->url(), "/oauth2/jwks").body == before);
}

TEST_CASE("server: signs with the algorithm that it was asked for", "[tools][application][keys]") {
  for (const auto algorithm : {core::crypto::SigningAlgorithm::es256, core::crypto::SigningAlgorithm::rs256}) {
    const ScratchFolder data;
    Settings settings = quiet_settings(data / "folder");
    settings.signing_algorithm = algorithm;
    std::string jwks;
    {
      auto started = Application::start(settings, {});
      REQUIRE(started.has_value());
      jwks = must_get((*started)->url(), "/oauth2/jwks").body;
    }
    CHECK_THAT(jwks, Catch::Contains(std::string{R"("alg":")"} + core::crypto::name_of(algorithm) + "\""));
    auto again = Application::start(quiet_settings(data / "folder"), {});
    REQUIRE(again.has_value());
    CHECK(must_get((*again)->url(), "/oauth2/jwks").body == jwks);
  }
}

TEST_CASE("tally workspace policy: the format of access tokens", "[tools][cli]") {
  Scene scene;
  CHECK_THAT(scene.ada.must({"workspace", "policy"}), Catch::Contains("jwt"));
  CHECK_THAT(scene.ada.must({"workspace", "policy", "--access-token-format", "opaque"}), Catch::Contains("opaque"));
  const std::string token = scene.ada.must({"token", "generate", "robot", "--days", "1", "--json"});
  CHECK_THAT(member_of(token, "access_token"), Catch::StartsWith("tla_"));
  CHECK(scene.ada.run({"workspace", "policy", "--access-token-format", "xml"}).exit == Exit::usage);
}

}  // namespace tally::tools
