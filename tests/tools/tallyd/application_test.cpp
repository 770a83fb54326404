#include "tools/tallyd/application.hpp"

#include <algorithm>
#include <filesystem>

#include <catch2/catch.hpp>

#include "tests/tools/support/house.hpp"
#include "tests/tools/support/must_get.hpp"
#include "tools/base/operator_password.hpp"

namespace tally::tools {
namespace {

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

TEST_CASE(
    "server: without a place for its anchor it serves and is not ready, or does not start where each batch needs one",
    "[tools][application][anchor]") {
  const ScratchFolder scratch;
  Settings settings = quiet_settings(scratch / "folder");
  settings.anchor_file = scratch / "none" + "/anchor";
  settings.anchor = GENERATE(events::AnchorSync::each_second, events::AnchorSync::each_batch);
  if (settings.anchor == events::AnchorSync::each_batch) {
    CHECK(code_of_start(settings) == core::Errc::io_failed);
    return;
  }
  const auto application = Application::start(settings, {});
  REQUIRE(application.has_value());
  CHECK(must_get((*application)->url(), "/healthz").status == 200);
  CHECK(must_get((*application)->url(), "/readyz").status == 503);
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

namespace {

/// A start that notes the passwords it is told to show.
struct Shown {
  core::Result<std::unique_ptr<Application>> start(const std::string& data) {
    StartOptions options;
    options.show_password = [this](const core::SecretText& password) -> core::Result<void> {
      passwords.emplace_back(password.reveal());
      return can_be_shown ? core::Result<void>{} : core::fail(core::Errc::io_failed, "nobody looks");
    };
    return Application::start(quiet_settings(data), std::move(options));
  }
  std::vector<std::string> passwords;
  bool can_be_shown = true;
};

void must_sign_in(const Application& application, const std::string& username, const std::string& password) {
  Person person{application.url()};
  person.environment["TALLY_PASSWORD"] = password;
  person.must({"login", username});
}

/// What became of the password, at another start of the folder.
GivenPassword given_at_start(const std::string& data, const std::optional<std::string>& password) {
  StartOptions options;
  if (password) options.operator_password.emplace(*password);
  const auto started = Application::start(quiet_settings(data), std::move(options));
  REQUIRE(started.has_value());
  return (*started)->given_password();
}

}  // namespace

TEST_CASE("server: a made-up password is told once, at the first start only, and works", "[tools][application]") {
  const ScratchFolder data;
  Shown shown;
  REQUIRE(shown.start(data.path()).has_value());
  REQUIRE(shown.passwords.size() == 1);
  CHECK(shown.passwords.front().size() >= 24);
  const auto second = shown.start(data.path());
  REQUIRE(second.has_value());
  CHECK(shown.passwords.size() == 1);
  must_sign_in(**second, "operator", shown.passwords.front());
}

TEST_CASE("server: a made-up password that nobody was shown is nobody's", "[tools][application]") {
  const ScratchFolder data;
  Shown shown;
  shown.can_be_shown = false;
  const auto refused = shown.start(data.path());
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == core::Errc::io_failed);
  shown.can_be_shown = true;
  const auto started = shown.start(data.path());
  REQUIRE(started.has_value());
  REQUIRE(shown.passwords.size() == 2);
  CHECK(shown.passwords.front() != shown.passwords.back());
  must_sign_in(**started, "operator", shown.passwords.back());
}

TEST_CASE("server: a password that is given at a later start is compared, and never taken", "[tools][application]") {
  const ScratchFolder data;
  const std::string first = "the password of the first start";
  CHECK(given_at_start(data.path(), first) == GivenPassword::used);
  CHECK(given_at_start(data.path(), first) == GivenPassword::current);
  CHECK(given_at_start(data.path(), "another password for it") == GivenPassword::not_used);
  CHECK(given_at_start(data.path(), std::nullopt) == GivenPassword::none);
  const auto last = Application::start(quiet_settings(data.path()), {});
  REQUIRE(last.has_value());
  must_sign_in(**last, "operator", first);
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
  CHECK((*choose_operator_password(std::nullopt, folder / "lf", Readers::any))->reveal() == "a password of mine");
  CHECK((*choose_operator_password(std::nullopt, folder / "crlf", Readers::any))->reveal() == "a password of mine");
  CHECK((*choose_operator_password(secret("from the environment"), "", Readers::any))->reveal() ==
        "from the environment");
  CHECK_FALSE(choose_operator_password(std::nullopt, "", Readers::any)->has_value());
  CHECK(choose_operator_password(std::nullopt, folder / "short", Readers::any).error().code ==
        core::Errc::bad_configuration);
  CHECK(choose_operator_password(std::nullopt, folder / "absent", Readers::any).error().code ==
        core::Errc::bad_configuration);
  CHECK(choose_operator_password(secret("from the environment"), folder / "lf", Readers::any).error().code ==
        core::Errc::bad_configuration);
  CHECK(choose_operator_password(secret(std::string(1'025, 'x')), "", Readers::any).error().code ==
        core::Errc::bad_configuration);
}

}  // namespace tally::tools
