#include <future>
#include <string>
#include <thread>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <catch2/catch.hpp>

#include "events/store/interruption.hpp"
#include "tests/http/server/server_fixture.hpp"

using namespace tally;
using namespace tally::testing;
namespace asio = boost::asio;

TEST_CASE("drain: a request in flight is finished, idle connections end, new ones are refused", "[http][drain]") {
  std::promise<void> entered;
  std::promise<void> release;
  ServerFixture fixture;
  fixture.post("/echo", echo);
  const auto wait = [&](const http::Request&, http::Response& response) {
    entered.set_value();
    release.get_future().wait();
    response.start(200, "text/plain");
    response.body() = "finished";
  };
  fixture.get("/wait", wait, http::RunOn::long_reads);
  http::Server& server = fixture.start();
  TestClient idle{fixture.port()};
  idle.send(post_request("/echo", "1"));
  CHECK(idle.read().status == 200);
  TestClient busy{fixture.port()};
  busy.send(get_request("/wait"));
  entered.get_future().wait();
  CHECK(server.connections() == 2);

  std::thread drainer{[&server] { server.drain(); }};
  CHECK(idle.is_closed());
  release.set_value();
  const WireReply reply = busy.read();
  CHECK(reply.body == "finished");
  CHECK(reply.field("Connection") == "close");
  CHECK(busy.is_closed());
  busy.finish();
  drainer.join();
  CHECK(server.connections() == 0);
}

namespace {

asio::awaitable<void> wait_until_left(std::promise<void>* entered, const http::Request* request,
                                      http::Response* response) {
  entered->set_value();
  asio::steady_timer timer{co_await asio::this_coro::executor};
  while (!request->has_left()) {
    timer.expires_after(std::chrono::milliseconds{1});
    co_await timer.async_wait(asio::use_awaitable);
  }
  response->start(200, "text/plain");
  response->body() = "left";
}

}  // namespace

TEST_CASE("request: whoever waits for it learns that its connection has ended, or that the server stops",
          "[http][drain]") {
  std::promise<void> entered;
  ServerFixture fixture;
  const auto wait = [&entered](const http::Request& request, http::Response& response) {
    return wait_until_left(&entered, &request, &response);
  };
  fixture.router.add({http::Method::get, "/wait", http::AsyncHandler{wait}, open_to_all()});
  http::Server& server = fixture.start();
  SECTION("its connection has ended") {
    {
      TestClient client{fixture.port()};
      client.send(get_request("/wait"));
      entered.get_future().wait();
    }
    CHECK(fixture.accesses(1).front().status == 200);
  }
  SECTION("the server stops") {
    TestClient client{fixture.port()};
    client.send(get_request("/wait"));
    entered.get_future().wait();
    std::thread drainer{[&server] { server.drain(); }};
    CHECK(client.read().body == "left");
    client.finish();
    drainer.join();
  }
}

TEST_CASE("drain: a request that is half read is still answered", "[http][drain]") {
  ServerFixture fixture;
  fixture.post("/echo", echo);
  http::Server& server = fixture.start();
  TestClient idle{fixture.port()};
  TestClient half{fixture.port()};
  half.send("POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  CHECK(half.read().status == 100);  // so the server is in the middle of it
  std::thread drainer{[&server] { server.drain(); }};
  CHECK(idle.is_closed());
  half.send("hello");
  const WireReply reply = half.read();
  CHECK(reply.body == "hello");
  CHECK(reply.field("Connection") == "close");
  half.finish();
  drainer.join();
}

TEST_CASE("drain: whoever does not come to an end is cut off after the timeout", "[http][drain]") {
  ServerFixture fixture;
  fixture.post("/echo", echo);
  fixture.options.drain_timeout = std::chrono::milliseconds{40};
  http::Server& server = fixture.start();
  TestClient slow{fixture.port()};
  slow.send("POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  CHECK(slow.read().status == 100);
  server.drain();
  CHECK(slow.is_closed());
  CHECK(server.connections() == 0);
}

TEST_CASE("drain: a read that has no end is given up after the timeout", "[http][drain]") {
  std::promise<void> entered;
  ServerFixture fixture;
  fixture.options.drain_timeout = std::chrono::milliseconds{40};
  const auto read_on = [&](const http::Request&, http::Response& response) {
    entered.set_value();
    while (!events::is_interrupted()) std::this_thread::yield();
    response.empty(204);
  };
  fixture.get("/long", read_on, http::RunOn::long_reads);
  http::Server& server = fixture.start();
  TestClient reader{fixture.port()};
  reader.send(get_request("/long"));
  entered.get_future().wait();
  server.drain();
  CHECK(reader.is_closed());
  CHECK(server.connections() == 0);
}

TEST_CASE("drain: twice, without a connection, and by the destructor", "[http][drain]") {
  ServerFixture fixture;
  http::Server& server = fixture.start();
  server.drain();
  server.drain();
  fixture.stop();
  http::SystemClock clock;
  core::crypto::SystemRandom random;
  const http::Server never_started{{}, fixture.router, clock, random};
}

TEST_CASE("drain: under load, every answer that comes is whole", "[http][drain]") {
  ServerFixture fixture;
  fixture.post("/echo", echo);
  http::Server& server = fixture.start();
  const std::string body(10'000, 'x');
  std::atomic<int> answered = 0;
  std::atomic<int> broken = 0;
  std::vector<std::thread> threads;
  for (int number = 0; number < 4; ++number) {
    threads.emplace_back([&] {
      TestClient client{server.port()};
      for (;;) {
        client.send(post_request("/echo", body));
        const WireReply reply = client.read();
        if (reply.status == 0) return;  // closed before it was read
        if (!reply.complete || reply.body != body) ++broken;
        ++answered;
      }
    });
  }
  while (answered < 100) std::this_thread::yield();
  server.drain();
  for (std::thread& thread : threads) thread.join();
  CHECK(broken == 0);
  CHECK(server.connections() == 0);
}

TEST_CASE("drain: where the address is kept, whoever connects is served by the server that takes over",
          "[http][drain]") {
  ServerFixture before;
  before.get("/who", [](const http::Request&, http::Response& response) { response.start(200, "text/plain"); });
  http::Server& first = before.start();
  const std::uint16_t port = before.port();
  CHECK(before.ask(get_request("/who")).status == 200);
  TestClient idle{port};
  idle.send(get_request("/who"));
  CHECK(idle.read().status == 200);
  http::Listener listener = first.drain_and_keep_listening();
  CHECK(idle.is_closed());
  before.stop();

  TestClient between{port};
  between.send(post_request("/echo", "waited"));
  http::Router router;
  router.add({http::Method::post, "/echo", http::SyncHandler{echo}, open_to_all()});
  const http::SystemClock clock;
  core::crypto::SystemRandom random;
  http::ServerOptions options;
  options.port = 0;
  {
    http::Server second{options, router, clock, random};
    REQUIRE(second.take_over(std::move(listener)).has_value());
    CHECK(second.port() == port);
    REQUIRE(second.start().has_value());
    CHECK(between.read().body == "waited");
  }
  // It is the second's to give back.
  options.port = port;
  http::Server third{options, router, clock, random};
  CHECK(third.start().has_value());
}

TEST_CASE("drain: a socket that is no socket is not taken over, and none is kept of a server that never ran",
          "[http][drain]") {
  http::Router router;
  const http::SystemClock clock;
  core::crypto::SystemRandom random;
  http::Server server{http::ServerOptions{}, router, clock, random};
  http::Listener none = server.drain_and_keep_listening();
  const auto taken = server.take_over(std::move(none));
  REQUIRE(taken.has_error());
  CHECK(taken.error().code == core::Errc::io_failed);
}
