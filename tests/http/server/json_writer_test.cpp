#include "http/server/json_writer.hpp"

#include <functional>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <catch2/catch.hpp>

#include "core/base/time.hpp"
#include "core/base/unicode.hpp"
#include "tests/support/aborts.hpp"
#include "tests/support/seeded_random.hpp"

using tally::http::JsonWriter;
using tally::testing::SeededRandom;

namespace {

std::string written(std::string_view text) {
  std::string out;
  JsonWriter{out}.value(text);
  return out;
}

std::string random_text(SeededRandom& random, std::uint64_t byte_end) {
  std::string text(random.below(40), '\0');
  for (char& character : text) character = static_cast<char>(random.below(byte_end));
  return text;
}

/// Writes a random tree and builds the same one with Boost.JSON.
void write_tree(JsonWriter& json, boost::json::value& same, SeededRandom& random, unsigned depth) {
  const std::uint64_t kind = random.below(depth == 0 ? 5 : 7);
  const auto size = random.below(4);
  if (kind == 0) {
    json.null();
    same = nullptr;
  } else if (kind == 1) {
    const bool truth = random.below(2) == 1;
    json.value(truth);
    same = truth;
  } else if (kind == 2) {
    const auto number = static_cast<std::int64_t>(random.below(~0ULL));
    json.value(number);
    same = number;
  } else if (kind == 3) {
    const std::uint64_t number = random.below(~0ULL);
    json.value(number);
    same = number;
  } else if (kind == 4) {
    const std::string text = random_text(random, 128);
    json.value(text);
    same = text;
  } else if (kind == 5) {
    boost::json::array& array = same.emplace_array();
    json.begin_array();
    for (std::uint64_t index = 0; index < size; ++index) {
      write_tree(json, array.emplace_back(nullptr), random, depth - 1);
    }
    json.end_array();
  } else {
    boost::json::object& object = same.emplace_object();
    json.begin_object();
    for (std::uint64_t index = 0; index < size; ++index) {
      const std::string name = std::to_string(index) + random_text(random, 128);
      json.key(name);
      write_tree(json, object[name], random, depth - 1);
    }
    json.end_object();
  }
}

}  // namespace

TEST_CASE("json: strings are escaped so that they stay strings", "[http][json]") {
  const auto [text, json] = GENERATE(table<std::string, std::string>({
      {"", R"("")"},
      {"plain", R"("plain")"},
      {"a\"b", R"("a\"b")"},
      {"a\\b", R"("a\\b")"},
      {"a\nb\rc\td", R"("a\nb\rc\td")"},
      {std::string("\0\x1f\x7f", 3), "\"\\u0000\\u001f\x7f\""},
      {"ä€🔑", "\"ä€🔑\""},
      {"\xFF", "\"\xEF\xBF\xBD\""},
      {"\xC3", "\"\xEF\xBF\xBD\""},
      {"\xC3(", "\"\xEF\xBF\xBD(\""},
      {"\xED\xA0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
  }));
  CHECK(written(text) == json);
}

TEST_CASE("json: members, arrays and nested objects get their commas", "[http][json]") {
  std::string out;
  {
    JsonWriter json{out};
    json.begin_object().member("a", 1).member("b", true);
    json.key("c").begin_array().value("x").begin_object().end_object().null().end_array();
    json.member_if("left_out", std::optional<std::uint64_t>{}).member_if("d", std::optional<std::uint64_t>{7});
    json.key("e").begin_object().key("f").raw("[1]").end_object();
    json.member("small", std::uint32_t{3}).end_object();
  }
  CHECK(out == R"({"a":1,"b":true,"c":["x",{},null],"d":7,"e":{"f":[1]},"small":3})");
}

TEST_CASE("json: a time is RFC 3339", "[http][json]") {
  std::string out;
  JsonWriter{out}.value(tally::core::timestamp_of_micros(1'500'000));
  CHECK(out == R"("1970-01-01T00:00:01.500000Z")");
}

TEST_CASE("json: the ends of the number ranges", "[http][json]") {
  std::string out;
  {
    JsonWriter json{out};
    json.begin_array().value(std::numeric_limits<std::uint64_t>::max());
    json.value(std::numeric_limits<std::int64_t>::min()).end_array();
  }
  CHECK(out == "[18446744073709551615,-9223372036854775808]");
}

TEST_CASE("json: whatever tree is written is read back the same", "[http][json][property]") {
  const auto seed = GENERATE(range(0, 300));
  CAPTURE(seed);
  SeededRandom random{static_cast<std::uint64_t>(seed)};
  std::string out;
  boost::json::value same;
  {
    JsonWriter json{out};
    write_tree(json, same, random, 5);
  }
  boost::json::error_code error;
  const boost::json::value read = boost::json::parse(out, error);
  CAPTURE(out);
  REQUIRE_FALSE(error);
  // Boost.JSON compares 5 and 5u as equal, and that is what JSON means.
  CHECK(read == same);
}

TEST_CASE("json: any bytes at all make valid JSON, and UTF-8 comes back unchanged", "[http][json][property]") {
  const auto seed = GENERATE(range(0, 500));
  CAPTURE(seed);
  SeededRandom random{static_cast<std::uint64_t>(seed)};
  const std::string text = random_text(random, 256);
  boost::json::error_code error;
  const boost::json::value read = boost::json::parse(written(text), error);
  REQUIRE_FALSE(error);
  if (tally::core::unicode::is_utf8(text)) CHECK(read.as_string() == text);
}

TEST_CASE("json: misuse of the writer is a failed check", "[http][json]") {
  using Misuse = std::function<void(JsonWriter&)>;
  const auto [what, misuse] = GENERATE(table<std::string, Misuse>({
      {"a value without a key", [](JsonWriter& json) { json.begin_object().value(1); }},
      {"two keys", [](JsonWriter& json) { json.begin_object().key("a").key("b"); }},
      {"a key in an array", [](JsonWriter& json) { json.begin_array().key("a"); }},
      {"a key at the root", [](JsonWriter& json) { json.key("a"); }},
      {"a key without a value", [](JsonWriter& json) { json.begin_object().key("a").end_object(); }},
      {"the wrong bracket", [](JsonWriter& json) { json.begin_object().end_array(); }},
      {"a bracket too much", [](JsonWriter& json) { json.begin_object().end_object().end_object(); }},
      {"two roots", [](JsonWriter& json) { json.value(1).value(2); }},
  }));
  CAPTURE(what);
  const auto run = [act = misuse] {
    std::string out;
    JsonWriter json{out};
    act(json);
  };
  CHECK(tally::testing::aborts(run));
}

TEST_CASE("json: whoever stops in between harms nobody", "[http][json]") {
  std::string out;
  {
    JsonWriter json{out};
    json.begin_object().key("items").begin_array();
  }
  CHECK(out == R"({"items":[)");
}
