#include "http/server/content_negotiation.hpp"

#include <catch2/catch.hpp>

using namespace tally::http;

namespace {

constexpr Offered kBoth{true, true};

}  // namespace

TEST_CASE("coding: what the client likes best, and of equals the smallest", "[http][coding]") {
  const auto [accepted, coding] = GENERATE(table<std::string, Coding>({
      {"gzip", Coding::gzip},
      {"gzip, deflate, br, zstd", Coding::brotli},
      {"br", Coding::brotli},
      {"BR", Coding::brotli},
      {"x-gzip", Coding::gzip},
      {"gzip;q=1.0, br;q=0.5", Coding::gzip},
      {"gzip ; q=0.2 , br ; q=0.9", Coding::brotli},
      {"br;q=0, gzip", Coding::gzip},
      {"*", Coding::brotli},
      {"*;q=0.1, br;q=0", Coding::gzip},
      {"*;q=0", Coding::identity},
      {"identity", Coding::identity},
      {"identity, gzip", Coding::gzip},
      {"identity;q=1, gzip;q=0.5", Coding::identity},
      {"identity;q=0", Coding::identity},
      {"deflate, zstd", Coding::identity},
      {"gzip;q=0", Coding::identity},
      {"", Coding::identity},
  }));
  INFO(accepted);
  CHECK(choose_coding(accepted, kBoth) == coding);
}

TEST_CASE("coding: nothing said is identity, and nothing is sent that there is not", "[http][coding]") {
  CHECK(choose_coding(std::nullopt, kBoth) == Coding::identity);
  CHECK(choose_coding("br, gzip", {}) == Coding::identity);
  CHECK(choose_coding("br, gzip", {true, false}) == Coding::gzip);
  CHECK(choose_coding("br;q=1, gzip;q=0.1", {true, false}) == Coding::gzip);
}

TEST_CASE("coding: an element out of form counts for nothing, and the next one does", "[http][coding][damage]") {
  const std::string damaged = GENERATE(values<std::string>({
      "br;q=2",
      "br;q=1.001",
      "br;q=0.5555",
      "br;q=-1",
      "br;q=",
      "br;q",
      "br;x=1",
      "br;q=.5",
      "br;q=0,5x",
      "br;q=1.1",
      "br;q=0.5;q=1",
      ";q=1",
      "\"br\"",
      "b r",
      "br;q=a",
      "brr",
      "br\x01",
  }));
  INFO(damaged);
  CHECK(choose_coding(damaged, kBoth) == Coding::identity);
  CHECK(choose_coding(damaged + ", gzip", kBoth) == Coding::gzip);
}

TEST_CASE("coding: odd separators", "[http][coding][damage]") {
  CHECK(choose_coding(",,, ,gzip,,", kBoth) == Coding::gzip);
  CHECK(choose_coding("\tgzip\t;\tq=1\t", kBoth) == Coding::gzip);
  CHECK(choose_coding(std::string(10'000, ','), kBoth) == Coding::identity);
  CHECK(choose_coding(";", kBoth) == Coding::identity);
}

TEST_CASE("entity tag: named alone, among others, weak, or by a star", "[http][coding]") {
  const std::string tag = "\"0123-br\"";
  for (const char* same : {"\"0123-br\"", "W/\"0123-br\"", "*", " * ", "\"other\", \"0123-br\"",
                           "\"a,b\",W/\"0123-br\"", "  \"0123-br\"  ", ",, \"0123-br\""}) {
    INFO(same);
    CHECK(matches_entity_tag(same, tag));
  }
  for (const char* different : {"", "\"0123\"", "\"0123-gzip\"", "0123-br", "\"0123-br", "w/\"0123-br\"",
                                "\"x\" 0123-br", "W/", "\"", "W", "*, \"x\"", "x, \"0123-br\"", "\"0123-BR\""}) {
    INFO(different);
    CHECK_FALSE(matches_entity_tag(different, tag));
  }
}
