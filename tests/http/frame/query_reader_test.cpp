#include "http/frame/query_reader.hpp"

#include <catch2/catch.hpp>

#include "http/api/audit_query.hpp"
#include "tests/support/fake_request.hpp"

using namespace tally;
using http::QueryReader;

namespace {

/// The parameters complained about by a list of events.
std::vector<std::string> query_complaints(const std::string& query) {
  const testing::FakeRequest request{http::Method::get, "/x?" + query, {}, {}, core::Timestamp{}};
  auto reader = QueryReader::parse(request, {"limit", "cursor", "type", "since", "until", "after", "token", "actor"});
  if (reader.has_error()) return {"(query)"};
  reader->limit();
  reader->cursor();
  http::read_full_audit_query(*reader, core::WorkspaceId{});
  const auto finished = reader->finish();
  std::vector<std::string> names;
  if (finished.has_error()) {
    for (const core::Error& error : finished.error().errors) names.push_back(error.field);
  }
  return names;
}

std::string words_of(const std::string& query) {
  const testing::FakeRequest request{http::Method::get, "/x?" + query, {}, {}, core::Timestamp{}};
  auto reader = QueryReader::parse(request, {"type", "since", "until", "after", "token", "actor"});
  REQUIRE(reader.has_value());
  const auto asked = http::read_full_audit_query(*reader, core::WorkspaceId{});
  REQUIRE(reader->finish().has_value());
  return asked.text;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("query: every parameter has its form and its bound", "[api][query]") {
  const auto [query, names] = GENERATE(table<std::string, Names>({
      {"", {}},
      {"limit=1", {}},
      {"limit=1000&cursor=AAAA", {}},
      {"limit=0", {"limit"}},
      {"limit=1001", {"limit"}},
      {"limit=-1", {"limit"}},
      {"limit=+1", {"limit"}},
      {"limit=01", {"limit"}},
      {"limit=", {"limit"}},
      {"limit=1&limit=2", {"limit"}},
      {"cursor=", {"cursor"}},
      {"cursor=!!!", {"cursor"}},
      {"cursor=AAAA%3D", {"cursor"}},
      {"after=18446744073709551615", {}},
      {"after=18446744073709551616", {"after"}},
      {"type=TokenGenerated,TokenDisabled", {}},
      {"type=TokenGenerated,", {"type"}},
      {"type=tokengenerated", {"type"}},
      {"type=", {"type"}},
      {"since=2026-11-23T00:00:00Z&until=2026-11-23T00:00:01%2B00:00", {}},
      {"since=2026-11-23", {"since"}},
      {"since=2026-11-23T00:00:00Z&until=2026-11-23T00:00:00Z", {"until"}},
      {"token=ws_00000000000000000000000000", {"token"}},
      {"actor=tok_00000000000000000000000000", {"actor"}},
      {"actor=usr_00000000000000000000000000", {}},
      {"colour=red&limit=x", {"colour", "limit"}},
      {"limit=%zz", {"(query)"}},
      {"limit=%ff", {"(query)"}},
  }));
  CAPTURE(query);
  CHECK(query_complaints(query) == names);
}

TEST_CASE("query: what was asked has one spelling in the ledger", "[api][query]") {
  CHECK(words_of("") == "");
  CHECK(words_of("until=2026-11-23T01:00:00%2B01:00&type=TokenDisabled,TokenGenerated,TokenDisabled") ==
        "type=TokenDisabled,TokenGenerated&until=2026-11-23T00:00:00.000000Z");
  CHECK(words_of("actor=usr_00000000000000000000000000&after=7") == "after=7&actor=usr_00000000000000000000000000");
}

TEST_CASE("query: a long cursor is refused before it is decoded", "[api][query]") {
  CHECK(query_complaints("cursor=" + std::string(1'024, 'A')).empty());
  CHECK(query_complaints("cursor=" + std::string(1'025, 'A')) == Names{"cursor"});
}
