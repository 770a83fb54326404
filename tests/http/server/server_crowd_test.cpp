#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "http/server/connection_count.hpp"
#include "http/server/limits.hpp"
#include "tests/http/server/server_fixture.hpp"
#include "tests/http/server/tls_client.hpp"

using namespace tally;
using namespace tally::testing;
using namespace std::chrono_literals;
using http::ProxyTrust;

namespace {

constexpr std::string_view kWaitingHead =
    "POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n";

/// One thread, so that what came first is done first.
struct CrowdFixture : ServerFixture {
  CrowdFixture() {
    post("/echo", echo);
    options.io_threads = 1;
  }
  std::unique_ptr<TestClient> connect(const std::string& from) const {
    return std::make_unique<TestClient>(port(), from);
  }
  /// One that waits for its next request.
  std::unique_ptr<TestClient> connect_idle(const std::string& from) const {
    auto client = connect(from);
    CHECK(is_served(*client));
    return client;
  }
  /// One whose request is under way, until end_request().
  std::unique_ptr<TestClient> connect_busy(const std::string& from, std::string_view fields = "") const {
    auto client = connect(from);
    client->send(std::string{kWaitingHead} + std::string{fields} + "\r\n");
    CHECK(client->read().status == 100);
    return client;
  }
  static void end_request(TestClient& client) {
    client.send("busy");
    CHECK(client.read().body == "busy");
  }
  static bool is_served(TestClient& client, std::string_view fields = "") {
    client.send(post_request("/echo", "hello", fields));
    return client.read().body == "hello";
  }
};

void check_crowded_out(TestClient& client) {
  const WireReply refused = client.read();
  CHECK(refused.status == 503);
  CHECK(problem_code(refused) == "overloaded");
  CHECK(refused.field("Retry-After") == "1");
  CHECK(client.is_closed());
}

}  // namespace

TEST_CASE("crowd: one address has a quarter of all connections, or what is set", "[http][crowd]") {
  CrowdFixture fixture;
  fixture.options.connections_max = 8;
  fixture.options.connections_per_address_max = GENERATE(as<std::size_t>{}, 0, 2);
  fixture.start();
  const auto first = fixture.connect_idle("127.0.0.2");
  auto second = fixture.connect_idle("127.0.0.2");
  const auto third = fixture.connect("127.0.0.2");
  check_crowded_out(*third);
  CHECK(CrowdFixture::is_served(*first));
  const auto other = fixture.connect_idle("127.0.0.3");
  second.reset();
  // The server learns of the end in its own time.
  while (!CrowdFixture::is_served(*fixture.connect("127.0.0.2"))) continue;
}

TEST_CASE("crowd: over TLS, who is beyond their share is closed before the handshake", "[http][crowd][tls]") {
  CrowdFixture fixture;
  fixture.options.tls = tls_of(tools::MadeCertificate::valid_now({}));
  fixture.options.connections_per_address_max = 1;
  fixture.start();
  TlsClient served{fixture.port()};
  CHECK(CrowdFixture::is_served(served));
  TlsClient refused{fixture.port()};
  CHECK_FALSE(refused.is_connected());
}

TEST_CASE("crowd: where all are taken, the oldest idle one of who has most gives way", "[http][crowd]") {
  CrowdFixture fixture;
  fixture.options.connections_max = 4;
  fixture.options.connections_per_address_max = 3;
  fixture.start();
  const auto lone = fixture.connect_idle("127.0.0.2");
  const auto oldest = fixture.connect_idle("127.0.0.3");
  const auto newer = fixture.connect_idle("127.0.0.3");
  const auto newest = fixture.connect_idle("127.0.0.3");
  const auto comer = fixture.connect_idle("127.0.0.4");
  CHECK(oldest->is_closed());
  const auto next_comer = fixture.connect_idle("127.0.0.4");
  CHECK(newer->is_closed());
  for (const auto& client : {lone.get(), newest.get(), comer.get(), next_comer.get()}) {
    CHECK(CrowdFixture::is_served(*client));
  }
}

TEST_CASE("crowd: one that has said nothing yet gives way, too, before and after a handshake", "[http][crowd]") {
  CrowdFixture fixture;
  fixture.options.connections_max = 2;
  fixture.options.connections_per_address_max = 2;
  SECTION("plain") {
    fixture.start();
    const auto silent = fixture.connect("127.0.0.2");
    const auto other = fixture.connect("127.0.0.2");
    const auto comer = fixture.connect_idle("127.0.0.3");
    CHECK(silent->is_closed());
  }
  SECTION("TLS") {
    fixture.options.tls = tls_of(tools::MadeCertificate::valid_now({}));
    fixture.options.connections_per_address_max = 3;
    fixture.start();
    const auto silent = fixture.connect("127.0.0.1");
    TlsClient greeted{fixture.port()};
    CHECK(CrowdFixture::is_served(greeted));
    TlsClient comer{fixture.port()};
    CHECK(CrowdFixture::is_served(comer));
    CHECK(silent->is_closed());
  }
}

TEST_CASE("crowd: a request under way never gives way", "[http][crowd]") {
  CrowdFixture fixture;
  fixture.options.connections_max = 2;
  fixture.options.connections_per_address_max = 2;
  fixture.start();
  const auto first = fixture.connect_busy("127.0.0.2");
  const auto second = fixture.connect_busy("127.0.0.2");
  const auto refused = fixture.connect("127.0.0.3");
  check_crowded_out(*refused);
  CrowdFixture::end_request(*second);
  const auto comer = fixture.connect_idle("127.0.0.3");
  CHECK(second->is_closed());
  CrowdFixture::end_request(*first);
}

TEST_CASE("crowd: a flood of idle connections keeps nobody out, whichever threads have them", "[http][crowd]") {
  CrowdFixture fixture;
  fixture.options.io_threads = 3;
  fixture.options.connections_max = 24;
  http::Server& server = fixture.start();
  std::vector<std::unique_ptr<TestClient>> flood;
  for (int round = 0; round < 40; ++round) {
    for (int number = 0; number < 10; ++number) {
      flood.push_back(fixture.connect("127.0.1." + std::to_string(10 + (round * 10 + number) % 60)));
    }
    const auto comer = fixture.connect("127.0.0.9");
    CHECK(CrowdFixture::is_served(*comer));
  }
  CHECK(server.connections() <= 24 + http::ConnectionCount::kBeyondMax + http::ConnectionCount::kToldMax);
}

TEST_CASE("crowd: empty lines before a request are ignored, a few of them", "[http][crowd]") {
  CrowdFixture fixture;
  fixture.start();
  TestClient client{fixture.port()};
  std::string lines;
  for (std::size_t line = 0; line < http::limits::kEmptyLinesMax; ++line) lines += "\r\n";
  for (int request = 0; request < 2; ++request) {
    client.send(lines + post_request("/echo", "hello"));
    CHECK(client.read().body == "hello");
  }
  client.send(lines + "\r\n");
  const WireReply reply = client.read();
  CHECK(reply.status == 400);
  CHECK(problem_code(reply) == "malformed_request");
  CHECK(client.is_closed());
}

TEST_CASE("crowd: an empty line, or half of one, keeps no connection alive", "[http][crowd]") {
  CrowdFixture fixture;
  fixture.options.idle_timeout = 800ms;
  const bool with_tls = GENERATE(false, true);
  if (with_tls) fixture.options.tls = tls_of(tools::MadeCertificate::valid_now({}));
  fixture.start();
  const auto connect = [&]() -> std::unique_ptr<TestClient> {
    if (with_tls) return std::make_unique<TlsClient>(fixture.port());
    return std::make_unique<TestClient>(fixture.port());
  };
  const auto talker = connect();
  const auto silent = connect();
  for (const auto* words : {"\r\n", "\r\n", "\r"}) {
    CHECK(CrowdFixture::is_served(*connect()));
    silent->wait_for_end(200ms);
    talker->send(words);
  }
  CHECK(silent->is_closed());
  const auto silent_ended = std::chrono::steady_clock::now();
  CHECK(talker->is_closed());
  CHECK(std::chrono::steady_clock::now() - silent_ended < 300ms);
}

TEST_CASE("crowd behind a proxy: its connections are not cut, however many they are", "[http][crowd][forwarded]") {
  CrowdFixture fixture;
  fixture.options.proxies = ProxyTrust{};
  fixture.options.connections_per_address_max = 1;
  fixture.start();
  std::vector<std::unique_ptr<TestClient>> kept;
  for (int number = 0; number < 10; ++number) kept.push_back(fixture.connect_idle("127.0.0.1"));
  for (const auto& client : kept) CHECK(CrowdFixture::is_served(*client));
}

TEST_CASE("crowd behind a proxy: a client's requests are its connections, and the proxy's goes on",
          "[http][crowd][forwarded]") {
  CrowdFixture fixture;
  fixture.options.proxies = ProxyTrust{};
  fixture.options.connections_per_address_max = 1;
  fixture.start();
  const std::string of_one = "X-Forwarded-For: 192.0.2.1\r\n";
  const std::string of_another = "X-Forwarded-For: 192.0.2.2\r\n";
  const auto busy = fixture.connect_busy("127.0.0.1", of_one);
  const auto client = fixture.connect("127.0.0.1");
  client->send(post_request("/echo", "hello", of_one));
  const WireReply refused = client->read();
  CHECK(refused.status == 503);
  CHECK(problem_code(refused) == "overloaded");
  CHECK(refused.field("Retry-After") == "1");
  CHECK(refused.field("Connection") == "absent");
  CHECK(CrowdFixture::is_served(*client, of_another));
  // A request that names nobody is nobody's.
  const auto nameless = fixture.connect_busy("127.0.0.1");
  CHECK(CrowdFixture::is_served(*client));
  CrowdFixture::end_request(*busy);
  CHECK(CrowdFixture::is_served(*client, of_one));
}

TEST_CASE("crowd behind a proxy: whose client it is does not outlive a cut request", "[http][crowd][forwarded]") {
  CrowdFixture fixture;
  fixture.options.proxies = ProxyTrust{};
  fixture.options.connections_per_address_max = 1;
  fixture.start();
  const std::string of_one = "X-Forwarded-For: 192.0.2.1\r\n";
  fixture.connect_busy("127.0.0.1", of_one).reset();
  const auto client = fixture.connect("127.0.0.1");
  while (!CrowdFixture::is_served(*client, of_one)) continue;
}

TEST_CASE("crowd behind a proxy: its connections give way only after everybody's", "[http][crowd][forwarded]") {
  CrowdFixture fixture;
  fixture.options.proxies =
      ProxyTrust{http::ForwardedField::x_forwarded_for, {*http::AddressRange::parse("127.0.0.1")}};
  fixture.options.connections_max = 3;
  fixture.options.connections_per_address_max = 2;
  fixture.start();
  const auto of_proxy = fixture.connect_idle("127.0.0.1");
  const auto other_of_proxy = fixture.connect_idle("127.0.0.1");
  const auto direct = fixture.connect_idle("127.0.0.2");
  const auto comer = fixture.connect_busy("127.0.0.3");
  CHECK(direct->is_closed());
  const auto next_comer = fixture.connect_busy("127.0.0.3");
  CHECK(of_proxy->is_closed());
  CHECK(CrowdFixture::is_served(*other_of_proxy));
}
