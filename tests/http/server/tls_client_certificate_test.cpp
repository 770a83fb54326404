#include <chrono>
#include <openssl/ssl.h>
#include <string>

#include <catch2/catch.hpp>

#include "core/base/bytes.hpp"
#include "tests/http/server/server_fixture.hpp"
#include "tests/http/server/tls_client.hpp"

using namespace tally;
using namespace tally::testing;
using namespace std::chrono_literals;
using tools::MadeCertificate;
using Role = tools::CertificateWish::Role;

namespace {

/// A server that asks for certificates of its authority, and answers with the thumbprint that it saw.
struct MutualFixture : ServerFixture {
  MutualFixture() {
    options.tls = tls_of(MadeCertificate::valid_now({}), &authority);
    get("/who", [](const http::Request& request, http::Response& response) {
      response.start(200, "text/plain");
      response.body() = request.client_certificate ? core::to_hex(request.client_certificate->bytes) : "nobody";
    });
  }
  std::string who(TlsClient& client) {
    client.send(get_request("/who"));
    return client.read().body;
  }
  MadeCertificate client(std::string name = "robot") {
    return MadeCertificate::valid_now({.name = std::move(name), .role = Role::client}, &authority);
  }

  MadeCertificate authority = MadeCertificate::valid_now({.name = "authority", .role = Role::authority});
};

}  // namespace

TEST_CASE("client certificate: its thumbprint comes with every request of the connection", "[http][tls]") {
  const int version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
  MutualFixture fixture;
  fixture.start();
  const auto shown = fixture.client();
  TlsClient client{fixture.port(), {.version = version, .shown = &shown}};
  CHECK(fixture.who(client) == shown.thumbprint());
  CHECK(fixture.who(client) == shown.thumbprint());
}

TEST_CASE("client certificate: nobody has to show one", "[http][tls]") {
  MutualFixture fixture;
  fixture.start();
  TlsClient client{fixture.port()};
  CHECK(fixture.who(client) == "nobody");
}

TEST_CASE("client certificate: one connection's is not another's", "[http][tls]") {
  MutualFixture fixture;
  fixture.start();
  const auto one = fixture.client("one");
  const auto other = fixture.client("other");
  TlsClient first{fixture.port(), {.shown = &one}};
  TlsClient second{fixture.port(), {.shown = &other}};
  TlsClient third{fixture.port()};
  CHECK(fixture.who(first) == one.thumbprint());
  CHECK(fixture.who(second) == other.thumbprint());
  CHECK(fixture.who(third) == "nobody");
}

TEST_CASE("client certificate: a resumed connection keeps the one that was proved", "[http][tls]") {
  MutualFixture fixture;
  fixture.start();
  const auto shown = fixture.client();
  TlsClient first{fixture.port(), {.shown = &shown}};
  CHECK(fixture.who(first) == shown.thumbprint());
  TlsClient second{fixture.port(), {.resumed = first.session()}};
  CHECK(second.is_resumed());
  CHECK(fixture.who(second) == shown.thumbprint());
}

TEST_CASE("client certificate: one that does not hold is refused, not taken for none", "[http][tls]") {
  MutualFixture fixture;
  fixture.start();
  const auto now = std::chrono::floor<core::Duration>(std::chrono::system_clock::now());
  const auto stranger = MadeCertificate::valid_now({.name = "stranger", .role = Role::authority});
  SECTION("of another authority") {
    const auto shown = MadeCertificate::valid_now({.role = Role::client}, &stranger);
    TlsClient client{fixture.port(), {.shown = &shown}};
    CHECK(fixture.who(client).empty());
    CHECK(client.failure() == "tlsv1 alert unknown ca");
  }
  SECTION("signed by itself") {
    const auto shown = MadeCertificate::valid_now({.role = Role::client});
    TlsClient client{fixture.port(), {.shown = &shown}};
    CHECK(fixture.who(client).empty());
  }
  SECTION("expired") {
    const MadeCertificate shown{{.role = Role::client, .begin = now - 2h, .end = now - 1h}, &fixture.authority};
    TlsClient client{fixture.port(), {.shown = &shown}};
    CHECK(fixture.who(client).empty());
    CHECK(client.failure() == "sslv3 alert certificate expired");
  }
  SECTION("made for a server") {
    const auto shown = MadeCertificate::valid_now({.role = Role::server}, &fixture.authority);
    TlsClient client{fixture.port(), {.shown = &shown}};
    CHECK(fixture.who(client).empty());
  }
}

TEST_CASE("client certificate: a server without authorities asks for none", "[http][tls]") {
  MutualFixture fixture;
  fixture.options.tls = tls_of(MadeCertificate::valid_now({}));
  fixture.start();
  const auto shown = fixture.client();
  TlsClient client{fixture.port(), {.shown = &shown}};
  CHECK(fixture.who(client) == "nobody");
}
