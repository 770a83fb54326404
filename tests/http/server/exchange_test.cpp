#include "http/server/exchange.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include "core/crypto/system_random.hpp"
#include "tests/http/server/server_fixture.hpp"

using namespace tally;
using http::Exchange;
using http::Request;
using http::Response;
using testing::get_request;
using testing::open_to_all;

namespace {

constexpr http::CarrierLines kLines{"Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n", ""};

/// What a server and a connection have around an exchange, without either.
struct ExchangeWorld {
  ExchangeWorld() {
    options.on_request = [this](const http::AccessRecord& record) { statuses.push_back(record.status); };
  }

  void route(std::string path, http::SyncHandler handler) {
    router.add({http::Method::get, std::move(path), std::move(handler), open_to_all()});
  }
  /// A new exchange, for a request that comes at once.
  std::unique_ptr<Exchange> begin(std::string_view bytes) {
    reader.next();
    auto exchange = std::make_unique<Exchange>(surroundings, reader, request_ids, peer, memory);
    const std::span<char> room = reader.room();
    REQUIRE(room.size() >= bytes.size());
    std::copy(bytes.begin(), bytes.end(), room.begin());
    reader.received(bytes.size());
    return exchange;
  }
  /// The same, up to where its body is here.
  std::unique_ptr<Exchange> read(std::string_view bytes) {
    auto exchange = begin(bytes);
    REQUIRE(reader.read_head() == http::RequestReader::Progress::done);
    exchange->take_head();
    exchange->admit();
    REQUIRE_FALSE(exchange->is_answered());
    REQUIRE(reader.read_body() == http::RequestReader::Progress::done);
    return exchange;
  }
  Exchange::Pulled pull(Exchange& exchange) {
    static_cast<void>(exchange.pause());
    context.restart();
    boost::asio::co_spawn(context, exchange.pull(), boost::asio::detached);
    context.run();
    return exchange.pulled();
  }

  http::ServerOptions options;
  http::Router router;
  http::SystemClock clock;
  core::crypto::SystemRandom random;
  boost::asio::io_context context;  ///< Outlives the pools, whose threads may still be telling it of their last job.
  http::TurnPool short_reads{{1}};
  http::TurnPool long_reads{{1}};
  http::Surroundings surroundings{options,
                                  router,
                                  clock,
                                  random,
                                  short_reads,
                                  long_reads,
                                  1,
                                  http::ConnectionCount{{1, 1}, 1},
                                  http::BufferBudget{{1 << 20, 1 << 20}, 1},
                                  http::BufferBudget{{1 << 20, 1 << 20}, 1}};
  http::RequestReader reader;
  http::RequestIds request_ids{random};
  const http::Peer peer{"192.0.2.7", http::ClientNetwork::of("192.0.2.7")};
  http::AnswerMemory memory;
  std::vector<unsigned> statuses;  ///< As the access log was told.
};

std::string text_of(const Exchange::Output& output) {
  std::string text;
  for (const auto& buffer : output) text.append(static_cast<const char*>(buffer.data()), buffer.size());
  return text;
}

/// A body of one piece, and then of an error, if it is to fail.
class ShortStream final : public http::BodyStream {
 public:
  explicit ShortStream(int good) : good_(good) {}
  core::Result<std::optional<std::string>> next() override {
    if (good_-- > 0) return std::optional<std::string>{"piece"};
    return core::fail(core::Errc::io_failed, "the disk is gone");
  }

 private:
  int good_;
};

}  // namespace

TEST_CASE("exchange: a request is answered with no connection at hand", "[http][exchange]") {
  ExchangeWorld world;
  world.route("/echo", [](const Request& request, Response& response) {
    response.start(200, "text/plain");
    response.body() = request.query;
  });
  const auto exchange = world.read(get_request("/echo?word"));
  CHECK(exchange->go_on());
  CHECK_FALSE(exchange->is_streamed());
  const std::string answer = text_of(exchange->whole(kLines));
  CHECK(answer.starts_with("HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"));
  CHECK(answer.ends_with("\r\n\r\nword"));
  CHECK_FALSE(exchange->ends_connection());
  exchange->record_access();
  exchange->record_access();
  CHECK(world.statuses == std::vector<unsigned>{200});
}

TEST_CASE("exchange: nothing of one is there for the next", "[http][exchange]") {
  ExchangeWorld world;
  world.route("/first", [](const Request& request, Response& response) {
    request.notes().rates.add({"address", 5}, {false, 0, 60, 12});
    request.notes().attempt.refuse(core::Errc::forbidden);
    request.notes().fresh_access.emplace(
        http::FreshAccess{core::SecretText{"token"}, core::SecretText{"X-Fresh: yes\r\n"}});
    response.start(403, "text/plain");
    response.body() = "secret";
  });
  world.route("/second", [](const Request& request, Response& response) {
    CHECK(request.notes().rates.empty());
    CHECK_FALSE(request.notes().attempt.refusal);
    CHECK_FALSE(request.notes().fresh_access);
    response.set_status(204);
  });
  auto exchange = world.read(get_request("/first", "Connection: close\r\nX-Request-Id: one\r\n"));
  REQUIRE(exchange->go_on());
  const std::string first = text_of(exchange->whole(kLines));
  CHECK(first.find("RateLimit: \"address\"") != std::string::npos);
  CHECK(first.find("X-Fresh: yes") != std::string::npos);
  CHECK(exchange->ends_connection());
  exchange.reset();
  CHECK(world.memory.response.headers().empty());
  CHECK(world.memory.response.body().empty());
  CHECK(world.memory.head.empty());

  exchange = world.read("DELETE /first HTTP/1.1\r\nHost: localhost\r\n\r\n");
  REQUIRE(exchange->go_on());
  CHECK(text_of(exchange->whole(kLines)).find("Allow: GET") != std::string::npos);

  exchange.reset();
  exchange = world.read(get_request("/second"));
  REQUIRE(exchange->go_on());
  const std::string second = text_of(exchange->whole(kLines));
  CHECK(second.starts_with("HTTP/1.1 204 "));
  CHECK(second.find("RateLimit") == std::string::npos);
  CHECK(second.find("X-Fresh") == std::string::npos);
  CHECK(second.find("Allow") == std::string::npos);
  CHECK(second.find("X-Request-Id: one") == std::string::npos);
  CHECK_FALSE(exchange->ends_connection());
}

TEST_CASE("exchange: what has no head yet is refused as such, and ends the connection", "[http][exchange]") {
  ExchangeWorld world;
  const auto exchange = world.begin("GET /slow HT");
  REQUIRE(world.reader.read_head() == http::RequestReader::Progress::need_more);
  exchange->fail(http::HttpRefusal{408, "request_timeout", "too slow"});
  CHECK(exchange->is_answered());
  CHECK(exchange->ends_connection());
  CHECK(text_of(exchange->whole(kLines)).starts_with("HTTP/1.1 408 "));
}

TEST_CASE("exchange: a body that is over its route's bound is refused unread", "[http][exchange]") {
  ExchangeWorld world;
  world.router.add(
      {http::Method::post, "/small", http::SyncHandler{testing::echo}, open_to_all(http::RunOn::io_thread, 3)});
  const auto exchange = world.begin(testing::post_request("/small", "four"));
  REQUIRE(world.reader.read_head() == http::RequestReader::Progress::done);
  exchange->take_head();
  exchange->admit();
  REQUIRE(exchange->is_answered());
  CHECK(exchange->ends_connection());
  CHECK(text_of(exchange->whole(kLines)).starts_with("HTTP/1.1 413 "));
}

TEST_CASE("exchange: a stream that fails is an answer before the first piece, and broken after", "[http][exchange]") {
  const int good = GENERATE(0, 1);
  ExchangeWorld world;
  world.route("/stream", [good](const Request&, Response& response) {
    response.start(200, "text/plain");
    response.stream = std::make_unique<ShortStream>(good);
  });
  const auto exchange = world.read(get_request("/stream"));
  REQUIRE(exchange->go_on());
  REQUIRE(exchange->is_streamed());
  CHECK(exchange->framing() == http::Framing::chunked);
  if (good == 1) {
    REQUIRE(world.pull(*exchange) == Exchange::Pulled::piece);
    CHECK(text_of(exchange->piece(kLines)).ends_with("\r\n\r\n5\r\npiece\r\n"));
    CHECK(world.pull(*exchange) == Exchange::Pulled::broken);
  } else {
    REQUIRE(world.pull(*exchange) == Exchange::Pulled::answered);
    CHECK_FALSE(exchange->is_streamed());
    CHECK(text_of(exchange->whole(kLines)).starts_with("HTTP/1.1 500 "));
  }
  CHECK(world.surroundings.counters.internal_errors == 1);
}
