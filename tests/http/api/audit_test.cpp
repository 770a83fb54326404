#include <algorithm>

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "core/crypto/hash.hpp"
#include "tests/http/api/api_fixture.hpp"

using namespace tally;
using testing::ApiFixture;
using testing::Reply;

namespace {

using Fields = std::vector<std::string>;

std::vector<std::string> lines_of(const std::string& text, std::string_view end) {
  std::vector<std::string> lines;
  std::size_t begin = 0;
  for (std::size_t at; (at = text.find(end, begin)) != std::string::npos; begin = at + end.size()) {
    lines.push_back(text.substr(begin, at - begin));
  }
  CHECK(begin == text.size());
  return lines;
}

}  // namespace

TEST_CASE_METHOD(ApiFixture, "audit: an event says who did what, to what, when, from where and through what",
                 "[api][audit]") {
  const std::string id = generate(grace);
  const Reply disabled =
      post(ada, path("/tokens/" + id + ":disable"), R"({"reason":"rotation day","access":"revoke"})");
  const auto items = get(grace, path("/tokens/" + id + "/events")).json().at("items").as_array();
  REQUIRE(items.size() == 2);
  const auto& event = items[1].as_object();
  CHECK(std::to_string(event.at("sequence").as_int64()) == disabled.header("Tally-Sequence"));
  CHECK(event.at("type") == "TokenDisabled");
  CHECK(event.at("recorded_at").as_string() == core::to_rfc3339(now));
  CHECK(event.at("workspace_id").as_string() == workspace.str());
  CHECK(event.at("token_id").as_string() == id);
  CHECK(event.at("subject") == boost::json::value{{"kind", "token"}, {"id", id}});
  CHECK(event.at("actor") == boost::json::value{{"kind", "user"}, {"id", ada.id.str()}, {"username", "ada"}});
  CHECK(event.at("via") == "api");
  CHECK(event.at("request_id") == "request-1");
  CHECK(event.at("source_ip") == "192.0.2.7");
  CHECK(event.at("user_agent") == "test/1");
  CHECK_FALSE(event.contains("trace_id"));
  CHECK(event.at("data") ==
        boost::json::value{{"cause", "requested"}, {"access", "revoke"}, {"reason", "rotation day"}});
}

TEST_CASE_METHOD(ApiFixture, "audit: pages follow the dense numbers of the workspace", "[api][audit][paging]") {
  for (int index = 0; index < 5; ++index) generate(grace);
  std::vector<std::int64_t> numbers;
  std::string after;
  // Reading appends an event per page; the end is reached all the same.
  for (int pages = 0; pages < 50; ++pages) {
    const auto page = get(edith, path("/events?limit=3" + after)).json().as_object();
    for (const auto& item : page.at("items").as_array()) numbers.push_back(item.at("workspace_sequence").as_int64());
    if (!page.contains("next_after")) break;
    after = "&after=" + std::to_string(page.at("next_after").as_int64());
  }
  REQUIRE(numbers.size() >= 9);
  for (std::size_t index = 0; index < numbers.size(); ++index)
    CHECK(numbers[index] == static_cast<std::int64_t>(index));
}

TEST_CASE_METHOD(ApiFixture, "audit: filters", "[api][audit]") {
  const std::string mine = generate(grace);
  now += std::chrono::seconds{10};
  const std::string since = core::to_rfc3339(now);
  const std::string hers = generate(ada);
  const auto count = [&](const std::string& query) {
    return get(edith, path("/events?type=TokenGenerated,TokenDisabled" + query)).json().at("items").as_array().size();
  };
  CHECK(count("") == 2);
  CHECK(count("&token=" + mine) == 1);
  CHECK(count("&actor=" + ada.id.str()) == 1);
  CHECK(count("&since=" + since) == 1);
  CHECK(count("&until=" + since) == 1);
  CHECK(count("&actor=" + grace.id.str() + "&token=" + hers) == 0);
  CHECK(fields_of(get(edith, path("/events?type=Nonsense&limit=0"))) == Fields{"type", "limit"});
  CHECK(fields_of(get(edith, path("/events?cursor=AAAA"))) == Fields{"cursor"});
}

TEST_CASE_METHOD(ApiFixture, "audit: reading it is an event, but not an owner's reading of their own token",
                 "[api][audit]") {
  const std::string id = generate(grace);
  get(grace, path("/tokens/" + id + "/events"));
  CHECK(events_of(core::EventType::audit_read).empty());
  get(edith, path("/tokens/" + id + "/events"));
  const Reply page = get(ada, path("/events?limit=2&type=MemberAdded"));
  const auto reads = events_of(core::EventType::audit_read);
  REQUIRE(reads.size() == 2);
  CHECK(reads[0].actor == core::Actor{core::ActorKind::user, edith.id.uuid()});
  CHECK(std::get<core::AuditRead>(reads[0].payload) == core::AuditRead{"token=" + id, 1});
  CHECK(std::get<core::AuditRead>(reads[1].payload) == core::AuditRead{"type=MemberAdded", 2});
}

TEST_CASE_METHOD(ApiFixture, "audit: nothing is told if the reading can not be recorded", "[api][audit]") {
  sequencer().stop();
  CHECK(get(edith, path("/events")).status == 503);
  CHECK(get(edith, path("/events:export")).status == 503);
}

TEST_CASE_METHOD(ApiFixture, "export: the manifest's figures are those of the bytes that were sent", "[api][export]") {
  for (int index = 0; index < 3; ++index) generate(grace, R"(a \"quoted\", name)");
  const auto [format, type, end] = GENERATE(table<std::string, std::string, std::string>(
      {{"ndjson", "application/x-ndjson", "\n"}, {"csv", "text/csv; charset=utf-8; header=present", "\r\n"}}));
  const Reply reply = get(edith, path("/events:export?type=TokenGenerated,MemberAdded&format=" + format));
  REQUIRE(reply.status == 200);
  CHECK(reply.header("Content-Type") == type);
  const std::string id = reply.header("Tally-Export").value();
  const std::size_t rows = lines_of(reply.body, end).size() - (format == "csv" ? 1 : 0);
  CHECK(rows == 6);

  const Reply manifest = get(edith, path("/exports/" + id + "/manifest"));
  REQUIRE(manifest.status == 200);
  CHECK(manifest.text("export_id") == id);
  CHECK(manifest.text("format") == format);
  CHECK(manifest.text("filter") == "type=TokenGenerated,MemberAdded");
  CHECK(manifest.number("events_exported") == static_cast<std::int64_t>(rows));
  CHECK(manifest.number("bytes") == static_cast<std::int64_t>(reply.body.size()));
  CHECK(manifest.text("sha256") == core::to_hex(core::crypto::sha256(core::as_bytes(reply.body)).bytes));
  // WorkspaceCreated, six that passed, ExportStarted.
  CHECK(manifest.number("events_filtered_out") == 2);
  CHECK(events_of(core::EventType::export_started).size() == 1);
  CHECK(events_of(core::EventType::export_completed).size() == 1);
}

TEST_CASE_METHOD(ApiFixture, "export: every line is the event as the audit tells it", "[api][export]") {
  generate(grace);
  const Reply reply = get(edith, path("/events:export"));
  const auto listed = get(edith, path("/events?limit=1000")).json().at("items").as_array();
  const auto lines = lines_of(reply.body, "\n");
  REQUIRE(lines.size() >= 6);
  for (std::size_t index = 0; index < lines.size(); ++index) {
    CHECK(boost::json::parse(lines[index]) == listed[index]);
    CHECK(contract.mismatch(boost::json::parse(lines[index]),
                            contract.document().at("components").at("schemas").at("Event").as_object(), "line") == "");
  }
  CHECK(lines.back().find(R"("type":"ExportStarted")") != std::string::npos);
  CHECK(boost::json::parse(lines.back()).at("data").at("filter") == "");
}

TEST_CASE_METHOD(ApiFixture, "export: larger than one piece, the pieces are one body", "[api][export]") {
  const std::string reason(400, 'r');
  for (int index = 0; index < 400; ++index) {
    core::RecordExportStarted filler{workspace, core::draw_id<core::ExportId>(random, now), "ndjson", reason};
    must({core::ActorKind::user, edith.id.uuid()}, filler);
  }
  const Reply reply = get(edith, path("/events:export?type=ExportStarted"));
  CHECK(reply.body.size() > 200'000);
  CHECK(lines_of(reply.body, "\n").size() == 401);
  const Reply manifest = get(edith, path("/exports/" + reply.header("Tally-Export").value() + "/manifest"));
  CHECK(manifest.text("sha256") == core::to_hex(core::crypto::sha256(core::as_bytes(reply.body)).bytes));
}

TEST_CASE_METHOD(ApiFixture, "export: one that broke off has no manifest", "[api][export]") {
  const auto id = core::draw_id<core::ExportId>(random, now);
  must({core::ActorKind::user, edith.id.uuid()}, core::RecordExportStarted{workspace, id, "csv", ""});
  CHECK(get(edith, path("/exports/" + id.str() + "/manifest")).status == 409);
  CHECK(get(edith, path("/exports/exp_00000000000000000000000000/manifest")).status == 404);
  CHECK(get(edith, path("/exports/nonsense/manifest")).status == 404);
  CHECK(fields_of(get(edith, path("/events:export?format=xml&limit=3"))) == Fields{"limit", "format"});
}

TEST_CASE_METHOD(ApiFixture, "audit: the newest first, page by page, and the order says which way goes on",
                 "[api][audit]") {
  generate(grace);
  generate(ada);
  const auto forward = get(edith, path("/events?limit=1000&type=TokenGenerated,MemberAdded")).json();
  std::vector<std::int64_t> expected;
  for (const auto& event : forward.at("items").as_array()) expected.push_back(event.at("sequence").as_int64());
  std::reverse(expected.begin(), expected.end());
  std::vector<std::int64_t> seen;
  std::string before;
  for (;;) {
    const auto page =
        get(edith, path("/events?order=newest&limit=2&type=TokenGenerated,MemberAdded" + before)).json().as_object();
    for (const auto& event : page.at("items").as_array()) seen.push_back(event.at("sequence").as_int64());
    CHECK_FALSE(page.contains("next_after"));
    if (!page.contains("next_before")) break;
    before = "&before=" + std::to_string(page.at("next_before").as_int64());
  }
  CHECK(seen == expected);
  CHECK(fields_of(get(edith, path("/events?order=newest&after=1"))) == Fields{"after"});
  CHECK(fields_of(get(edith, path("/events?before=1"))) == Fields{"before"});
  CHECK(fields_of(get(edith, path("/events?order=sideways&before=x"))) == Fields{"order", "before"});
  const auto reads = events_of(core::EventType::audit_read);
  CHECK(std::get<core::AuditRead>(reads.back().payload).filter.find("order=newest&before=") != std::string::npos);
}

TEST_CASE_METHOD(ApiFixture, "audit: a token's own history, the newest first", "[api][audit]") {
  const std::string id = generate(grace);
  post(grace, path("/tokens/" + id + ":disable"), "{}");
  const auto items = get(grace, path("/tokens/" + id + "/events?order=newest")).json().at("items").as_array();
  REQUIRE(items.size() == 2);
  CHECK(items[0].at("type") == "TokenDisabled");
  CHECK(items[1].at("type") == "TokenGenerated");
}
