#include "tools/cli/event_source.hpp"

#include <vector>

#include <catch2/catch.hpp>

namespace tally::tools {
namespace {

using Texts = std::vector<std::string>;

Texts told(EventSource& source, std::string_view piece) {
  Texts texts;
  const auto fed = source.feed(piece, [&texts](const SentEvent& event) -> Attempt<void> {
    texts.push_back(event.data);
    return {};
  });
  REQUIRE(fed.has_value());
  return texts;
}

}  // namespace

TEST_CASE("event source: an event ends at a blank line, however the stream is cut", "[tools][events]") {
  const std::string stream = "retry: 2000\n\n:\n\nid: 7\ndata: {\"a\":1}\n\nid:8\r\ndata:two\r\ndata: lines\r\n\r\n\n";
  const std::size_t size = GENERATE(range(std::size_t{1}, std::size_t{12}));
  EventSource source;
  Texts all;
  for (std::size_t at = 0; at < stream.size(); at += size) {
    for (const std::string& text : told(source, std::string_view{stream}.substr(at, size))) all.push_back(text);
  }
  CHECK(all == Texts{"{\"a\":1}", "two\nlines"});
  CHECK(source.last_id() == "8");
}

TEST_CASE("event source: what is half told when it breaks off is told again", "[tools][events]") {
  EventSource source;
  CHECK(told(source, "id: 7\ndata: a\n\nid: 8\ndata: b\n") == Texts{"a"});
  source.break_off();
  CHECK(source.last_id() == "7");
  CHECK(told(source, "retry: 2000\n\nid: 8\ndata: b\n\n") == Texts{"b"});
  CHECK(source.last_id() == "8");
}

TEST_CASE("event source: an id without data moves the place, and says nothing", "[tools][events]") {
  EventSource source;
  CHECK(told(source, "id: 9\n\n").empty());
  CHECK(source.last_id() == "9");
  CHECK(told(source, ":\n\nevent: x\nnoname\n\n").empty());
  CHECK(source.last_id() == "9");
}

TEST_CASE("event source: an event without end is refused", "[tools][events]") {
  EventSource source;
  const auto take = [](const SentEvent&) { return Attempt<void>{}; };
  const std::string piece(EventSource::kBytesMax / 2, 'x');
  CHECK(source.feed(piece, take).has_value());
  CHECK(source.feed(piece, take).has_value());
  CHECK(source.feed("x", take).error().exit == Exit::damaged);
}

}  // namespace tally::tools
