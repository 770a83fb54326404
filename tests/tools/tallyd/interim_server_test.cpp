#include "tools/tallyd/interim_server.hpp"

#include <arpa/inet.h>
#include <filesystem>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "tests/tools/support/house.hpp"
#include "tests/tools/support/must_get.hpp"

namespace tally::tools {
namespace {

/// A free port that nobody else is given: bound, and not listened on.
class ReservedPort {
 public:
  ReservedPort() {
    const int on = 1;
    socklen_t size = sizeof(address_);
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0);
    REQUIRE(::bind(socket_, reinterpret_cast<const sockaddr*>(&address_), size) == 0);
    REQUIRE(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address_), &size) == 0);
  }
  ~ReservedPort() { ::close(socket_); }
  ReservedPort(const ReservedPort&) = delete;
  ReservedPort& operator=(const ReservedPort&) = delete;
  [[nodiscard]] std::uint16_t number() const { return ntohs(address_.sin_port); }

 private:
  const int socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address_{};
};

/// A copy of what the last release of storage version 1 has left, and a start of it.
struct OldHouse {
  OldHouse() : settings(quiet_settings(data / "folder")) {
    std::filesystem::copy(TALLY_GOLDEN_FOLDER "/storage-1/data", data / "folder",
                          std::filesystem::copy_options::recursive);
    std::filesystem::permissions(data / "folder/keys/master.key", std::filesystem::perms::owner_read);
    settings.listen_port = port.number();
    settings.upgrades_storage = true;
  }
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port.number()); }
  auto start(std::function<bool()> is_to_end = {}) const {
    StartOptions options;
    options.is_to_end = std::move(is_to_end);
    return Application::start(settings, std::move(options));
  }

  ScratchFolder data;
  ReservedPort port;
  Settings settings;
};

}  // namespace

TEST_CASE("upgrade: while the storage is upgraded the address answers, and says so to everybody",
          "[tools][application][upgrade]") {
  const OldHouse house;
  int asked = 0;
  const auto ask = [&] {
    ++asked;
    CHECK(must_get(house.url(), "/healthz").status == 200);
    for (const char* path : {"/readyz", "/v1/workspaces", "/forward-auth", "/", "/openapi.json"}) {
      const HttpReply reply = must_get(house.url(), path);
      INFO(path << ' ' << reply.body);
      CHECK(reply.status == 503);
      CHECK(member_of(reply.body, "code") == "upgrading");
      CHECK_THAT(member_of(reply.body, "detail"),
                 Catch::Contains(" %") && (Catch::Contains("tiles") || Catch::Contains("rows")));
    }
    const HttpReply token = must_get(house.url(), "/oauth2/jwks");
    CHECK(token.status == 503);
    CHECK(member_of(token.body, "error") == "temporarily_unavailable");
    return false;
  };
  const auto started = house.start(ask);
  INFO((started.has_error() ? started.error().detail : ""));
  REQUIRE(started.has_value());
  CHECK(asked >= 4);
  CHECK((*started)->port() == house.port.number());
  CHECK(must_get(house.url(), "/readyz").status == 200);
  CHECK(must_get(house.url(), "/v1/workspaces").status == 401);
}

TEST_CASE("upgrade: an end that is asked for at any moment leaves what the next start goes on with",
          "[tools][application][upgrade]") {
  for (int at = 1;; ++at) {
    INFO("question " << at);
    const OldHouse house;
    int asked = 0;
    const auto started = house.start([&] { return ++asked == at; });
    if (started.has_value()) {
      CHECK(at > 4);
      break;
    }
    CHECK(started.error().code == core::Errc::stopping);
    Settings without = house.settings;
    without.upgrades_storage = false;
    const auto again = Application::start(without, {});
    // From where the tiles are made only rows are missing.
    if (again.has_error()) CHECK(again.error().code == core::Errc::conflict);
    CHECK((again.has_error() || at > 2));
    if (again.has_error()) REQUIRE(house.start().has_value());
  }
}

}  // namespace tally::tools
