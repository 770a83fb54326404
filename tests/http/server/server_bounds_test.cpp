#include <string>

#include <catch2/catch.hpp>

#include "core/base/limits.hpp"
#include "tests/http/server/server_fixture.hpp"

using namespace tally;
using namespace tally::testing;
using namespace std::chrono_literals;

TEST_CASE("server: what breaks the framing is answered, and ends the connection", "[http][server]") {
  ServerFixture fixture;
  fixture.post("/echo", echo);
  fixture.router.add({http::Method::post, "/small", http::SyncHandler{echo}, open_to_all(http::RunOn::io_thread, 4)});
  fixture.start();
  const auto [bytes, status, code] = GENERATE(table<std::string, unsigned, std::string>({
      {"nonsense\r\n\r\n", 400, "malformed_request"},
      {"GET / HTTP/1.1\r\n\r\n", 400, "bad_host"},
      {"POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400,
       "malformed_request"},
      {"POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", 501, "unknown_transfer_coding"},
      {"POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400, "malformed_request"},
      {get_request("/" + std::string(9'000, 'a')), 414, "target_too_long"},
      {get_request("/", "X: " + std::string(20'000, 'a') + "\r\n"), 431, "header_too_large"},
      {post_request("/small", "12345"), 413, "body_too_large"},
      {post_request("/echo", std::string(kOpenBodyBytesMax + 1, 'x')), 413, "body_too_large"},
      {"POST /small HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n0\r\n\r\n", 413,
       "body_too_large"},
      {"POST /small HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n", 413, "body_too_large"},
      {post_request("/echo", "", "Expect: more\r\n"), 417, "unknown_expectation"},
  }));
  TestClient client{fixture.port()};
  client.send(bytes + get_request("/smuggled"));
  const WireReply reply = client.read();
  CHECK(reply.status == status);
  CHECK(problem_code(reply) == code);
  CHECK(reply.field("Connection") == "close");
  CHECK(client.is_closed());
  const auto accesses = fixture.accesses(1);
  CHECK(accesses.size() == 1);
  CHECK(accesses[0].status == status);
}

TEST_CASE("server: 100 Continue is sent only to who asks for it and may send the body", "[http][server]") {
  ServerFixture fixture;
  fixture.post("/echo", echo);
  fixture.start();
  TestClient client{fixture.port()};
  client.send("POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  CHECK(client.read().status == 100);
  client.send("hello");
  CHECK(client.read().body == "hello");
  // The body is there already: nobody waits.
  client.send(post_request("/echo", "again", "Expect: 100-Continue\r\n"));
  CHECK(client.read().status == 200);
}

TEST_CASE("server: a method that some standard has is 405 with Allow, any other word 501", "[http][server]") {
  ServerFixture fixture;
  fixture.post("/echo", echo);
  fixture.start();
  for (const char* known : {"GET", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "PROPFIND", "PURGE"}) {
    CAPTURE(known);
    const WireReply reply = fixture.ask(std::string{known} + " /echo HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(reply.status == 405);
    CHECK(reply.field("Allow") == "POST");
  }
  for (const char* unknown : {"FROB", "get", "POSTS"}) {
    CAPTURE(unknown);
    CHECK(fixture.ask(std::string{unknown} + " /echo HTTP/1.1\r\nHost: h\r\n\r\n").status == 501);
  }
}

TEST_CASE("server: what HTTP itself refuses has the form of the route, of the path, or of the paths beside it",
          "[http][server][policy]") {
  ServerFixture fixture;
  const http::ErrorForm form{http::kProblemForm.write_error,
                             [](const http::Request&, const http::HttpRefusal& refusal, http::Response& response) {
                               response.start(refusal.status, "text/plain");
                               response.body() = refusal.code;
                             }};
  http::RoutePolicy policy = open_to_all(http::RunOn::io_thread, 4);
  policy.error_form = &form;
  fixture.router.add({http::Method::post, "/own/route", http::SyncHandler{echo}, policy});
  fixture.post("/other/route", echo);
  fixture.start();
  CHECK(fixture.ask(post_request("/own/route", "12345")).body == "body_too_large");
  const WireReply wrong_method = fixture.ask(get_request("/own/route"));
  CHECK(wrong_method.body == "method_not_allowed");
  CHECK(wrong_method.field("Allow") == "POST");
  CHECK(fixture.ask(get_request("/own/nothing")).body == "not_found");
  CHECK(problem_code(fixture.ask(get_request("/other/nothing"))) == "not_found");
  CHECK(problem_code(fixture.ask(get_request("/nothing"))) == "not_found");
  // What the request before said of its form does not hold for the next, which can not be read.
  TestClient client{fixture.port()};
  client.send(post_request("/own/route", "1") + "NONSENSE\r\n\r\n");
  CHECK(client.read().status == 200);
  CHECK(problem_code(client.read()) == "malformed_request");
}

TEST_CASE("server: who waits for 100 Continue is refused without the body, and closed", "[http][server]") {
  ServerFixture fixture;
  fixture.post("/echo", echo);
  fixture.start();
  const auto [line, status] = GENERATE(table<std::string, unsigned>({
      {"POST /none HTTP/1.1", 404},
      {"PUT /echo HTTP/1.1", 405},
  }));
  TestClient client{fixture.port()};
  client.send(line + "\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  const WireReply reply = client.read();
  CHECK(reply.status == status);
  CHECK(reply.field("Connection") == "close");
  CHECK(reply.field("Allow") == (status == 405 ? "POST" : "absent"));
  CHECK(client.is_closed());
}

TEST_CASE("server: a request that is too slow is told 408, wherever it stops", "[http][server]") {
  ServerFixture fixture;
  fixture.post("/echo", echo);
  fixture.options.request_timeout = 40ms;
  fixture.start();
  const std::string bytes =
      GENERATE(values<std::string>({"P", "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Le",
                                    "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n",
                                    "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab"}));
  TestClient client{fixture.port()};
  client.send(post_request("/echo", "in time"));
  CHECK(client.read().status == 200);
  client.send(bytes);
  const WireReply reply = client.read();
  CHECK(reply.status == 408);
  CHECK(problem_code(reply) == "request_timeout");
  CHECK(client.is_closed());
}

TEST_CASE("server: a connection that asks nothing is closed without a word", "[http][server]") {
  ServerFixture fixture;
  fixture.post("/echo", echo);
  fixture.options.idle_timeout = 40ms;
  fixture.start();
  TestClient fresh{fixture.port()};
  CHECK(fresh.is_closed());
  TestClient used{fixture.port()};
  used.send(post_request("/echo", "1"));
  CHECK(used.read().status == 200);
  CHECK(used.is_closed());
  CHECK(fixture.accesses(1).size() == 1);
}

TEST_CASE("server: a peer that does not read its answer is given up", "[http][server]") {
  ServerFixture fixture;
  fixture.get("/large", [](const http::Request&, http::Response& response) {
    response.start(200, "text/plain");
    response.body().assign(64 << 20, 'x');
  });
  fixture.options.request_timeout = 40ms;
  http::Server& server = fixture.start();
  TestClient client{fixture.port()};
  client.send(get_request("/large"));
  const auto [method, path, request_id, status, request_bytes, response_bytes] = fixture.accesses(1)[0];
  CHECK(response_bytes < (64U << 20));
  server.drain();
  CHECK(server.connections() == 0);
}
