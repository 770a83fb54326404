#include "http/frame/json_reader.hpp"

#include <catch2/catch.hpp>

#include "tests/support/fake_request.hpp"

using namespace tally;
using http::JsonReader;
using http::Presence;

namespace {

testing::FakeRequest request_with(const std::string& body, const std::string& type = "application/json") {
  return {http::Method::post, "/x", {{"Content-Type", type}}, body, core::Timestamp{}};
}

/// The fields complained about by a handler that wants a text `name` and a whole number `days` from 1 to 365.
std::vector<std::string> complaints(const std::string& body) {
  const auto request = request_with(body);
  auto reader = JsonReader::parse(request);
  if (reader.has_error()) return {"(body)"};
  reader->text("name");
  reader->whole_number("days", 1, 365);
  const auto finished = reader->finish();
  std::vector<std::string> fields;
  if (finished.has_error()) {
    for (const core::Error& error : finished.error().errors) fields.push_back(error.field);
  }
  return fields;
}

using Fields = std::vector<std::string>;

}  // namespace

TEST_CASE("json: what is wrong is told by field, all of it at once", "[api][json]") {
  const auto [body, fields] = GENERATE(table<std::string, Fields>({
      {R"({"name":"a","days":1})", {}},
      {R"( { "days" : 365 , "name" : "\u00e9" } )", {}},
      {R"({})", {"name", "days"}},
      {R"({"name":7,"days":"x","more":true})", {"name", "days", "more"}},
      {R"({"name":null,"days":null})", {"name", "days"}},
      {R"({"name":{"a":{"b":1}},"days":[1]})", {"name", "days"}},
      {R"({"name":"a","days":0})", {"days"}},
      {R"({"name":"a","days":366})", {"days"}},
      {R"({"name":"a","days":-1})", {"days"}},
      {R"({"name":"a","days":90.0})", {}},
      {R"({"name":"a","days":9e1})", {}},
      {R"({"name":"a","days":90.5})", {"days"}},
      {R"({"name":"a","days":366.0})", {"days"}},
      {R"({"name":"a","days":99999999999999999999})", {"days"}},
      {R"({"name":"a","days":9223372036854775808})", {"days"}},
      {R"({"name":"a","days":1,"name":"b"})", {"name"}},
      {R"({"name":"a","\u006eame":"b","days":1})", {"name"}},
      {R"({"Name":"a","name":"a","days":1})", {"Name"}},
  }));
  CAPTURE(body);
  CHECK(complaints(body) == fields);
}

TEST_CASE("json: what a rule of the domain refuses is told with the rest", "[api][json]") {
  const auto rule = [](std::string_view text) -> core::Result<std::string> {
    if (text == "bad") return core::invalid("elsewhere", "is bad");
    return std::string{text} + "!";
  };
  const auto [body, made, message] = GENERATE(table<std::string, std::string, std::string>({
      {R"({"rule":"good","more":1})", "good!", ""},
      {R"({"rule":"bad","more":1})", "bad", "is bad"},
      {R"({"rule":7,"more":1})", "", "must be a text"},
      {R"({"more":1})", "", "is missing"},
  }));
  CAPTURE(body);
  const auto request = request_with(body);
  auto reader = JsonReader::parse(request);
  CHECK(reader->text_by(rule, "rule") == made);
  const auto finished = reader->finish();
  REQUIRE(finished.has_error());
  const auto& errors = finished.error().errors;
  REQUIRE(errors.size() == (message.empty() ? 1 : 2));
  CHECK(errors.back().field == "more");
  if (!message.empty()) {
    CHECK(errors.front().field == "rule");
    CHECK(errors.front().detail == message);
  }
}

TEST_CASE("json: what is no JSON object is refused as a whole", "[api][json]") {
  const auto body = GENERATE(values<std::string>({
      "",
      " ",
      "{",
      "}",
      "[]",
      "\"x\"",
      "7",
      "null",
      "true",
      "{\"name\":\"a\",}",
      "{\"name\":\"a\"} x",
      "{'name':'a'}",
      "{\"days\":NaN}",
      "{\"days\":01}",
      "{\"name\":\"\xff\"}",
      "{\"name\":\"\xed\xa0\x80\"}",
      "{\"name\":\"\\ud800\"}",
      "{\"name\":\"a\nb\"}",
      "{\"a\":[[[[[[[[[[1]]]]]]]]]]}",
      "\xef\xbb\xbf",
      "\xef\xbb\xbf\xef\xbb\xbf{}",
      " \xef\xbb\xbf{}",
      "// c\n{}",
  }));
  CAPTURE(body);
  CHECK(complaints(body) == Fields{"(body)"});
}

TEST_CASE("json: bounds hold", "[api][json]") {
  std::string many_fields = "{";
  for (int field = 0; field < 65; ++field) many_fields += (field ? ",\"f" : "\"f") + std::to_string(field) + "\":1";
  CHECK(complaints(many_fields + "}") == Fields{"(body)"});
  std::string many_items = R"({"name":["a")";
  for (int item = 0; item < 1'000; ++item) many_items += ",\"a\"";
  CHECK(complaints(many_items + "]}") == Fields{"(body)"});
  CHECK(complaints("{\"" + std::string(2'000, 'k') + "\":1}") == Fields{"(body)"});
}

TEST_CASE("json: a list of texts is only that", "[api][json]") {
  const auto items_of = [](const std::string& body) {
    const auto request = request_with(body);
    auto reader = JsonReader::parse(request);
    REQUIRE(reader.has_value());
    auto items = reader->texts("ids");
    if (reader->finish().has_error()) return std::vector<std::string>{"(refused)"};
    return items;
  };
  CHECK(items_of(R"({"ids":[]})").empty());
  CHECK(items_of(R"({"ids":["a","b"]})") == std::vector<std::string>{"a", "b"});
  for (const char* bad :
       {R"({"ids":["a",1]})", R"({"ids":[1,"a"]})", R"({"ids":[["a"]]})", R"({"ids":["a",["b"]]})",
        R"({"ids":[{"a":"b"},"c"]})", R"({"ids":"a"})", R"({"ids":{"a":"b"}})", R"({"ids":[null]})"}) {
    CAPTURE(bad);
    CHECK(items_of(bad) == std::vector<std::string>{"(refused)"});
  }
}

TEST_CASE("json: the content type must say so", "[api][json]") {
  const auto status_of = [](const std::string& type) {
    const auto request = request_with("{}", type);
    const auto reader = JsonReader::parse(request);
    return reader.has_error() ? reader.error().http_status : 0U;
  };
  for (const char* good :
       {"application/json", "Application/JSON", "application/json; charset=utf-8", "application/json ;x=y"}) {
    CHECK(status_of(good) == 0);
  }
  for (const char* bad :
       {"", "text/plain", "application/jsonp", "application/x-www-form-urlencoded", "json", "; application/json"}) {
    CAPTURE(bad);
    CHECK(status_of(bad) == 415);
  }
}

TEST_CASE("json: a byte order mark in front is passed over", "[api][json]") {
  CHECK(complaints("\xef\xbb\xbf{\"name\":\"a\",\"days\":1}").empty());
  CHECK(complaints("{\"name\":\"\xef\xbb\xbf\",\"days\":1}").empty());
}

TEST_CASE("json: a number that is not whole is told what it must be", "[api][json]") {
  const auto request = request_with(R"({"days":90.5})");
  auto reader = JsonReader::parse(request);
  REQUIRE(reader.has_value());
  reader->whole_number("days", 1, 365);
  const auto finished = reader->finish();
  REQUIRE(finished.has_error());
  CHECK(finished.error().errors.front().detail == "must be a whole number from 1 to 365");
}
