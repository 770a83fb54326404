#include <stdexcept>
#include <string>

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <catch2/catch.hpp>

#include "http/server/exchange_notes.hpp"
#include "tests/http/server/server_fixture.hpp"

using namespace tally;
using namespace tally::testing;
namespace asio = boost::asio;

namespace {

/// Lets in who says "open", answers for who says "shut", and breaks for the rest.
asio::awaitable<http::PreludeOutcome> doorkeeper(const http::Request& request, http::Response& response) {
  const std::string word{*request.header("Door")};
  const auto executor = co_await asio::this_coro::executor;
  co_await asio::post(executor, asio::use_awaitable);
  if (word == "shut") {
    response.empty(401);
    co_return http::PreludeOutcome::answered;
  }
  if (word != "open") throw std::runtime_error("with a detail that nobody may see");
  request.notes().fresh_access.emplace(
      http::FreshAccess{core::SecretText{std::string{"fresh"}}, core::SecretText{std::string{"Key: new\r\n"}}});
  co_return http::PreludeOutcome::go_on;
}

const http::Prelude kPrelude{"Door", doorkeeper};

void tell(const http::Request& request, http::Response& response) {
  response.start(200, "text/plain");
  response.body() = request.notes().fresh_access ? request.notes().fresh_access->access_token.reveal() : "none";
}

asio::awaitable<void> tell_later(const http::Request& request, http::Response& response) {
  const auto executor = co_await asio::this_coro::executor;
  co_await asio::post(executor, asio::use_awaitable);
  tell(request, response);
}

http::RoutePolicy guarded(http::RunOn run_on = http::RunOn::io_thread) {
  http::RoutePolicy policy = open_to_all(run_on);
  policy.refresh_beside = http::RefreshBesideRequest::taken;
  return policy;
}

struct PreludeFixture : ServerFixture {
  PreludeFixture() {
    router.add({http::Method::get, "/guarded/now", http::SyncHandler{tell}, guarded()});
    router.add({http::Method::get, "/guarded/pool", http::SyncHandler{tell}, guarded(http::RunOn::long_reads)});
    router.add({http::Method::get, "/guarded/later", http::AsyncHandler{tell_later}, guarded()});
    get("/open", tell);
    router.set_around({&kPrelude, {}, nullptr});
    start();
  }
  static std::string request(const std::string& path, const std::string& door) {
    return "GET " + path + " HTTP/1.1\r\nHost: x\r\n" + (door.empty() ? "" : "Door: " + door + "\r\n") + "\r\n";
  }
};

}  // namespace

TEST_CASE("prelude: runs before the handler, wherever that runs, and its fields are in the answer", "[http][server]") {
  PreludeFixture fixture;
  const std::string path = GENERATE("/guarded/now", "/guarded/pool", "/guarded/later");
  const WireReply reply = fixture.ask(PreludeFixture::request(path, "open"));
  CHECK(reply.status == 200);
  CHECK(reply.body == "fresh");
  CHECK(reply.field("Key") == "new");
}

TEST_CASE("prelude: answers in the handler's place", "[http][server]") {
  PreludeFixture fixture;
  const WireReply reply = fixture.ask(PreludeFixture::request("/guarded/now", "shut"));
  CHECK(reply.status == 401);
  CHECK(reply.field("Key") == "absent");
}

TEST_CASE("prelude: an exception is a bug, answered 500 without its detail", "[http][server]") {
  PreludeFixture fixture;
  const WireReply reply = fixture.ask(PreludeFixture::request("/guarded/now", "broken"));
  CHECK(reply.status == 500);
  CHECK(reply.body.find("detail that nobody") == std::string::npos);
  CHECK(fixture.bugs().size() == 1);
}

TEST_CASE("prelude: only where it applies, only for requests with its field, and nothing stays for the next request",
          "[http][server]") {
  PreludeFixture fixture;
  TestClient client{fixture.port()};
  const auto ask = [&](const std::string& path, const std::string& door) {
    client.send(PreludeFixture::request(path, door));
    return client.read();
  };
  CHECK(ask("/open", "broken").body == "none");
  CHECK(ask("/guarded/now", "open").body == "fresh");
  const WireReply next = ask("/guarded/now", "");
  CHECK(next.body == "none");
  CHECK(next.field("Key") == "absent");
  CHECK(ask("/guarded/later", "open").field("Key") == "new");
}
