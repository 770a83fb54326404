#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>

#include <catch2/catch.hpp>

#include "http/server/exchange_notes.hpp"
#include "http/server/response_head.hpp"
#include "tests/http/server/server_fixture.hpp"

using namespace tally;
using namespace tally::testing;

namespace {

/// Counts what comes, and has enough after so many bytes.
class CountingSink final : public http::BodySink {
 public:
  CountingSink(std::size_t enough_at, std::atomic<std::size_t>& largest) : enough_at_(enough_at), largest_(largest) {}

  Appetite take(std::string_view piece, http::Response& response) override {
    if (piece.starts_with("throw")) throw std::runtime_error{"a sink that breaks"};
    ++pieces_;
    bytes_ += piece.size();
    if (piece.size() > largest_) largest_ = piece.size();
    if (bytes_ < enough_at_) return Appetite::more;
    response.start(422, "text/plain");
    response.body() = "enough";
    return Appetite::enough;
  }
  void finish(http::Response& response) override {
    response.start(200, "text/plain");
    response.body() = std::to_string(bytes_) + " in " + (pieces_ > 1 ? "pieces" : "one");
  }

 private:
  const std::size_t enough_at_;
  std::atomic<std::size_t>& largest_;
  std::size_t pieces_ = 0;
  std::size_t bytes_ = 0;
};

class FeedFixture : public ServerFixture {
 public:
  FeedFixture() {
    add("/count", SIZE_MAX);
    add("/some", 600'000);
    http::StreamHandler refusing = [](const http::Request&, http::Response& response) {
      response.start(403, "text/plain");
      response.body() = "no";
      return std::unique_ptr<http::BodySink>{};
    };
    router.add({http::Method::post, "/refused", std::move(refusing), open_to_all(http::RunOn::long_reads, kBodyMax)});
    get("/next", [](const http::Request&, http::Response& response) { response.start(200, "text/plain"); });
  }
  static constexpr std::size_t kBodyMax = 8 << 20;
  std::atomic<std::size_t> largest{0};

 private:
  void add(const std::string& path, std::size_t enough_at) {
    http::StreamHandler handler = [this, enough_at](const http::Request&, http::Response&) {
      return std::unique_ptr<http::BodySink>{std::make_unique<CountingSink>(enough_at, largest)};
    };
    router.add({http::Method::post, path, std::move(handler), open_to_all(http::RunOn::long_reads, kBodyMax)});
  }
};

std::string chunked_request(std::string_view target, const std::string& body, std::size_t chunk_bytes) {
  std::string out = "POST " + std::string{target} + " HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (std::size_t at = 0; at < body.size(); at += chunk_bytes) {
    const std::string chunk = body.substr(at, chunk_bytes);
    http::append_chunk_size(chunk.size(), out);
    out += chunk + "\r\n";
  }
  return out + "0\r\n\r\n";
}

}  // namespace

TEST_CASE("feed: a body of any length is taken in pieces, and the connection goes on", "[http][server][feed]") {
  FeedFixture fixture;
  fixture.start();
  const std::string body(5'000'000, 'x');
  TestClient client{fixture.port()};
  client.send(post_request("/count", body) + chunked_request("/count", body, 70'001) + post_request("/count", "short") +
              post_request("/count", "") + get_request("/next"));
  CHECK(client.read().body == "5000000 in pieces");
  CHECK(client.read().body == "5000000 in pieces");
  CHECK(client.read().body == "5 in one");
  CHECK(client.read().body == "0 in one");
  CHECK(client.read().status == 200);
  // No piece is as large as the body: it was never kept as a whole.
  CHECK(fixture.largest < 512u << 10);
}

TEST_CASE("feed: who has enough answers at once, and the connection ends", "[http][server][feed]") {
  FeedFixture fixture;
  fixture.start();
  TestClient client{fixture.port()};
  client.send("POST /some HTTP/1.1\r\nHost: h\r\nContent-Length: 5000000\r\n\r\n" + std::string(1'000'000, 'x'));
  const WireReply reply = client.read();
  CHECK(reply.status == 422);
  CHECK(reply.body == "enough");
  CHECK(reply.field("Connection") == "close");
}

TEST_CASE("feed: a refused body is not taken, whether it is there or not", "[http][server][feed]") {
  FeedFixture fixture;
  fixture.start();
  TestClient client{fixture.port()};
  client.send(post_request("/refused", "short") + get_request("/next"));
  CHECK(client.read().status == 403);
  CHECK(client.read().status == 200);
  TestClient large{fixture.port()};
  large.send("POST /refused HTTP/1.1\r\nHost: h\r\nContent-Length: 5000000\r\n\r\n" + std::string(300'000, 'x'));
  const WireReply reply = large.read();
  CHECK(reply.status == 403);
  CHECK(reply.field("Connection") == "close");
}

TEST_CASE("feed: a body over the route's bound is refused, announced or not", "[http][server][feed]") {
  FeedFixture fixture;
  fixture.start();
  CHECK(fixture.ask("POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: 9000000\r\n\r\n").status == 413);
  CHECK(fixture.ask(chunked_request("/count", std::string(9'000'000, 'x'), 1 << 20)).status == 413);
}

TEST_CASE("feed: an exception of a sink is answered 500", "[http][server][feed]") {
  FeedFixture fixture;
  fixture.start();
  CHECK(fixture.ask(post_request("/count", "throw")).status == 500);
  REQUIRE(fixture.bugs().size() == 1);
  CHECK(fixture.bugs()[0].second == "internal: a sink that breaks");
}

TEST_CASE("admission: whoever is not admitted is answered before anything is done", "[http][server][limits]") {
  FeedFixture fixture;
  std::atomic<int> asked{0};
  fixture.options.admit = [&asked](const http::Request& request) -> core::Result<void> {
    ++asked;
    request.notes().rates.add({"address", 5}, {false, 0, 60, 12});
    return core::fail(core::Errc::rate_limited, "too many");
  };
  std::atomic<int> answered{0};
  fixture.options.on_answer = [&answered](const http::Request& request) {
    if (request.route == "/next" || request.route.empty()) ++answered;
  };
  fixture.start();
  TestClient client{fixture.port()};
  client.send(get_request("/next") + get_request("/nothing"));
  const WireReply reply = client.read();
  CHECK(reply.status == 429);
  CHECK(reply.field("RateLimit-Policy") == "\"address\";q=5;w=60");
  CHECK(reply.field("RateLimit") == "\"address\";r=0;t=60");
  CHECK(client.read().status == 429);
  CHECK(asked == 2);
  CHECK(answered == 2);
  TestClient large{fixture.port()};
  large.send("POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: 5000000\r\n\r\n" + std::string(300'000, 'x'));
  CHECK(large.read().status == 429);
  // Before the body, which need not come.
  TestClient slow{fixture.port()};
  slow.send("POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: 5000000\r\n\r\n");
  CHECK(slow.read().status == 429);
  CHECK(slow.is_closed());
  TestClient waiting{fixture.port()};
  waiting.send("POST /count HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  CHECK(waiting.read().status == 429);
  CHECK(asked == 5);
}

TEST_CASE("admission: a route says whether it is asked for at all", "[http][server][limits][policy]") {
  ServerFixture fixture;
  std::atomic<int> asked{0};
  fixture.options.admit = [&asked](const http::Request&) -> core::Result<void> {
    ++asked;
    return core::fail(core::Errc::rate_limited, "too many");
  };
  for (const auto& [path, limit] : {std::pair{"/first", http::AddressLimit::first},
                                    {"/living", http::AddressLimit::of_the_living},
                                    {"/never", http::AddressLimit::never}}) {
    http::RoutePolicy policy = open_to_all();
    policy.address_limit = limit;
    fixture.router.add({http::Method::get, path,
                        http::SyncHandler{[](const http::Request&, http::Response& answer) { answer.empty(204); }},
                        policy});
  }
  fixture.start();
  CHECK(fixture.ask(get_request("/first")).status == 429);
  CHECK(fixture.ask(get_request("/living")).status == 204);
  CHECK(fixture.ask(get_request("/never")).status == 204);
  CHECK(asked == 1);
}
