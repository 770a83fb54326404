#include <atomic>
#include <future>
#include <openssl/ssl.h>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/http/server/server_fixture.hpp"
#include "tests/http/server/tls_client.hpp"

using namespace tally;
using namespace tally::testing;
using namespace std::chrono_literals;
using tools::MadeCertificate;

namespace {

/// A server with TLS and /echo.
struct TlsEcho : ServerFixture {
  TlsEcho() {
    options.tls = tls_of(MadeCertificate::valid_now({}));
    post("/echo", echo);
  }
};

/// Pieces of one size, so many of them.
class Pieces final : public http::BodyStream {
 public:
  Pieces(std::size_t bytes, int count) : piece_(bytes, 'p'), left_(count) {}
  core::Result<std::optional<std::string>> next() override {
    if (left_-- <= 0) return std::optional<std::string>{};
    return std::optional{piece_};
  }

 private:
  std::string piece_;
  int left_;
};

}  // namespace

TEST_CASE("tls connection: many requests on a connection, pipelined, in order", "[http][tls]") {
  TlsEcho fixture;
  fixture.start();
  TlsClient client{fixture.port()};
  std::string pipeline;
  for (int number = 0; number < 50; ++number) pipeline += post_request("/echo", std::to_string(number));
  client.send(pipeline);
  for (int number = 0; number < 50; ++number) CHECK(client.read().body == std::to_string(number));
}

TEST_CASE("tls connection: a body of every size around a record comes back whole", "[http][tls]") {
  TlsEcho fixture;
  fixture.start();
  TlsClient client{fixture.port()};
  const std::size_t size =
      GENERATE(as<std::size_t>{}, 0, 1, 4'095, 4'096, 16'000, 16'383, 16'384, 16'385, 40'000, 1'000'000);
  const std::string body(size, 'b');
  client.send(post_request("/echo", body));
  const WireReply reply = client.read();
  CHECK(reply.status == 200);
  CHECK(reply.complete);
  CHECK(reply.body == body);
}

TEST_CASE("tls connection: bytes one by one, each in a record of its own, are a request in the end", "[http][tls]") {
  TlsEcho fixture;
  fixture.start();
  TlsClient client{fixture.port()};
  for (const char character : post_request("/echo", "slowly")) client.send({&character, 1});
  CHECK(client.read().body == "slowly");
}

TEST_CASE("tls connection: a stream that the peer does not take fast waits for it", "[http][tls]") {
  TlsEcho fixture;
  fixture.get(
      "/stream",
      [](const http::Request&, http::Response& response) {
        response.start(200, "text/plain");
        response.stream = std::make_unique<Pieces>(100'000, 80);
      },
      http::RunOn::long_reads);
  fixture.start();
  TlsClient client{fixture.port()};
  client.send(get_request("/stream"));
  const WireReply reply = client.read();
  CHECK(reply.complete);
  CHECK(reply.body == std::string(8'000'000, 'p'));
}

TEST_CASE("tls connection: 100 (Continue) comes before the answer", "[http][tls]") {
  TlsEcho fixture;
  fixture.start();
  TlsClient client{fixture.port()};
  client.send("POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  CHECK(client.read().status == 100);
  client.send("hello");
  CHECK(client.read().body == "hello");
}

TEST_CASE("tls connection: keys are changed in the middle of a connection", "[http][tls]") {
  TlsEcho fixture;
  fixture.start();
  TlsClient client{fixture.port(), {.version = TLS1_3_VERSION}};
  for (int turn = 0; turn < 5; ++turn) {
    CHECK(client.update_keys());
    client.send(post_request("/echo", std::to_string(turn)));
    CHECK(client.read().body == std::to_string(turn));
  }
}

TEST_CASE("tls connection: every orderly end says close_notify", "[http][tls]") {
  TlsEcho fixture;
  SECTION("after an answer that is the last one") {
    fixture.start();
    TlsClient client{fixture.port()};
    client.send(post_request("/echo", "x", "Connection: close\r\n"));
    CHECK(client.read().status == 200);
    CHECK(client.is_closed());
    CHECK(client.was_told_the_end());
  }
  SECTION("when the connection was idle for too long") {
    fixture.options.idle_timeout = 40ms;
    fixture.start();
    TlsClient client{fixture.port()};
    CHECK(client.is_closed());
    CHECK(client.was_told_the_end());
  }
  SECTION("when the server drains") {
    http::Server& server = fixture.start();
    TlsClient client{fixture.port()};
    client.send(post_request("/echo", "x"));
    CHECK(client.read().status == 200);
    std::thread drainer{[&server] { server.drain(); }};
    CHECK(client.is_closed());
    CHECK(client.was_told_the_end());
    drainer.join();
    CHECK(server.connections() == 0);
  }
}

TEST_CASE("tls connection: a body that can not be finished ends without close_notify", "[http][tls]") {
  class Failing final : public http::BodyStream {
   public:
    core::Result<std::optional<std::string>> next() override {
      if (std::exchange(told_, true)) return core::fail(core::Errc::io_failed, "gone");
      return std::optional<std::string>{"the first half"};
    }

   private:
    bool told_ = false;
  };
  TlsEcho fixture;
  fixture.get(
      "/stream",
      [](const http::Request&, http::Response& response) {
        response.start(200, "text/plain");
        response.stream = std::make_unique<Failing>();
      },
      http::RunOn::long_reads);
  fixture.start();
  TlsClient client{fixture.port()};
  client.send(get_request("/stream"));
  CHECK_FALSE(client.read().complete);
  CHECK_FALSE(client.was_told_the_end());
}

TEST_CASE("tls connection: a request that comes too slowly is answered 408", "[http][tls]") {
  TlsEcho fixture;
  fixture.options.request_timeout = 40ms;
  fixture.start();
  TlsClient client{fixture.port()};
  client.send("GET / HTTP/1.1\r\n");
  CHECK(client.read().status == 408);
}

TEST_CASE("tls connection: a record that comes byte by byte keeps no idle connection alive", "[http][tls]") {
  TlsEcho fixture;
  fixture.options.idle_timeout = 60ms;
  fixture.start();
  TlsClient client{fixture.port()};
  client.send(post_request("/echo", "x"));
  CHECK(client.read().status == 200);
  client.send_raw(std::string{"\x17\x03\x03\x40\x00", 5});
  std::promise<void> closed;
  std::thread reader{[&] {
    CHECK(client.is_closed());
    closed.set_value();
  }};
  const auto end = closed.get_future();
  while (end.wait_for(5ms) != std::future_status::ready) client.send_raw("\x01");
  reader.join();
}

TEST_CASE("tls connection: a record that was tampered with ends the connection", "[http][tls][damage]") {
  TlsEcho fixture;
  fixture.start();
  TlsClient client{fixture.port()};
  client.send(post_request("/echo", "x"));
  CHECK(client.read().status == 200);
  client.send_raw(std::string{"\x17\x03\x03\x00\x20", 5} + std::string(32, 'x'));
  CHECK(client.is_closed());
  CHECK(client.failure() == "sslv3 alert bad record mac");
}

TEST_CASE("tls connection: whoever does not come to an end is cut off, even inside a handler", "[http][tls]") {
  std::promise<void> entered;
  std::promise<void> release;
  TlsEcho fixture;
  fixture.options.drain_timeout = 40ms;
  const auto wait = [&](const http::Request&, http::Response& response) {
    entered.set_value();
    release.get_future().wait();
    response.start(200, "text/plain");
    response.body() = "too late";
  };
  fixture.get("/wait", wait, http::RunOn::long_reads);
  http::Server& server = fixture.start();
  TlsClient slow{fixture.port()};
  slow.send(get_request("/wait"));
  entered.get_future().wait();
  std::thread drainer{[&server] { server.drain(); }};
  CHECK(slow.is_closed());  // nothing is sent to a descriptor that may be another's by now
  release.set_value();
  drainer.join();
  CHECK(server.connections() == 0);
}

TEST_CASE("tls connection: under load, every answer that comes is whole", "[http][tls][drain]") {
  TlsEcho fixture;
  http::Server& server = fixture.start();
  const std::string body(20'000, 'x');
  std::atomic<int> answered = 0;
  std::atomic<int> broken = 0;
  std::vector<std::thread> threads;
  for (int number = 0; number < 4; ++number) {
    threads.emplace_back([&] {
      TlsClient client{server.port()};
      for (;;) {
        client.send(post_request("/echo", body));
        const WireReply reply = client.read();
        if (reply.status == 0) return;  // closed before it was read
        if (!reply.complete || reply.body != body) ++broken;
        ++answered;
      }
    });
  }
  while (answered < 40) std::this_thread::yield();
  server.drain();
  for (std::thread& thread : threads) thread.join();
  CHECK(broken == 0);
  CHECK(server.connections() == 0);
}
