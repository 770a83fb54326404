#include <algorithm>
#include <zlib.h>

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "core/base/limits.hpp"
#include "core/event/event.hpp"
#include "http/api/openapi_document.hpp"
#include "http/formats/export_formats.hpp"
#include "http/server/limits.hpp"
#include "tests/http/api/api_fixture.hpp"

using namespace tally;
using testing::ApiFixture;
namespace json = boost::json;

namespace {

/// A call past the contract, which reads no compressed body.
testing::Call asking(testing::Headers headers) { return {http::Method::get, "/openapi.json", std::move(headers), {}}; }

/// RFC 1952, by zlib itself.
std::string inflated(const std::string& bytes) {
  std::string text(1 << 20, '\0');
  z_stream stream{};
  REQUIRE(inflateInit2(&stream, 16 + MAX_WBITS) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  CHECK(inflate(&stream, Z_FINISH) == Z_STREAM_END);
  text.resize(stream.total_out);
  inflateEnd(&stream);
  return text;
}

}  // namespace

TEST_CASE("openapi: the operations are the routes, each of them and no other", "[api][openapi]") {
  const ApiFixture fixture;
  std::vector<std::string> routes;
  for (const http::Route& route : fixture.router.routes()) {
    if (route.method == http::Method::other) continue;  // OpenAPI has no name for "any other"
    routes.push_back(testing::method_name(route.method) + " " + route.pattern);
  }
  std::sort(routes.begin(), routes.end());
  CHECK(routes == fixture.contract.operations());
}

TEST_CASE("openapi: the types of events are those that there are", "[api][openapi]") {
  const testing::Contract contract;
  const json::array& types = contract.document().at("components").at("schemas").at("EventType").at("enum").as_array();
  for (const json::value& type : types) {
    INFO(type.as_string());
    CHECK(core::parse_event_type(std::string_view{type.as_string()}).has_value());
  }
  CHECK(types.size() == std::variant_size_v<core::EventKinds>);
}

TEST_CASE("openapi: the formats of the export are those that there are", "[api][openapi]") {
  const testing::Contract contract;
  json::array formats;
  for (const http::ExportFormat& format : http::export_formats()) formats.emplace_back(format.name);
  CHECK(contract.document().at("components").at("schemas").at("ExportFormat").at("enum") == formats);
}

TEST_CASE("openapi: every example has the form of its schema", "[api][openapi]") {
  const testing::Contract contract;
  std::size_t examples = 0;
  const auto check = [&](const json::object& content, const std::string& where) {
    for (const auto& [type, media] : content) {
      const json::value* all = media.as_object().if_contains("examples");
      if (all == nullptr) continue;
      for (const auto& [name, example] : all->as_object()) {
        CHECK(contract.mismatch(example.at("value"), media.at("schema").as_object(), where) == "");
        ++examples;
      }
    }
  };
  for (const auto& [path, item] : contract.document().at("paths").as_object()) {
    for (const auto& [method, operation] : item.as_object()) {
      const std::string where = std::string{method} + " " + std::string{path};
      if (const auto* body = operation.as_object().if_contains("requestBody")) {
        check(body->at("content").as_object(), where + " body");
      }
      for (const auto& [status, response] : operation.at("responses").as_object()) {
        const json::object& resolved = contract.resolve(response.as_object());
        if (const auto* content = resolved.if_contains("content")) {
          check(content->as_object(), where + " " + std::string{status});
        }
      }
    }
  }
  CHECK(examples > 100);
}

TEST_CASE("openapi: the path's parameters are those of its template", "[api][openapi]") {
  const testing::Contract contract;
  for (const auto& [path, item] : contract.document().at("paths").as_object()) {
    for (const auto& [method, operation] : item.as_object()) {
      std::string rebuilt{path};
      std::size_t in_path = 0;
      if (const auto* parameters = operation.as_object().if_contains("parameters")) {
        for (const json::value& parameter : parameters->as_array()) {
          const json::object& resolved = contract.resolve(parameter.as_object());
          if (resolved.at("in") != "path") continue;
          ++in_path;
          CHECK(rebuilt.find("{" + std::string{resolved.at("name").as_string()} + "}") != std::string::npos);
        }
      }
      CHECK(in_path == static_cast<std::size_t>(std::count(rebuilt.begin(), rebuilt.end(), '{')));
    }
  }
}

TEST_CASE("openapi: bounds are those of the limits, as the compiler has them", "[api][openapi]") {
  namespace limits = core::limits;
  const auto [place, bound] = GENERATE(table<std::string, std::uint64_t>({
      {"/parameters/Limit/schema/maximum", limits::kPageItemsMax},
      {"/parameters/Limit/schema/default", http::limits::kPageItemsDefault},
      {"/parameters/DPoP/schema/maxLength", http::limits::kProofBytesMax},
      {"/parameters/IdempotencyKey/schema/maxLength", http::limits::kIdempotencyKeyBytesMax},
      {"/schemas/TokenPage/properties/items/maxItems", limits::kPageItemsMax},
      {"/schemas/Batch/properties/ids/maxItems", limits::kIdsPerBulkCallMax},
      {"/schemas/EventCounts/properties/items/maxItems", http::limits::kCountedDaysMax},
      {"/schemas/ImportResult/properties/results/maxItems", http::limits::kImportLinesMax},
      {"/schemas/NewToken/properties/lifetime_days/minimum", limits::kLifetimeDaysMin},
      {"/schemas/NewToken/properties/lifetime_days/maximum", limits::kLifetimeDaysMax},
      {"/schemas/Policy/properties/access_token_seconds/minimum", limits::kAccessTokenSecondsMin},
      {"/schemas/Policy/properties/access_token_seconds/maximum", limits::kAccessTokenSecondsMax},
      {"/schemas/Policy/properties/refresh_retry_seconds/maximum", limits::kRefreshRetrySecondsMax},
      {"/schemas/Policy/properties/max_active_tokens_per_user/maximum", limits::kActiveTokensPerUserMax},
      {"/schemas/Policy/properties/allowed_scopes/maxItems", limits::kScopesPerWorkspaceMax},
      {"/schemas/Policy/properties/allowed_scopes/items/maxLength", limits::kScopeBytesMax},
      {"/schemas/Username/maxLength", limits::kUsernameBytesMax},
      {"/schemas/User/properties/email/maxLength", limits::kEmailBytesMax},
      {"/schemas/Reason/maxLength", limits::kReasonCharactersMax},
      {"/schemas/ResourceUri/maxLength", limits::kResourceBytesMax},
  }));
  INFO(place);
  static const testing::Contract contract;
  json::error_code failure;
  const json::value* said = contract.document().at("components").find_pointer(place, failure);
  REQUIRE(said != nullptr);
  CHECK(said->to_number<std::uint64_t>() == bound);
}

TEST_CASE("openapi: a text says a bound as the limits have it", "[api][openapi]") {
  const testing::Contract contract;
  const auto& too_long = contract.document().at("components").at("responses").at("TargetTooLong").as_object();
  const std::string said{too_long.at("description").as_string()};
  CHECK(said == "The request target is longer than " + std::to_string(http::limits::kTargetBytesMax >> 10) + " KiB.");
}

TEST_CASE("openapi: not a byte of it is a blank that means nothing", "[api][openapi]") {
  const std::string_view document = http::openapi_document();
  CHECK(json::serialize(json::parse(document)) == document);
}

TEST_CASE_METHOD(ApiFixture, "openapi: compressed for whoever takes that, and the same document", "[api][openapi]") {
  const testing::Reply plain = get(nobody, "/openapi.json");
  CHECK(plain.body == http::openapi_document());
  CHECK_FALSE(plain.header("Content-Encoding").has_value());
  CHECK(plain.header("Vary") == "Accept-Encoding");
  const testing::Reply compressed = call(asking({{"Accept-Encoding", "gzip, br"}}));
  CHECK(compressed.status == 200);
  CHECK(compressed.header("Content-Encoding") == "gzip");
  CHECK(compressed.header("Content-Type") == "application/json");
  CHECK(compressed.header("Vary") == "Accept-Encoding");
  CHECK(compressed.body.size() < 32 * 1024);
  CHECK(inflated(compressed.body) == plain.body);
  CHECK(get(nobody, "/openapi.json", {{"Accept-Encoding", "br, gzip;q=0"}}).body == plain.body);
}

TEST_CASE_METHOD(ApiFixture, "openapi: who has it is told so, in the form that they have", "[api][openapi]") {
  const testing::Reply plain = get(nobody, "/openapi.json");
  const testing::Reply compressed = call(asking({{"Accept-Encoding", "gzip"}}));
  const std::string tag = plain.header("ETag").value();
  const std::string compressed_tag = compressed.header("ETag").value();
  CHECK(tag.starts_with('"'));
  CHECK(compressed_tag.starts_with('"'));
  CHECK(tag != compressed_tag);
  CHECK(plain.header("Cache-Control") == "no-cache");
  for (const std::string& known : {tag, "\"other\", W/" + tag, std::string{"*"}}) {
    INFO(known);
    const testing::Reply again = get(nobody, "/openapi.json", {{"If-None-Match", known}});
    CHECK(again.status == 304);
    CHECK(again.body.empty());
    CHECK(again.header("ETag") == tag);
    CHECK(again.header("Cache-Control") == "no-cache");
    CHECK(again.header("Vary") == "Accept-Encoding");
  }
  const testing::Headers takes_gzip{{"Accept-Encoding", "gzip"}, {"If-None-Match", compressed_tag}};
  CHECK(get(nobody, "/openapi.json", takes_gzip).status == 304);
  CHECK(get(nobody, "/openapi.json", {{"If-None-Match", compressed_tag}}).status == 200);
  CHECK(get(nobody, "/openapi.json", {{"If-None-Match", "\"other\""}}).status == 200);
}

TEST_CASE_METHOD(ApiFixture, "openapi: HEAD says what GET would", "[api][openapi]") {
  const testing::Reply got = get(nobody, "/openapi.json");
  const testing::Reply head = send(nobody, http::Method::head, "/openapi.json");
  CHECK(head.status == 200);
  CHECK(head.headers == got.headers);
  const testing::Headers known{{"If-None-Match", got.header("ETag").value()}};
  CHECK(send(nobody, http::Method::head, "/openapi.json", {}, known).status == 304);
}

TEST_CASE("openapi, health, readiness: anybody may ask", "[api][service]") {
  ApiFixture fixture;
  CHECK(fixture.get(fixture.nobody, "/openapi.json").body == http::openapi_document());
  CHECK(fixture.get(fixture.nobody, "/healthz").text("status") == "ok");
  CHECK(fixture.get(fixture.nobody, "/readyz").text("status") == "ready");
  fixture.readiness = core::fail(core::Errc::stopping, "draining");
  CHECK(fixture.get(fixture.nobody, "/readyz").status == 503);
  CHECK(fixture.get(fixture.nobody, "/readyz?for=read").text("status") == "ready");
  CHECK(fixture.get(fixture.nobody, "/readyz?for=write").status == 400);
  CHECK(fixture.get(fixture.nobody, "/readyz?of=read").status == 400);
  fixture.readiness = core::fail(core::Errc::corrupt, "3 findings");
  const testing::Reply damaged = fixture.get(fixture.nobody, "/readyz");
  CHECK(damaged.status == 503);
  CHECK(damaged.text("code") == "ledger_damaged");
  CHECK(damaged.text("detail") == "the ledger is damaged; the log says where");
  fixture.readiness = core::fail(core::Errc::io_failed, "the anchor /var/lib/tally/anchor: no such file");
  const testing::Reply failing = fixture.get(fixture.nobody, "/readyz");
  CHECK(failing.status == 503);
  CHECK(failing.text("code") == "not_ready");
  CHECK(failing.body.find("/var/lib") == std::string::npos);
  CHECK(fixture.get(fixture.nobody, "/healthz").status == 200);
}
