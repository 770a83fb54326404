#include "http/formats/event_view.hpp"

#include <algorithm>
#include <utility>

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "events/memory/memory_store.hpp"
#include "tests/http/api/contract.hpp"

using namespace tally;

namespace {

core::Event event_with(core::EventPayload payload) {
  core::Event event;
  event.workspace = core::WorkspaceId{};
  event.subject = {core::SubjectKind::token, {}};
  event.payload = std::move(payload);
  return event;
}

/// One of every type, at its default: the variant's alternatives one after the other.
template <std::size_t... Index>
std::vector<core::EventPayload> one_of_each(std::index_sequence<Index...>) {
  return {core::EventPayload{std::in_place_index<Index>}...};
}

}  // namespace

TEST_CASE("event: every type has the form that the contract says", "[api][event]") {
  const auto store = events::make_memory_store();
  const projections::PeopleQueries people{*store};
  http::PeopleNames names{people};
  const testing::Contract contract;
  const auto& schema = contract.document().at("components").at("schemas").at("Event").as_object();
  for (auto& payload : one_of_each(std::make_index_sequence<std::variant_size_v<core::EventKinds>>{})) {
    if (auto* added = std::get_if<core::SigningKeyAdded>(&payload)) added->public_key = {1, 2, 3};
    if (auto* created = std::get_if<core::UserCreated>(&payload)) created->username = "ada";
    std::string text;
    http::JsonWriter json{text};
    http::write_event(json, event_with(payload), names);
    CHECK(contract.mismatch(boost::json::parse(text), schema, core::name_of(core::type_of(payload))) == "");
  }
}

TEST_CASE("event: no secret's hash and no password's verifier is ever shown", "[api][event]") {
  core::Digest hash;
  hash.bytes.fill(0xab);
  core::TokenGenerated generated;
  generated.secret_hash = hash;
  generated.access_token_hash = hash;
  core::TokenRefreshed refreshed;
  refreshed.secret_hash = hash;
  refreshed.access_token_hash = hash;
  core::ResourceServerAdded added;
  added.secret_hash = hash;
  core::UserCreated created;
  created.password_verifier = "$argon2id$abab";
  const core::PasswordChanged changed{"$argon2id$abab"};
  for (const core::EventPayload& payload :
       std::vector<core::EventPayload>{generated, refreshed, added, created, changed}) {
    std::string text;
    http::JsonWriter json{text};
    http::write_event_data(json, payload);
    CHECK(text.find("abab") == std::string::npos);
    CHECK(text.find("q6ur") == std::string::npos);  // the same bytes in base64
  }
}

TEST_CASE("csv: cells are quoted as RFC 4180 says", "[api][csv]") {
  const auto [text, cell] = GENERATE(table<std::string, std::string>({
      {"", ""},
      {"plain", "plain"},
      {"a,b", "\"a,b\""},
      {"say \"no\"", "\"say \"\"no\"\"\""},
      {"\"", "\"\"\"\""},
      {"two\nlines", "\"two\nlines\""},
      {"cr\r", "\"cr\r\""},
      {" blank ", " blank "},
      {"caf\xc3\xa9", "caf\xc3\xa9"},
  }));
  std::string out;
  http::append_csv_cell(out, text, http::CsvCells::exact);
  CHECK(out == cell);
}

TEST_CASE("csv-safe: no cell begins a formula, wherever a spreadsheet begins one", "[api][csv]") {
  const auto [text, cell] = GENERATE(table<std::string, std::string>({
      {"", ""},
      {"plain", "plain"},
      {"2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"},
      {"a=1", "a=1"},
      {"=1+1", "'=1+1"},
      {"+1", "'+1"},
      {"-1", "'-1"},
      {"@SUM(1)", "'@SUM(1)"},
      {"\t=1", "'\t'=1"},
      {"\r=1", "\"'\r'=1\""},
      {std::string{"\0=1", 3}, std::string{"'\0=1", 4}},
      {"  =1", "  '=1"},
      {"\u00a0=1", "\u00a0'=1"},
      {"\ufeff=1", "\ufeff'=1"},
      {"\u200b-1", "\u200b'-1"},
      {"\uff1d1", "'\uff1d1"},
      {"\uff0b1", "'\uff0b1"},
      {"\uff0d1", "'\uff0d1"},
      {"\uff20x", "'\uff20x"},
      {"=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""},
      {"Mozilla/5.0 (X11; Linux)", "Mozilla/5.0 (X11; Linux)"},
      {"a;=1", "a;'=1"},
      {"a; \"=1\"", "\"a; \"\"'=1\"\"\""},
      {"a\n=1", "\"a\n'=1\""},
      {"a,=1", "\"a,=1\""},
      {"'=1", "'=1"},
      {"\xff=1", "\xff=1"},
  }));
  CAPTURE(text);
  std::string out;
  http::append_csv_cell(out, text, http::CsvCells::safe);
  CHECK(out == cell);
  out.clear();
  http::append_csv_cell(out, text, http::CsvCells::exact);
  CHECK((out == text || out.front() == '"'));
}

TEST_CASE("csv: a row has the columns of the header", "[api][csv]") {
  const auto store = events::make_memory_store();
  const projections::PeopleQueries people{*store};
  http::PeopleNames names{people};
  std::string header;
  http::append_csv_header(header);
  core::Event event = event_with(core::UserDeactivated{});
  event.sequence = {7};
  event.workspace_sequence = 3;
  event.credential = {core::CredentialKind::session, {}, {}};
  event.origin.user_agent = "a \"b\", c";
  std::string row;
  http::append_csv_row(row, event, names, http::CsvCells::exact);
  CHECK(row ==
        "7,3,evt_00000000000000000000000000,UserDeactivated,1970-01-01T00:00:00.000000Z,ws_00000000000000000000000000,"
        "tok_00000000000000000000000000,token,tok_00000000000000000000000000,system,,,system,,,,\"a \"\"b\"\", "
        "c\",\"{\"\"access\"\":\"\"keep\"\"}\",session,,\r\n");
  CHECK(std::count(header.begin(), header.end(), ',') == 20);
}
