#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "core/base/limits.hpp"
#include "core/crypto/base64.hpp"
#include "http/api/legacy_lines.hpp"
#include "http/server/limits.hpp"
#include "tests/http/api/api_fixture.hpp"

using namespace tally;
using http::LineCutter;
using testing::ApiFixture;
using testing::Call;
using testing::Reply;
using testing::Visitor;

namespace {

std::string hex_of(const std::string& token) { return core::to_hex(testing::digest_of(token).bytes); }

std::string line(const std::string& token, const std::string& owner, const std::string& more = {}) {
  return R"({"hash":")" + hex_of(token) + R"(","owner":")" + owner + R"(","description":"old")" + more + "}\n";
}

class ImportFixture : public ApiFixture {
 public:
  Reply import(const Visitor& visitor, const std::string& body,
               const std::string& content_type = "application/x-ndjson") {
    Call call = call_of(visitor, http::Method::post, path("/legacy-tokens:import"));
    call.headers.emplace_back("Content-Type", content_type);
    call.body = body;
    return send_raw(call);
  }
  static std::vector<std::string> outcomes_of(const Reply& reply) {
    std::vector<std::string> outcomes;
    const auto json = reply.json();
    for (const auto& result : json.at("results").as_array()) outcomes.emplace_back(result.at("outcome").as_string());
    return outcomes;
  }
};

}  // namespace

TEST_CASE_METHOD(ImportFixture, "import: every line has an outcome, and the list shows what came in", "[api][legacy]") {
  const std::string body = line("one", "grace", R"(,"created":"2019-04-01T12:00:00Z")") +
                           line("two", ada.id.str(), R"(,"expires":"2030-01-01T00:00:00Z")") + "\n" +
                           line("three", "nobody-here") + "not json\n" + line("one", "grace") +
                           R"({"hash":"abc","owner":"grace","description":"x"})" + "\n" +
                           line("six", "grace", R"(,"colour":"red")");
  const Reply reply = import(ada, body);
  REQUIRE(reply.status == 200);
  CHECK(reply.header("Cache-Control") == "no-store");
  CHECK(reply.header("Tally-Sequence").has_value());
  CHECK(outcomes_of(reply) == std::vector<std::string>{"imported", "imported", "unknown_owner", "invalid",
                                                       "already_imported", "invalid", "invalid"});
  CHECK(reply.number("imported") == 2);
  CHECK(reply.number("already_imported") == 1);
  CHECK(reply.number("refused") == 4);
  const auto results = reply.json().at("results").as_array();
  CHECK(results[2].at("line") == 4);  // the blank line counts
  CHECK(results[5].at("field") == "hash");
  CHECK(results[6].at("field") == "colour");

  const Reply list = get(ada, path("/tokens?owner=all&kind=legacy&sort=created_at"));
  const auto items = list.json().at("items").as_array();
  REQUIRE(items.size() == 2);
  CHECK(items[0].at("created_at") == "2019-04-01T12:00:00.000000Z");
  CHECK(items[0].at("expires_at") == "9999-12-31T23:59:59.000000Z");
  CHECK(items[0].at("kind") == "legacy");
  CHECK(items[1].at("expires_at") == "2030-01-01T00:00:00.000000Z");
  CHECK(get(ada, path("/tokens?owner=all&kind=oauth2")).json().at("items").as_array().empty());
  CHECK(get(ada, path("/tokens?kind=other")).status == 400);
  CHECK(events_of(core::EventType::legacy_token_imported).size() == 2);
  CHECK(get(edith, path("/events?type=LegacyTokenImported")).body.find(hex_of("one")) == std::string::npos);
}

TEST_CASE_METHOD(ImportFixture, "import: hexadecimal in any case and base64url are the same hash", "[api][legacy]") {
  std::string upper = hex_of("one");
  for (char& digit : upper) digit = static_cast<char>(std::toupper(digit));
  const std::string base64 = core::crypto::base64url_encode(testing::digest_of("one").bytes);
  const std::string rest = R"(","owner":"grace","description":"old"})";
  const Reply reply =
      import(ada, line("one", "grace") + R"({"hash":")" + upper + rest + "\n" + R"({"hash":")" + base64 + rest);
  CHECK(outcomes_of(reply) == std::vector<std::string>{"imported", "already_imported", "already_imported"});
  for (const std::string& bad : {std::string(63, 'a'), std::string(64, 'g'), std::string(43, '='), std::string(44, 'A'),
                                 std::string(42, 'A'), std::string{}}) {
    CHECK(http::parse_token_hash(bad).has_error());
  }
}

TEST_CASE_METHOD(ImportFixture, "import: only an admin who is signed in may, and nobody else is told more",
                 "[api][legacy]") {
  CHECK(import(grace, line("one", "grace")).status == 403);
  CHECK(import(edith, line("one", "grace")).status == 403);
  CHECK(import(stranger, line("one", "grace")).status == 404);
  CHECK(import(root, line("one", "grace")).status == 403);
  CHECK(import(nobody, line("one", "grace")).status == 401);
  CHECK(import(ada, line("one", "grace"), "application/json").status == 415);
  CHECK(import(ada, line("one", "grace"), "Application/NDJSON; charset=utf-8").status == 200);
  CHECK(import(bearer_of(ada, "tally:tokens.write"), line("one", "grace")).status == 403);
}

TEST_CASE_METHOD(ImportFixture, "import: many lines are several appends, and none is lost at their borders",
                 "[api][legacy]") {
  std::string body;
  const std::size_t count = core::limits::kImportLinesPerCommandMax * 2 + 7;
  for (std::size_t number = 0; number < count; ++number) body += line(std::to_string(number), "grace");
  const Reply reply = import(ada, body);
  REQUIRE(reply.status == 200);
  CHECK(reply.number("imported") == static_cast<std::int64_t>(count));
  CHECK(import(ada, body).number("already_imported") == static_cast<std::int64_t>(count));
  CHECK(import(ada, "").number("imported") == 0);
}

TEST_CASE_METHOD(ImportFixture, "import: a byte order mark in front is passed over", "[api][legacy]") {
  const std::string mark = "\xef\xbb\xbf";
  CHECK(import(ada, mark + line("one", "grace") + line("two", "grace")).number("imported") == 2);
  // As of a file that was put together of two.
  CHECK(import(ada, mark + "\r\n" + mark + line("three", "grace")).number("imported") == 1);
  CHECK(import(ada, mark).json().at("results").as_array().empty());
}

TEST_CASE_METHOD(ImportFixture, "import: what was made at one time is listed in the order of the lines",
                 "[api][legacy]") {
  std::string body;
  std::vector<std::string> hashes;
  for (int number = 0; number < 200; ++number) {
    const std::string description = "old " + std::to_string(number);
    hashes.push_back(description);
    body += R"({"hash":")" + hex_of(description) +
            R"(","owner":"grace","created":"2019-04-01T12:00:00Z","description":")" + description + "\"}\n";
  }
  REQUIRE(import(ada, body).number("imported") == 200);
  std::vector<std::string> listed;
  const auto json = get(ada, path("/tokens?owner=all&kind=legacy&sort=created_at&limit=1000")).json();
  for (const auto& item : json.at("items").as_array()) listed.emplace_back(item.at("name").as_string());
  CHECK(listed == hashes);
}

TEST_CASE("import lines: wherever the pieces are cut, the same lines", "[api][legacy]") {
  const std::string text = "{\"a\":1}\r\n\n \n{\"b\":2}\nlast";
  for (std::size_t first = 0; first <= text.size(); ++first) {
    LineCutter cutter;
    std::vector<LineCutter::Line> lines;
    cutter.cut(std::string_view{text}.substr(0, first), lines);
    cutter.cut(std::string_view{text}.substr(first), lines);
    cutter.finish(lines);
    REQUIRE(lines.size() == 3);
    CHECK(lines[0].text == "{\"a\":1}\r");
    CHECK(lines[1].number == 4);
    CHECK(lines[1].text == "{\"b\":2}");
    CHECK(lines[2].number == 5);
    CHECK(lines[2].text == "last");
  }
}

TEST_CASE("import lines: a line that is too long is one bad line, and takes no more memory than its bound",
          "[api][legacy]") {
  LineCutter cutter;
  std::vector<LineCutter::Line> lines;
  for (int piece = 0; piece < 100; ++piece) cutter.cut(std::string(1'000, 'x'), lines);
  cutter.cut("\nnext\n", lines);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].is_too_long);
  CHECK(lines[0].text.size() == http::limits::kImportLineBytesMax);
  CHECK_FALSE(lines[1].is_too_long);
  CHECK(lines[1].text == "next");
}

TEST_CASE("import lines: all that is wrong with a line is told", "[api][legacy]") {
  const auto parsed = http::parse_legacy_line(R"({"hash":"x","owner":7,"created":"yesterday","more":1})", {});
  REQUIRE(parsed.has_error());
  CHECK(parsed.error().field == "hash");
  for (const char* field : {"; owner ", "; description ", "; created ", "; more "}) {
    INFO(field);
    CHECK(parsed.error().detail.find(field) != std::string::npos);
  }
}

TEST_CASE("import lines: whatever the bytes, a token or an error that tells", "[api][legacy]") {
  const core::Timestamp now = core::timestamp_of_micros(1'800'000'000'000'000);
  const std::string good =
      R"({"hash":")" + hex_of("one") + R"(","owner":"ada","description":"d","created":"2019-01-01T00:00:00Z"})";
  REQUIRE(http::parse_legacy_line(good, now).has_value());
  for (std::size_t size = 0; size < good.size(); ++size) {
    CHECK(http::parse_legacy_line(good.substr(0, size), now).has_error());
  }
  for (std::size_t index = 0; index < good.size(); ++index) {
    for (const char byte : {'\0', '"', '\\', '{', '\xff', '9'}) {
      std::string damaged = good;
      damaged[index] = byte;
      const auto parsed = http::parse_legacy_line(damaged, now);
      if (parsed.has_error()) CHECK_FALSE(parsed.error().detail.empty());
    }
  }
}
