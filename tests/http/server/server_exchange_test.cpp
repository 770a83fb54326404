#include <future>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <catch2/catch.hpp>

#include "http/server/exchange_notes.hpp"
#include "http/server/problem.hpp"
#include "tests/http/server/server_fixture.hpp"

using namespace tally;
using namespace tally::testing;
namespace asio = boost::asio;

namespace {

/// Waits on another pool, as a handler that hashes a password does, and then answers with the body.
class PoolEcho {
 public:
  asio::awaitable<void> answer(const http::Request& request, http::Response& response) {
    const auto io_thread = std::this_thread::get_id();
    co_await asio::post(pool_, asio::use_awaitable);
    same_thread = std::this_thread::get_id() == io_thread;
    echo(request, response);
  }
  asio::awaitable<void> fail(const http::Request&, http::Response& response) {
    response.body() = "half an answer";
    co_await asio::post(pool_, asio::use_awaitable);
    throw std::runtime_error("with a detail that nobody may see");
  }
  bool same_thread = false;

 private:
  asio::thread_pool pool_{1};
};

}  // namespace

TEST_CASE("server: one connection serves many requests, and the reused memory shows nothing of the last",
          "[http][server]") {
  ServerFixture fixture;
  fixture.post("/echo", echo);
  fixture.get("/empty", [](const http::Request&, http::Response& response) { response.empty(204); });
  fixture.start();
  TestClient client{fixture.port()};
  for (int round = 0; round < 3; ++round) {
    client.send(post_request("/echo", "a long body " + std::string(50'000, 'x')));
    CHECK(client.read().body.size() == 50'012);
    client.send(post_request("/echo", "short"));
    const WireReply reply = client.read();
    CHECK(reply.status == 200);
    CHECK(reply.body == "short");
    CHECK(reply.field("Content-Length") == "5");
    CHECK(reply.field("Connection") == "absent");
    CHECK(reply.field("X-Content-Type-Options") == "nosniff");
    CHECK(reply.field("Date").size() == 29);
    client.send(get_request("/empty"));
    const WireReply empty = client.read();
    CHECK(empty.status == 204);
    CHECK(empty.field("Content-Length") == "absent");
    CHECK(empty.field("Content-Type") == "absent");
  }
}

TEST_CASE("server: whoever sends many requests at once goes behind others after each", "[http][server]") {
  std::promise<void> entered;
  std::promise<void> go;
  ServerFixture fixture;
  fixture.options.io_threads = 1;
  fixture.get("/first", [&](const http::Request&, http::Response& response) {
    entered.set_value();
    go.get_future().wait();
    response.empty(204);
  });
  const auto answer = [](const http::Request&, http::Response& response) { response.empty(204); };
  fixture.get("/many", answer);
  fixture.get("/other", answer);
  fixture.start();
  TestClient other{fixture.port()};
  other.send(get_request("/other"));
  CHECK(other.read().status == 204);
  constexpr std::size_t kMany = 200;
  TestClient flood{fixture.port()};
  std::string bytes = get_request("/first");
  for (std::size_t count = 0; count < kMany; ++count) bytes += get_request("/many");
  flood.send(bytes);
  entered.get_future().wait();
  other.send(get_request("/other"));
  go.set_value();
  CHECK(other.read().status == 204);
  for (std::size_t count = 0; count < kMany + 1; ++count) CHECK(flood.read().status == 204);
  const auto accesses = fixture.accesses(kMany + 3);
  std::size_t before = 1;
  while (accesses.at(before).path != "/other") ++before;
  CHECK(before < kMany / 10);
}

TEST_CASE("server: pipelined requests are answered in order, whatever runs where", "[http][server]") {
  PoolEcho slow;
  ServerFixture fixture;
  fixture.post("/fast", echo);
  fixture.router.add({http::Method::post, "/pool", http::SyncHandler{echo}, open_to_all(http::RunOn::long_reads)});
  fixture.router.add({http::Method::post, "/slow", http::AsyncHandler{[&slow](const auto& request, auto& response) {
                        return slow.answer(request, response);
                      }},
                      open_to_all()});
  fixture.start();
  std::string bytes;
  for (int number = 0; number < 300; ++number) {
    const char* path = number % 3 == 0 ? "/slow" : number % 3 == 1 ? "/fast" : "/pool";
    bytes += post_request(path, std::to_string(number));
  }
  TestClient client{fixture.port()};
  std::thread sender{[&client, &bytes] { client.send(bytes); }};
  for (int number = 0; number < 300; ++number) REQUIRE(client.read().body == std::to_string(number));
  sender.join();
  CHECK(slow.same_thread);
}

TEST_CASE("server: bodies of every size come through, by length and in chunks", "[http][server]") {
  ServerFixture fixture;
  fixture.post("/echo", echo);
  fixture.start();
  TestClient client{fixture.port()};
  const auto size = GENERATE(values<std::size_t>({0, 1, 4'000, 4'095, 4'096, 4'097, 20'000, 100'000, 1 << 20}));
  std::string body;
  while (body.size() < size) body += std::to_string(body.size()) + ",";
  body.resize(size);
  client.send(post_request("/echo", body));
  CHECK((client.read().body == body));
  std::string chunks = "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (std::size_t at = 0; at < body.size(); at += 10'000) {
    const std::string chunk = body.substr(at, 10'000);
    char line[16];
    std::snprintf(line, sizeof line, "%zx\r\n", chunk.size());
    chunks += line + chunk + "\r\n";
  }
  client.send(chunks + "0\r\n\r\n");
  CHECK((client.read().body == body));
}

TEST_CASE("server: HEAD has GET's head and no body", "[http][server]") {
  ServerFixture fixture;
  fixture.get("/text", [](const http::Request&, http::Response& response) {
    response.start(200, "text/plain");
    response.body() = "twelve bytes";
  });
  fixture.start();
  TestClient client{fixture.port()};
  client.send("HEAD /text HTTP/1.1\r\nHost: h\r\n\r\nHEAD /nothing HTTP/1.1\r\nHost: h\r\n\r\n" + get_request("/text"));
  const WireReply head = client.read(true);
  CHECK(head.status == 200);
  CHECK(head.field("Content-Length") == "12");
  CHECK(client.read(true).status == 404);
  CHECK(client.read().body == "twelve bytes");
}

TEST_CASE("server: HTTP/1.0 closes unless it is asked to stay", "[http][server]") {
  ServerFixture fixture;
  fixture.post("/echo", echo);
  fixture.start();
  TestClient client{fixture.port()};
  client.send("POST /echo HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\n1");
  CHECK(client.read().field("Connection") == "keep-alive");
  client.send("POST /echo HTTP/1.0\r\nContent-Length: 1\r\n\r\n2");
  const WireReply last = client.read();
  CHECK(last.body == "2");
  CHECK(last.field("Connection") == "close");
  CHECK(client.is_closed());
}

TEST_CASE("server: Connection: close is kept, and what came after it is not answered", "[http][server]") {
  ServerFixture fixture;
  fixture.post("/echo", echo);
  fixture.start();
  TestClient client{fixture.port()};
  client.send(post_request("/echo", "1", "Connection: close\r\n") + post_request("/echo", "2"));
  const WireReply reply = client.read();
  CHECK(reply.body == "1");
  CHECK(reply.field("Connection") == "close");
  CHECK(client.is_closed());
}

TEST_CASE("server: a path that is not there, and a method that it lacks", "[http][server]") {
  ServerFixture fixture;
  fixture.post("/echo", echo);
  fixture.start();
  TestClient client{fixture.port()};
  client.send(post_request("/elsewhere", "a body that is read all the same"));
  const WireReply missing = client.read();
  CHECK(missing.status == 404);
  CHECK(problem_code(missing) == "not_found");
  client.send(get_request("/echo"));
  const WireReply wrong = client.read();
  CHECK(wrong.status == 405);
  CHECK(problem_code(wrong) == "method_not_allowed");
  CHECK(wrong.field("Allow") == "POST");
  client.send("BREW /echo HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(problem_code(client.read()) == "unknown_method");
  client.send(post_request("/echo", "the connection lives"));
  CHECK(client.read().body == "the connection lives");
}

TEST_CASE("server: an exception is a 500 that says only its request id, and the connection ends", "[http][server]") {
  PoolEcho failing;
  ServerFixture fixture;
  const auto fail = [](const http::Request&, http::Response& response) {
    response.set("X-Secret", "half an answer");
    response.body() = "half an answer";
    throw std::runtime_error("with a detail that nobody may see");
  };
  fixture.get("/here", fail);
  fixture.get("/pool", fail, http::RunOn::long_reads);
  fixture.get("/odd", [](const http::Request&, http::Response&) { throw 42; });
  fixture.get("/promise", [](const http::Request&, http::Response& response) { response.set("X", "a\nb"); });
  fixture.router.add({http::Method::get, "/async", http::AsyncHandler{[&failing](const auto& request, auto& response) {
                        return failing.fail(request, response);
                      }},
                      open_to_all()});
  const http::Server& server = fixture.start();
  std::size_t count = 0;
  for (const char* path : {"/here", "/pool", "/async", "/odd", "/promise"}) {
    CAPTURE(path);
    TestClient client{fixture.port()};
    client.send(get_request(path, "X-Request-Id: the-request\r\n"));
    const WireReply reply = client.read();
    CHECK(reply.status == 500);
    CHECK(problem_code(reply) == "internal");
    CHECK(reply.body.find("detail") == std::string::npos);
    CHECK(reply.body.find("half") == std::string::npos);
    CHECK(reply.field("X-Secret") == "absent");
    CHECK(fixture.bugs().size() == ++count);
    CHECK(fixture.bugs().back().first == "the-request");
    CHECK(server.counters().internal_errors == count);
    CHECK(reply.field("Connection") == "close");
    CHECK(client.is_closed());
  }
}

TEST_CASE("server: a route says how its failures look, and why is told once", "[http][server]") {
  ServerFixture fixture;
  const http::ErrorForm form{[](const http::Request& request, const core::Error& error, http::Response& response) {
                               request.notes().attempt.blame_us(error);
                               response.clear();
                               response.start(500, "text/plain");
                               response.body() = "in the form of the route";
                             },
                             http::kProblemForm.write_refusal};
  http::RoutePolicy policy = open_to_all();
  policy.error_form = &form;
  fixture.router.add({http::Method::get, "/broken", http::SyncHandler{[](const http::Request&, http::Response&) {
                        throw std::runtime_error("the reason");
                      }},
                      policy});
  fixture.get("/damaged", [](const http::Request& request, http::Response& response) {
    http::write_problem(request, core::fail(core::Errc::corrupt, "a row is damaged"), response);
  });
  fixture.start();
  CHECK(fixture.ask(get_request("/broken")).body == "in the form of the route");
  const WireReply damaged = fixture.ask(get_request("/damaged", "X-Request-Id: damaged\r\n"));
  CHECK(problem_code(damaged) == "internal");
  CHECK(damaged.body.find("row") == std::string::npos);
  using Told = std::pair<std::string, std::string>;
  REQUIRE(fixture.bugs().size() == 2);
  CHECK(fixture.bugs()[0].second == "internal: the reason");
  CHECK(fixture.bugs()[1] == Told{"damaged", "corrupt: a row is damaged"});
}

TEST_CASE("server: a request id is taken or made, and echoed; a trace id is kept", "[http][server]") {
  ServerFixture fixture;
  fixture.get("/ids", [](const http::Request& request, http::Response& response) {
    response.start(200, "text/plain");
    response.body().append(request.request_id).append(" ").append(request.trace_id);
  });
  fixture.start();
  TestClient client{fixture.port()};
  client.send(get_request("/ids",
                          "x-request-id: mine-1\r\ntraceparent: "
                          "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n"));
  const WireReply taken = client.read();
  CHECK(taken.field("X-Request-Id") == "mine-1");
  CHECK(taken.body == "mine-1 4bf92f3577b34da6a3ce929d0e0e4736");
  std::set<std::string> made;
  for (const char* field :
       {"", "X-Request-Id: two words\r\n", "X-Request-Id: a\r\nX-Request-Id: b\r\n", "X-Request-Id:\r\n"}) {
    client.send(get_request("/ids", field));
    const WireReply reply = client.read();
    CHECK(reply.field("X-Request-Id").size() == 32);
    CHECK(reply.body == reply.field("X-Request-Id") + " ");
    made.insert(reply.field("X-Request-Id"));
  }
  CHECK(made.size() == 4);
}

TEST_CASE("server: a handler sees the path's parameters, the query and the peer", "[http][server]") {
  ServerFixture fixture;
  fixture.get("/w/{workspace}/t/{token}", [](const http::Request& request, http::Response& response) {
    response.start(200, "text/plain");
    response.body().append(request.path_parameters[0]).append("|").append(request.path_parameters[1]);
    response.body().append("|").append(request.query).append("|").append(request.remote_address);
  });
  fixture.start();
  CHECK(fixture.ask(get_request("/w/one/t/two?limit=3&q=%20")).body == "one|two|limit=3&q=%20|127.0.0.1");
}

TEST_CASE("server: the access record has sizes and status, and no query", "[http][server]") {
  ServerFixture fixture;
  fixture.post("/echo", echo);
  fixture.start();
  const std::string bytes = post_request("/echo?secret=1", "0123456789");
  TestClient client{fixture.port()};
  client.send(bytes + get_request("/nothing"));
  const WireReply reply = client.read();
  const auto accesses = fixture.accesses(2);
  CHECK(accesses[0].method == "POST");
  CHECK(accesses[0].path == "/echo");
  CHECK(accesses[0].status == 200);
  CHECK(accesses[0].request_id == reply.field("X-Request-Id"));
  CHECK(accesses[0].request_bytes == bytes.size());
  CHECK(accesses[0].response_bytes == reply.head.size() + 2 + reply.body.size());
  CHECK(accesses[1].status == 404);
}

TEST_CASE("server: an address that is none, and a port that is taken", "[http][server]") {
  ServerFixture fixture;
  fixture.start();
  http::SystemClock clock;
  core::crypto::SystemRandom random;
  http::ServerOptions options;
  options.port = fixture.port();
  http::Server second{options, fixture.router, clock, random};
  CHECK(second.start().error().code == core::Errc::io_failed);
  options.address = "localhost:80";
  http::Server third{options, fixture.router, clock, random};
  CHECK(third.start().error().code == core::Errc::bad_configuration);
}

TEST_CASE("server: a port can be known before the routes are made", "[http][server]") {
  http::Router router;
  http::SystemClock clock;
  core::crypto::SystemRandom random;
  http::ServerOptions options;
  options.port = 0;
  http::Server server{options, router, clock, random};
  REQUIRE(server.bind().has_value());
  const std::uint16_t port = server.port();
  CHECK(port != 0);
  router.add({http::Method::post, "/echo", http::SyncHandler{echo}, open_to_all()});
  REQUIRE(server.start().has_value());
  CHECK(server.port() == port);
  TestClient client{port};
  client.send(post_request("/echo", "late"));
  CHECK(client.read().body == "late");
}

TEST_CASE("server: many connections at once, each gets its own answers", "[http][server]") {
  ServerFixture fixture;
  fixture.post("/echo", echo);
  fixture.start();
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int number = 0; number < 8; ++number) {
    threads.emplace_back([&fixture, &right, number] {
      TestClient client{fixture.port()};
      for (int round = 0; round < 200; ++round) {
        const std::string body = std::to_string(number) + ":" + std::to_string(round);
        client.send(post_request("/echo", body));
        if (client.read().body == body) ++right;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(right == 1600);
}
