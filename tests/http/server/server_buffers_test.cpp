#include <chrono>
#include <string>

#include <catch2/catch.hpp>

#include "http/server/limits.hpp"
#include "tests/http/server/server_fixture.hpp"

using namespace tally;
using namespace tally::testing;
using namespace std::chrono_literals;

namespace {

/// One thread, so that what came first is done first. One address may have 128 KiB of bodies.
struct BufferFixture : ServerFixture {
  BufferFixture() {
    post("/echo", echo);
    options.io_threads = 1;
    options.buffered_bodies_bytes_max = 1 << 20;
  }
};

std::string waiting_head(std::size_t bytes) {
  return "POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: " + std::to_string(bytes) +
         "\r\n\r\n";
}

void check_refused(const WireReply& reply) {
  CHECK(reply.status == 503);
  CHECK(problem_code(reply) == "overloaded");
  CHECK(reply.field("Retry-After") == "1");
  CHECK(reply.field("Connection") == "close");
}

/// So much that no system takes it out of the server's hands at once.
constexpr std::size_t kLongAnswerBytes = 24 << 20;

void answer_long(const http::Request&, http::Response& response) {
  response.start(200, "text/plain");
  response.body().assign(kLongAnswerBytes, 'x');
}

}  // namespace

TEST_CASE("bodies: who has too many under way is refused before the next is read", "[http][crowd]") {
  BufferFixture fixture;
  fixture.start();
  TestClient first{fixture.port(), "127.0.0.2"};
  first.send(waiting_head(70'000));
  CHECK(first.read().status == 100);
  TestClient second{fixture.port(), "127.0.0.2"};
  second.send(waiting_head(70'000));
  check_refused(second.read());
  TestClient other{fixture.port(), "127.0.0.3"};
  other.send(waiting_head(70'000));
  CHECK(other.read().status == 100);
  first.send(std::string(70'000, 'x'));
  CHECK(first.read().status == 200);
  // It is given back with the answer.
  first.send(waiting_head(70'000));
  CHECK(first.read().status == 100);
}

TEST_CASE("bodies: all addresses together have what there is", "[http][crowd]") {
  BufferFixture fixture;
  fixture.options.buffered_bodies_bytes_max = 300'000 * 8;
  fixture.start();
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int number = 0; number < 9; ++number) {
    clients.push_back(std::make_unique<TestClient>(fixture.port(), "127.0.0." + std::to_string(2 + number)));
    clients.back()->send(waiting_head(250'000));
    const WireReply reply = clients.back()->read();
    if (number < 8) {
      CHECK(reply.status == 100);
    } else {
      check_refused(reply);
    }
  }
}

TEST_CASE("bodies: a chunked one is refused when it goes over", "[http][crowd]") {
  BufferFixture fixture;
  fixture.start();
  TestClient client{fixture.port()};
  client.send("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int piece = 0; piece < 10; ++piece) client.send("4000\r\n" + std::string(0x4000, 'x') + "\r\n");
  check_refused(client.read());
  TestClient next{fixture.port()};
  next.send("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int piece = 0; piece < 4; ++piece) next.send("4000\r\n" + std::string(0x4000, 'x') + "\r\n");
  next.send("0\r\n\r\n");
  CHECK(next.read().body.size() == 0x10000);
}

TEST_CASE("bodies: one that comes with its head waits nowhere", "[http][crowd]") {
  BufferFixture fixture;
  fixture.options.buffered_bodies_bytes_max = 0;
  fixture.start();
  TestClient client{fixture.port()};
  client.send(post_request("/echo", std::string(1'000, 'x')));
  CHECK(client.read().body.size() == 1'000);
  client.send("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
  CHECK(client.read().body == "abc");
  client.send(waiting_head(1));
  check_refused(client.read());
}

TEST_CASE("bodies: nothing is kept for a request that is refused anyway", "[http][crowd]") {
  BufferFixture fixture;
  fixture.options.buffered_bodies_bytes_max = 0;
  fixture.start();
  const auto [line, fields, status] = GENERATE(table<std::string, std::string, unsigned>({
      {"POST /none", "", 404},
      {"PUT /echo", "", 405},
      {"POST /echo", "Content-Encoding: gzip\r\n", 415},
  }));
  CAPTURE(line);
  const std::string head = line + " HTTP/1.1\r\nHost: h\r\n" + fields;
  const std::string next = get_request("/none");
  SECTION("a short body is read past") {
    const std::string body(http::limits::kIgnoredBodyBytesMax, 'x');
    TestClient client{fixture.port()};
    client.send(head + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body + next);
    CHECK(client.read().status == status);
    CHECK(client.read().status == 404);
    client.send(head + "Transfer-Encoding: chunked\r\n\r\n8000\r\n" + std::string(0x8000, 'x') + "\r\n0\r\n\r\n" +
                next);
    CHECK(client.read().status == status);
    CHECK(client.read().status == 404);
  }
  SECTION("a long one is not waited for") {
    TestClient client{fixture.port()};
    client.send(head + "Content-Length: 1000000\r\n\r\n");
    const WireReply reply = client.read();
    CHECK(reply.status == status);
    CHECK(reply.field("Connection") == "close");
    CHECK(client.is_closed());
  }
  SECTION("a chunked one is given up when it is long") {
    TestClient client{fixture.port()};
    client.send(head + "Transfer-Encoding: chunked\r\n\r\n20000\r\n" + std::string(0x20000, 'x') + "\r\n");
    const WireReply reply = client.read();
    CHECK(reply.status == status);
    CHECK(reply.field("Connection") == "close");
  }
}

TEST_CASE("bodies: a compressed one is refused, and told what would be taken", "[http][server]") {
  ServerFixture fixture;
  fixture.post("/echo", echo);
  fixture.get("/get", echo);
  fixture.start();
  const auto [request, status] = GENERATE(table<std::string, unsigned>({
      {post_request("/echo", "x", "Content-Encoding: gzip\r\n"), 415},
      {post_request("/echo", "x", "content-encoding: identity, br\r\n"), 415},
      {post_request("/echo", "x", "Content-Encoding: identity\r\nContent-Encoding: deflate\r\n"), 415},
      {post_request("/echo", "x", "Content-Encoding: Identity\r\n"), 200},
      {post_request("/echo", "x", "Content-Encoding:\r\n"), 200},
      {post_request("/echo", "", "Content-Encoding: gzip\r\n"), 200},
      {get_request("/get", "Content-Encoding: gzip\r\n"), 200},
  }));
  CAPTURE(request);
  TestClient client{fixture.port()};
  client.send(request);
  const WireReply reply = client.read();
  CHECK(reply.status == status);
  if (status == 415) {
    CHECK(problem_code(reply) == "unsupported_content_coding");
    CHECK(reply.field("Accept-Encoding") == "identity");
  }
  client.send(get_request("/get"));
  CHECK(client.read().status == 200);
}

TEST_CASE("answers: one that its peer does not take goes when there is no room to wait", "[http][crowd]") {
  ServerFixture fixture;
  fixture.get("/long", answer_long);
  fixture.options.waiting_answers_bytes_max = 8 * (kLongAnswerBytes - 1);
  fixture.start();
  TestClient client{fixture.port(), "127.0.0.2", 4'096};
  const auto began = std::chrono::steady_clock::now();
  client.send(get_request("/long"));
  // Long before the time in which a peer must take something.
  CHECK(fixture.accesses(1)[0].response_bytes < kLongAnswerBytes);
  CHECK(std::chrono::steady_clock::now() - began < fixture.options.request_timeout / 2);
  CHECK_FALSE(client.read().complete);
}

TEST_CASE("answers: whose others wait is refused the next long one before it is made", "[http][crowd]") {
  ServerFixture fixture;
  fixture.get("/long", answer_long);
  bool is_made = false;
  fixture.get(
      "/list",
      [&](const http::Request&, http::Response& response) {
        is_made = true;
        response.start(200, "text/plain");
      },
      http::RunOn::long_reads);
  fixture.get("/short", [](const http::Request&, http::Response& response) { response.start(200, "text/plain"); });
  fixture.options.io_threads = 1;
  fixture.options.waiting_answers_bytes_max = 8 * (kLongAnswerBytes + 10'000);
  fixture.start();
  TestClient waiting{fixture.port(), "127.0.0.2", 4'096};
  waiting.send(get_request("/long"));
  waiting.wait_for_bytes();
  TestClient next{fixture.port(), "127.0.0.2"};
  next.send(get_request("/list"));
  const WireReply refused = next.read();
  CHECK(refused.status == 503);
  CHECK(problem_code(refused) == "overloaded");
  CHECK(refused.field("Retry-After") == "1");
  CHECK_FALSE(is_made);
  next.send(get_request("/short"));
  CHECK(next.read().status == 200);
  TestClient other{fixture.port(), "127.0.0.3"};
  other.send(get_request("/list"));
  CHECK(other.read().status == 200);
  // Taken in the end, all of it is there, and its place is free.
  CHECK(waiting.read().body.size() == kLongAnswerBytes);
  next.send(get_request("/list"));
  CHECK(next.read().status == 200);
}
