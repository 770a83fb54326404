#pragma once

#include <condition_variable>
#include <future>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <catch2/catch.hpp>

#include "core/crypto/system_random.hpp"
#include "http/server/server.hpp"
#include "tests/http/server/test_client.hpp"

namespace tally::testing {

inline constexpr std::size_t kOpenBodyBytesMax = 1 << 20;
/// The policy of a route that asks nobody who they are.
constexpr http::RoutePolicy open_to_all(http::RunOn run_on = http::RunOn::io_thread,
                                        std::size_t body_bytes_max = kOpenBodyBytesMax) {
  return {.audience = http::Audience::everyone, .body_bytes_max = body_bytes_max, .run_on = run_on};
}

/// A server on a free port of the loopback address. Add routes, then start().
class ServerFixture {
 public:
  struct Access {
    std::string method, path, request_id;
    unsigned status = 0;
    std::uint64_t request_bytes = 0, response_bytes = 0;
  };

  http::Router router;
  http::ServerOptions options;

  void get(std::string path, http::SyncHandler handler, http::RunOn run_on = http::RunOn::io_thread) {
    router.add({http::Method::get, std::move(path), std::move(handler), open_to_all(run_on)});
  }
  void post(std::string path, http::SyncHandler handler) {
    router.add({http::Method::post, std::move(path), std::move(handler), open_to_all()});
  }

  http::Server& start() {
    options.port = 0;
    options.on_request = [this](const http::AccessRecord& record) { note(record); };
    options.on_fault = [this](std::string_view request_id, std::string_view what) {
      std::lock_guard lock{mutex_};
      bugs_.emplace_back(request_id, what);
    };
    server_.emplace(options, router, clock_, random_);
    REQUIRE(server_->start().has_value());
    return *server_;
  }
  [[nodiscard]] std::uint16_t port() const { return server_->port(); }
  void stop() { server_.reset(); }

  /// One request on a connection of its own.
  WireReply ask(std::string_view bytes) const {
    TestClient client{port()};
    client.send(bytes);
    return client.read();
  }

  /// Waits for so many access records, and returns them.
  std::vector<Access> accesses(std::size_t count) {
    std::unique_lock lock{mutex_};
    noted_.wait(lock, [this, count] { return accesses_.size() >= count; });
    return accesses_;
  }
  std::vector<std::pair<std::string, std::string>> bugs() {
    std::lock_guard lock{mutex_};
    return bugs_;
  }

 private:
  void note(const http::AccessRecord& record) {
    std::lock_guard lock{mutex_};
    accesses_.push_back({std::string{record.method}, std::string{record.path}, std::string{record.request_id},
                         record.status, record.request_bytes, record.response_bytes});
    noted_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable noted_;
  std::vector<Access> accesses_;                           // guarded by mutex_
  std::vector<std::pair<std::string, std::string>> bugs_;  // guarded by mutex_
  http::SystemClock clock_;
  core::crypto::SystemRandom random_;
  std::optional<http::Server> server_;
};

inline std::string get_request(std::string_view target, std::string_view fields = "") {
  return "GET " + std::string{target} + " HTTP/1.1\r\nHost: localhost\r\n" + std::string{fields} + "\r\n";
}

inline std::string post_request(std::string_view target, std::string_view body, std::string_view fields = "") {
  return "POST " + std::string{target} +
         " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         std::string{fields} + "\r\n" + std::string{body};
}

/// Answers with the body that came.
inline void echo(const http::Request& request, http::Response& response) {
  response.start(200, "text/plain");
  response.body() = request.body;
}

/// The `code` of a problem+json; fails if it is none.
inline std::string problem_code(const WireReply& reply) {
  CHECK(reply.field("Content-Type") == "application/problem+json");
  const boost::json::value problem = boost::json::parse(reply.body);
  CHECK(problem.at("status").as_int64() == reply.status);
  CHECK(problem.at("instance").as_string() == reply.field("X-Request-Id"));
  return std::string{problem.at("code").as_string()};
}

}  // namespace tally::testing
