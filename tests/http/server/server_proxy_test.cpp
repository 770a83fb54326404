#include <string>

#include <catch2/catch.hpp>

#include "tests/http/server/server_fixture.hpp"

using namespace tally;
using namespace tally::testing;
using http::AddressRange;
using http::ForwardedField;
using http::ProxyTrust;

namespace {

struct ProxyFixture : ServerFixture {
  ProxyFixture() {
    get("/who", [](const http::Request& request, http::Response& response) {
      response.start(200, "text/plain");
      response.body() = request.remote_address;
    });
  }
  std::string who(std::string_view fields) { return ask(get_request("/who", fields)).body; }
};

}  // namespace

TEST_CASE("behind a proxy: the request's address is what the proxy says", "[http][forwarded]") {
  ProxyFixture fixture;
  fixture.options.proxies = ProxyTrust{};
  fixture.start();
  CHECK(fixture.who("X-Forwarded-For: 9.9.9.9, 192.0.2.1\r\n") == "192.0.2.1");
  CHECK(fixture.who("X-Forwarded-For: 192.0.2.1\r\nx-forwarded-for: 192.0.2.2\r\n") == "192.0.2.2");
  CHECK(fixture.who("") == "127.0.0.1");
  CHECK(fixture.who("Forwarded: for=9.9.9.9\r\n") == "127.0.0.1");
}

TEST_CASE("behind a proxy: each request of a connection has its own client", "[http][forwarded]") {
  ProxyFixture fixture;
  fixture.options.proxies = ProxyTrust{};
  fixture.start();
  TestClient client{fixture.port()};
  for (const std::string address : {"192.0.2.1", "192.0.2.2"}) {
    client.send(get_request("/who", "X-Forwarded-For: " + address + "\r\n"));
    CHECK(client.read().body == address);
  }
  client.send(get_request("/who"));
  CHECK(client.read().body == "127.0.0.1");
}

TEST_CASE("behind a proxy: with Forwarded chosen, X-Forwarded-For says nothing", "[http][forwarded]") {
  ProxyFixture fixture;
  fixture.options.proxies = ProxyTrust{ForwardedField::forwarded, {}};
  fixture.start();
  CHECK(fixture.who("X-Forwarded-For: 9.9.9.9\r\nForwarded: for=192.0.2.1;proto=https\r\n") == "192.0.2.1");
  CHECK(fixture.who("X-Forwarded-For: 9.9.9.9\r\n") == "127.0.0.1");
}

TEST_CASE("behind a proxy: somebody who is none of the named proxies is the client", "[http][forwarded]") {
  ProxyFixture fixture;
  fixture.options.proxies = ProxyTrust{ForwardedField::x_forwarded_for, {*AddressRange::parse("10.0.0.0/8")}};
  fixture.start();
  CHECK(fixture.who("X-Forwarded-For: 9.9.9.9\r\n") == "127.0.0.1");
}

TEST_CASE("without a proxy, nobody is believed about his address", "[http][forwarded]") {
  ProxyFixture fixture;
  fixture.start();
  CHECK(fixture.who("X-Forwarded-For: 9.9.9.9\r\nForwarded: for=9.9.9.9\r\n") == "127.0.0.1");
}
