#include "http/server/connection_input.hpp"

#include <algorithm>
#include <string_view>

#include <catch2/catch.hpp>

#include "http/server/response.hpp"

using namespace tally;

namespace {

void receive(http::ConnectionInput& input, std::string_view text) {
  const std::span<char> room = input.room(1'024);
  REQUIRE(room.size() >= text.size());
  std::copy(text.begin(), text.end(), room.begin());
  input.received(text.size());
}

bool is_wiped(const char* begin, std::size_t bytes) {
  return std::all_of(begin, begin + bytes, [](char byte) { return byte == '\0'; });
}

}  // namespace

TEST_CASE("connection input: what is forgotten is overwritten, what waits is not", "[http][input]") {
  http::ConnectionInput input;
  receive(input, "the first request, the second");
  const char* const block = input.waiting().data();
  constexpr std::size_t kFirst = std::string_view{"the first request, "}.size();
  input.take_pinned(9);
  input.take(kFirst - 9);
  input.unpin();
  CHECK(is_wiped(block, kFirst));
  CHECK(input.waiting() == "the second");
  input.take_pinned(10);
  input.unpin();
  CHECK(is_wiped(block, kFirst + 10));
}

TEST_CASE("connection input: what was moved away leaves nothing where it was", "[http][input]") {
  http::ConnectionInput input;
  receive(input, "head,body,the next");
  const char* const block = input.waiting().data();
  input.take_pinned(5);
  input.take(5);
  // Moves what waits up to the head.
  REQUIRE(!input.room_behind_pinned().empty());
  REQUIRE(input.waiting() == "the next");
  input.unpin();
  CHECK(input.waiting() == "the next");
  CHECK(is_wiped(block, 5));
  CHECK(is_wiped(block + 5 + 8, 5));
}

TEST_CASE("response: what is cleared is overwritten", "[http][response]") {
  http::Response response;
  response.start(200, http::kJson);
  response.set("Set-Cookie", "a secret that is longer than a string keeps in itself");
  response.body() = "another secret that is longer than a string keeps in itself";
  const char* const body = response.body().data();
  const char* const headers = response.headers().data();
  const std::size_t body_bytes = response.body().size();
  const std::size_t header_bytes = response.headers().size();
  response.clear();
  CHECK(is_wiped(body, body_bytes));
  CHECK(is_wiped(headers, header_bytes));
}
