#include <algorithm>

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "core/limits.hpp"
#include "http/api/openapi_document.hpp"
#include "tests/http_api/api_fixture.hpp"

using namespace tally;
using testing::ApiFixture;
namespace json = boost::json;

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
      {"/parameters/Limit/schema/default", limits::kPageItemsDefault},
      {"/parameters/DPoP/schema/maxLength", limits::kProofBytesMax},
      {"/parameters/IdempotencyKey/schema/maxLength", limits::kIdempotencyKeyBytesMax},
      {"/schemas/TokenPage/properties/items/maxItems", limits::kPageItemsMax},
      {"/schemas/Batch/properties/ids/maxItems", limits::kIdsPerBulkCallMax},
      {"/schemas/EventCounts/properties/items/maxItems", limits::kCountedDaysMax},
      {"/schemas/ImportResult/properties/results/maxItems", limits::kImportLinesMax},
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
  CHECK(said == "The request target is longer than " + std::to_string(core::limits::kTargetBytesMax >> 10) + " KiB.");
}

TEST_CASE("openapi: not a byte of it is a blank that means nothing", "[api][openapi]") {
  const std::string_view document = http::api::openapi_document();
  CHECK(json::serialize(json::parse(document)) == document);
}

TEST_CASE("openapi, health, readiness: anybody may ask", "[api][service]") {
  ApiFixture fixture;
  CHECK(fixture.get(fixture.nobody, "/openapi.json").body == http::api::openapi_document());
  CHECK(fixture.get(fixture.nobody, "/healthz").text("status") == "ok");
  CHECK(fixture.get(fixture.nobody, "/readyz").text("status") == "ready");
  fixture.readiness = core::fail(core::Errc::stopping, "draining");
  CHECK(fixture.get(fixture.nobody, "/readyz").status == 503);
  CHECK(fixture.get(fixture.nobody, "/healthz").status == 200);
}
