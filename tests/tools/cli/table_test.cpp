#include "tools/cli/table.hpp"

#include <catch2/catch.hpp>

namespace tally::tools {

TEST_CASE("table: columns are aligned, and no line ends in blanks", "[tools][table]") {
  Table table;
  table.column("ID").column("NAME", Fit::cut);
  table.row({"tok_1", "a"}).row({"tok_22", "bcd"}).row({"tok_3", ""});
  CHECK(table.render(0) ==
        "ID      NAME\n"
        "tok_1   a\n"
        "tok_22  bcd\n"
        "tok_3\n");
}

TEST_CASE("table: a terminal's width cuts the columns that may be cut, and never an id", "[tools][table]") {
  Table table;
  table.column("ID").column("NAME", Fit::cut).column("NOTE", Fit::cut);
  table.row({"tok_0123456789", "a name of thirty characters...", "short"});
  CHECK(table.render(36) ==
        "ID              NAME           NOTE\n"
        "tok_0123456789  a name of th…  short\n");
  // Too narrow for anything: the ids stay whole and the line is longer.
  const std::string narrow = table.render(10);
  CHECK_THAT(narrow, Catch::Contains("tok_0123456789  a name …  short"));
}

TEST_CASE("table: widths are of what is seen, not of bytes", "[tools][table]") {
  const auto [text, width] = GENERATE(table<std::string, std::size_t>(
      {{"abc", 3}, {"Žluť", 4}, {"日本", 4}, {"e\u0301", 1}, {"\xFF", 1}, {"", 0}, {"a\u200Bb", 2}}));
  CAPTURE(text);
  CHECK(display_width(text) == width);
}

TEST_CASE("table: a cut never splits a character", "[tools][table]") {
  CHECK(cut_to_width("日本語", 6) == "日本語");
  CHECK(cut_to_width("日本語", 5) == "日本…");
  CHECK(cut_to_width("日本語", 4) == "日…");
  CHECK(cut_to_width("abc", 1) == "…");
  CHECK(cut_to_width("abc", 0).empty());
}

TEST_CASE("table: what could steer a terminal is shown as a replacement character", "[tools][table]") {
  CHECK(printable("a\x1B[31mb") == "a\uFFFD[31mb");
  CHECK(printable("a\nb\tc\x7F") == "a\uFFFDb\uFFFDc\uFFFD");
  CHECK(printable("\u202Eabc") == "\uFFFDabc");
  CHECK(printable("\xC0\xAF \xED\xA0\x80") == "\uFFFD\uFFFD \uFFFD\uFFFD\uFFFD");
  CHECK(printable("Žluť 日本") == "Žluť 日本");
}

TEST_CASE("fact sheet: values are aligned, and what is empty is left out", "[tools][table]") {
  FactSheet facts;
  facts.fact("Token", "build robot").fact("Owner", "").fact("Id", "tok_1");
  CHECK(facts.render() ==
        "Token  build robot\n"
        "Id     tok_1\n");
}

}  // namespace tally::tools
