#include "http/server/response.hpp"

#include <string>

#include <catch2/catch.hpp>

#include "http/server/response_head.hpp"
#include "tests/support/aborts.hpp"

using namespace tally;
using namespace tally::http;

TEST_CASE("response: clear() leaves nothing of the one before", "[http][response]") {
  Response response;
  response.start(201, kJson);
  response.set_sequence(core::Sequence{42});
  response.set_no_store();
  response.body() = "{}";
  CHECK(response.headers() == "Content-Type: application/json\r\nTally-Sequence: 42\r\nCache-Control: no-store\r\n");
  response.clear();
  CHECK(response.status() == 200);
  CHECK(response.headers().empty());
  CHECK(response.body().empty());
  response.set_sequence(std::nullopt);
  CHECK(response.headers().empty());
}

TEST_CASE("response head: the date is what RFC 9110 shows, and moves with the clock", "[http][response]") {
  DateLine line;
  const auto time = core::timestamp_of_micros(784'111'777'000'000);
  CHECK(line.at(time) == "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
  CHECK(line.at(time + std::chrono::milliseconds{999}) == "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
  CHECK(line.at(time + std::chrono::seconds{1}) == "Date: Sun, 06 Nov 1994 08:49:38 GMT\r\n");
  CHECK(line.at(core::timestamp_of_micros(0)) == "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n");
}

TEST_CASE("response head: framing and persistence are said once", "[http][response]") {
  Response response;
  response.start(200, kJson);
  HeadFacts facts;
  facts.date_line = "Date: x\r\n";
  facts.request_id = "r";
  facts.body_bytes = 12;
  facts.persistence = Persistence::close;
  std::string out;
  append_head(response, facts, out);
  CHECK(out ==
        "HTTP/1.1 200 OK\r\nDate: x\r\nX-Content-Type-Options: nosniff\r\nX-Request-Id: r\r\n"
        "Content-Type: application/json\r\nContent-Length: 12\r\nConnection: close\r\n\r\n");
  facts.framing = Framing::chunked;
  facts.persistence = Persistence::by_version;
  out.clear();
  append_head(response, facts, out);
  CHECK(out ==
        "HTTP/1.1 200 OK\r\nDate: x\r\nX-Content-Type-Options: nosniff\r\nX-Request-Id: r\r\n"
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
}

TEST_CASE("response head: a Location is below the path of the public URL", "[http][response]") {
  const auto [location, base_path, line] = GENERATE(table<std::string, std::string, std::string>({
      {"/v1/x", "/auth/tally", "Location: /auth/tally/v1/x\r\n"},
      {"/app", "/tally", "Location: /tally/app\r\n"},
      {"/v1/x", "", "Location: /v1/x\r\n"},
      {"https://elsewhere.example/", "/tally", "Location: https://elsewhere.example/\r\n"},
  }));
  Response response;
  response.start(201, kJson);
  response.set("Location", location);
  response.set_no_store();
  HeadFacts facts;
  facts.base_path = base_path;
  std::string out;
  append_head(response, facts, out);
  CHECK(out.find("Content-Type: application/json\r\n" + line + "Cache-Control: no-store\r\n") != std::string::npos);
}

TEST_CASE("response head: the size of a chunk is hexadecimal", "[http][response]") {
  std::string out;
  append_chunk_size(262'144, out);
  CHECK(out == "40000\r\n");
}

TEST_CASE("response: a value that would end its field line is a bug", "[http][response]") {
  const std::string value =
      GENERATE(values<std::string>({"a\r\nSet-Cookie: b", "a\nb", "a\rb", std::string("a\0b", 3)}));
  const auto set = [&value] { Response{}.set("Location", value); };
  CHECK(tally::testing::aborts(set));
}
