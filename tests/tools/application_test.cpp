#include "tools/tallyd/application.hpp"

#include <algorithm>
#include <filesystem>

#include <catch2/catch.hpp>

#include "tests/tools/support/house.hpp"
#include "tools/cli/http_client.hpp"
#include "tools/tallyd/first_start.hpp"

namespace tally::tools {
namespace {

HttpReply must_get(const std::string& url, const std::string& target) {
  HttpClient client{*ServerUrl::parse(url), std::chrono::seconds{10}};
  auto reply = client.send({"GET", target});
  REQUIRE(reply.has_value());
  return *std::move(reply);
}

core::Errc code_of_start(const Settings& settings) {
  const auto started = Application::start(settings, {});
  REQUIRE(started.has_error());
  return started.error().code;
}

}  // namespace

TEST_CASE("server: it serves on the port that it says, and its issuer names that port", "[tools][application]") {
  const House house;
  CHECK(must_get(house.url(), "/healthz").status == 200);
  CHECK(must_get(house.url(), "/readyz").status == 200);
  const auto metadata = must_get(house.url(), "/.well-known/oauth-authorization-server");
  CHECK(member_of(metadata.body, "issuer") == house.url());
  CHECK(house.application->issuer() == house.url());
}

TEST_CASE("server: a second one on the same folder is refused", "[tools][application]") {
  const House house;
  CHECK(code_of_start(quiet_settings(house.data / "folder")) == core::Errc::locked);
  CHECK(must_get(house.url(), "/healthz").status == 200);
}

TEST_CASE("server: a port that is taken is refused, and the folder can be used again", "[tools][application]") {
  const House house;
  const ScratchFolder other;
  Settings settings = quiet_settings(other.path());
  settings.listen_port = house.application->port();
  CHECK(code_of_start(settings) == core::Errc::io_failed);
  settings.listen_port = 0;
  CHECK(Application::start(settings, {}).has_value());
}

TEST_CASE("server: a made-up password is told once, at the first start only, and works", "[tools][application]") {
  const ScratchFolder data;
  std::string password;
  {
    auto first = Application::start(quiet_settings(data.path()), {});
    REQUIRE(first.has_value());
    const auto made_up = (*first)->take_made_up_password();
    REQUIRE(made_up.has_value());
    password = made_up->reveal();
    CHECK(password.size() >= 24);
    CHECK_FALSE((*first)->take_made_up_password().has_value());
  }
  auto second = Application::start(quiet_settings(data.path()), {});
  REQUIRE(second.has_value());
  CHECK_FALSE((*second)->take_made_up_password().has_value());
  Person person{(*second)->url()};
  person.environment["TALLY_PASSWORD"] = password;
  person.must({"login", "operator"});
}

TEST_CASE("server: the signing key outlives a restart", "[tools][application]") {
  House house;
  const std::string before = must_get(house.url(), "/oauth2/jwks").body;
  house.stop();
  house.start();
  CHECK(must_get(house.url(), "/oauth2/jwks").body == before);
}

TEST_CASE("server: a ledger whose signing key is gone is refused, with the name of the file", "[tools][application]") {
  House house;
  house.stop();
  for (const auto& entry : std::filesystem::directory_iterator{house.data / "folder/keys"}) {
    if (entry.path().filename().string().starts_with("signing-")) std::filesystem::remove(entry.path());
  }
  const auto started = Application::start(quiet_settings(house.data / "folder"), {});
  REQUIRE(started.has_error());
  CHECK(started.error().code == core::Errc::io_failed);
  CHECK_THAT(started.error().detail, Catch::Contains("folder/keys/signing-") && Catch::Contains(".key"));
  // No new key was made in its place.
  const std::filesystem::directory_iterator left{house.data / "folder/keys"};
  CHECK(std::count_if(begin(left), end(left),
                      [](const auto& entry) { return entry.path().filename().string().starts_with("signing-"); }) == 0);
}

TEST_CASE("server: the operator's password comes from one place, and has its bounds", "[tools][application]") {
  const ScratchFolder folder;
  const auto secret = [](const std::string& text) { return core::SecretText{text}; };
  write_text(folder / "lf", "a password of mine\n");
  write_text(folder / "crlf", "a password of mine\r\n");
  write_text(folder / "short", "elevenchars\n");
  CHECK((*choose_operator_password(std::nullopt, folder / "lf"))->reveal() == "a password of mine");
  CHECK((*choose_operator_password(std::nullopt, folder / "crlf"))->reveal() == "a password of mine");
  CHECK((*choose_operator_password(secret("from the environment"), ""))->reveal() == "from the environment");
  CHECK_FALSE(choose_operator_password(std::nullopt, "")->has_value());
  CHECK(choose_operator_password(std::nullopt, folder / "short").error().code == core::Errc::bad_configuration);
  CHECK(choose_operator_password(std::nullopt, folder / "absent").error().code == core::Errc::bad_configuration);
  CHECK(choose_operator_password(secret("from the environment"), folder / "lf").error().code ==
        core::Errc::bad_configuration);
  CHECK(choose_operator_password(secret(std::string(1'025, 'x')), "").error().code == core::Errc::bad_configuration);
}

}  // namespace tally::tools
