#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/http/server/server_fixture.hpp"

using namespace tally;
using namespace tally::testing;

namespace {

using Piece = core::Result<std::optional<std::string>>;

/// Gives what it is made of, then the end.
class ListStream final : public http::BodyStream {
 public:
  explicit ListStream(std::vector<Piece> pieces) : pieces_(std::move(pieces)) {}
  Piece next() override {
    if (next_ == pieces_.size()) return Piece{std::nullopt};
    return pieces_[next_++];
  }

 private:
  std::vector<Piece> pieces_;
  std::size_t next_ = 0;
};

class ThrowingStream final : public http::BodyStream {
 public:
  Piece next() override {
    if (given_) throw std::runtime_error("damaged");
    given_ = true;
    return Piece{"one"};
  }

 private:
  bool given_ = false;
};

/// Never ends by itself; says when it dies.
class EndlessStream final : public http::BodyStream {
 public:
  EndlessStream(std::promise<std::size_t>& died, std::thread::id& thread) : died_(died), thread_(thread) {}
  ~EndlessStream() override { died_.set_value(bytes_); }
  Piece next() override {
    thread_ = std::this_thread::get_id();
    bytes_ += 64 << 10;
    return Piece{std::string(64 << 10, 'x')};
  }

 private:
  std::promise<std::size_t>& died_;
  std::thread::id& thread_;
  std::size_t bytes_ = 0;
};

/// Gives a piece each time it is asked, and wants to be left alone in between.
class PausingStream final : public http::BodyStream {
 public:
  PausingStream(std::chrono::milliseconds pause, int pieces) : pause_(pause), pieces_left_(pieces) {}
  Piece next() override {
    if (pieces_left_ == 0) return Piece{std::nullopt};
    --pieces_left_;
    return Piece{"beat;"};
  }
  [[nodiscard]] std::chrono::milliseconds pause() const override { return pause_; }

 private:
  std::chrono::milliseconds pause_;
  int pieces_left_;
};

void add_pausing(ServerFixture& fixture, std::string path, std::chrono::milliseconds pause, int pieces) {
  fixture.get(std::move(path), [pause, pieces](const http::Request&, http::Response& response) {
    response.start(200, "text/event-stream");
    response.stream = std::make_unique<PausingStream>(pause, pieces);
  });
}

Piece piece(std::string text) { return Piece{std::move(text)}; }
Piece failure() { return core::fail(core::Errc::corrupt, "a damaged row"); }

void add_list(ServerFixture& fixture, std::string path, std::vector<Piece> pieces) {
  fixture.get(std::move(path), [pieces](const http::Request&, http::Response& response) {
    response.start(200, "application/x-ndjson");
    response.stream = std::make_unique<ListStream>(pieces);
  });
}

}  // namespace

TEST_CASE("stream: pieces become chunks, and the connection lives on", "[http][stream]") {
  ServerFixture fixture;
  add_list(fixture, "/list", {piece("one,"), piece(""), piece(std::string(300'000, 'x')), piece(",three")});
  add_list(fixture, "/nothing", {});
  fixture.start();
  TestClient client{fixture.port()};
  for (int round = 0; round < 2; ++round) {
    client.send(get_request("/list"));
    const WireReply reply = client.read();
    CHECK(reply.complete);
    CHECK(reply.field("Transfer-Encoding") == "chunked");
    CHECK(reply.field("Content-Length") == "absent");
    CHECK((reply.body == "one," + std::string(300'000, 'x') + ",three"));
    client.send(get_request("/nothing"));
    const WireReply nothing = client.read();
    CHECK(nothing.complete);
    CHECK(nothing.body.empty());
  }
}

TEST_CASE("stream: HEAD makes none of it", "[http][stream]") {
  ServerFixture fixture;
  add_list(fixture, "/list", {failure()});
  fixture.start();
  TestClient client{fixture.port()};
  client.send("HEAD /list HTTP/1.1\r\nHost: h\r\n\r\n" + get_request("/elsewhere"));
  const WireReply head = client.read(true);
  CHECK(head.status == 200);
  CHECK(head.field("Content-Type") == "application/x-ndjson");
  CHECK(client.read().status == 404);
}

TEST_CASE("stream: HTTP/1.0 gets it without chunks, up to the end of the connection", "[http][stream]") {
  ServerFixture fixture;
  add_list(fixture, "/list", {piece("one,"), piece("two")});
  fixture.start();
  TestClient client{fixture.port()};
  client.send("GET /list HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const WireReply reply = client.read();
  CHECK(reply.field("Connection") == "close");
  CHECK(reply.field("Transfer-Encoding") == "absent");
  CHECK(reply.body == "one,two");
  CHECK(reply.complete);
}

TEST_CASE("stream: an error in the middle can be seen by the client", "[http][stream]") {
  ServerFixture fixture;
  add_list(fixture, "/list", {piece("one,"), failure()});
  fixture.get("/throwing", [](const http::Request&, http::Response& response) {
    response.start(200, "text/plain");
    response.stream = std::make_unique<ThrowingStream>();
  });
  fixture.start();
  const std::string path = GENERATE(values<std::string>({"/list", "/throwing"}));
  TestClient client{fixture.port()};
  client.send(get_request(path));
  const WireReply reply = client.read();
  CHECK(reply.status == 200);
  CHECK_FALSE(reply.complete);
  CHECK(reply.body.substr(0, 3) == "one");
  CHECK(fixture.accesses(1).size() == 1);
  CHECK(fixture.bugs().size() == 1);

  TestClient old_client{fixture.port()};
  old_client.send("GET " + path + " HTTP/1.0\r\n\r\n");
  static_cast<void>(old_client.read());
  CHECK(old_client.was_reset());
}

TEST_CASE("stream: an error before the first piece is an ordinary problem", "[http][stream]") {
  ServerFixture fixture;
  add_list(fixture, "/list", {failure()});
  fixture.start();
  TestClient client{fixture.port()};
  client.send(get_request("/list") + get_request("/elsewhere"));
  const WireReply reply = client.read();
  CHECK(reply.status == 500);
  CHECK(problem_code(reply) == "internal");
  CHECK(reply.body.find("damaged") == std::string::npos);
  CHECK(client.read().status == 404);
}

TEST_CASE("stream: it is made on the pool, no faster than it is read, and ends with the connection", "[http][stream]") {
  std::promise<std::size_t> died;
  std::thread::id stream_thread;
  std::thread::id handler_thread;
  ServerFixture fixture;
  fixture.get("/endless", [&](const http::Request&, http::Response& response) {
    handler_thread = std::this_thread::get_id();
    response.start(200, "text/plain");
    response.stream = std::make_unique<EndlessStream>(died, stream_thread);
  });
  fixture.options.request_timeout = std::chrono::milliseconds{40};
  fixture.start();
  TestClient client{fixture.port()};
  client.send(get_request("/endless"));
  // The client reads nothing: what was made is what fits the sockets' buffers, and the server gives the peer up.
  CHECK(died.get_future().get() < (64U << 20));
  CHECK(stream_thread != handler_thread);
}

TEST_CASE("stream: pauses hold no thread, so that many streams live on one", "[http][stream]") {
  ServerFixture fixture;
  fixture.options.long_read_threads = 1;
  add_pausing(fixture, "/beats", std::chrono::milliseconds{20}, 3);
  fixture.start();
  std::vector<std::unique_ptr<TestClient>> clients;
  const auto began = std::chrono::steady_clock::now();
  for (int index = 0; index < 40; ++index) {
    clients.push_back(std::make_unique<TestClient>(fixture.port()));
    clients.back()->send(get_request("/beats"));
  }
  for (const auto& client : clients) CHECK(client->read().body == "beat;beat;beat;");
  // One after the other they would pause for 40 x 3 x 20 ms.
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::milliseconds{2'000});
}

TEST_CASE("stream: one that pauses ends in good order when the server drains", "[http][stream][drain]") {
  ServerFixture fixture;
  add_pausing(fixture, "/beats", std::chrono::milliseconds{20}, 1'000'000);
  http::Server& server = fixture.start();
  TestClient client{fixture.port()};
  client.send(get_request("/beats"));
  client.wait_for_bytes();
  std::thread drainer{[&server] { server.drain(); }};
  const WireReply reply = client.read();
  CHECK(reply.complete);
  CHECK(reply.body.starts_with("beat;"));
  CHECK(client.is_closed());
  client.finish();
  drainer.join();
  CHECK(server.connections() == 0);
}
