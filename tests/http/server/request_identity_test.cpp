#include "http/server/request_identity.hpp"

#include <set>
#include <string>

#include <catch2/catch.hpp>

#include "tests/support/seeded_random.hpp"

using namespace tally::http;

TEST_CASE("request id: 1 to 64 visible ASCII characters are taken", "[http][identity]") {
  const auto [text, taken] = GENERATE(table<std::string, bool>({
      {"a", true},
      {"!~", true},
      {"0190-ab:/=", true},
      {std::string(64, 'x'), true},
      {std::string(65, 'x'), false},
      {"", false},
      {"two words", false},
      {"tab\there", false},
      {"caf\xC3\xA9", false},
      {"del\x7F", false},
  }));
  CAPTURE(text);
  CHECK(is_request_id(text) == taken);
}

TEST_CASE("request id: those that are made are different and well-formed", "[http][identity]") {
  tally::testing::SeededRandom random{7};
  RequestIds ids{random};
  std::set<std::string> seen;
  for (int count = 0; count < 1000; ++count) {
    RequestIds::Text text;
    const std::string id{ids.draw(text)};
    REQUIRE(id.size() == 32);
    REQUIRE(is_request_id(id));
    REQUIRE(id.find_first_not_of("0123456789abcdef") == std::string::npos);
    REQUIRE(seen.insert(id).second);
  }
}

TEST_CASE("traceparent: the trace id of a well-formed field only", "[http][identity]") {
  const std::string id = "4bf92f3577b34da6a3ce929d0e0e4736";
  const std::string parent = "00f067aa0ba902b7";
  const auto [field, good] = GENERATE_COPY(table<std::string, bool>({
      {"00-" + id + "-" + parent + "-01", true},
      {"00-" + id + "-" + parent + "-00", true},
      {"cc-" + id + "-" + parent + "-01", true},
      {"cc-" + id + "-" + parent + "-01-more", true},
      {"cc-" + id + "-" + parent + "-01more", false},
      {"00-" + id + "-" + parent + "-01-more", false},
      {"ff-" + id + "-" + parent + "-01", false},
      {"00-" + std::string(32, '0') + "-" + parent + "-01", false},
      {"00-" + id + "-" + std::string(16, '0') + "-01", false},
      {"00-4BF92F3577B34DA6A3CE929D0E0E4736-" + parent + "-01", false},
      {"00-" + id + "-" + parent + "-0", false},
      {"00-" + id + "-" + parent, false},
      {"00_" + id + "-" + parent + "-01", false},
      {"", false},
  }));
  CAPTURE(field);
  CHECK(trace_id_of(field) == (good ? id : ""));
}
