#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <vector>

#include <catch2/catch.hpp>

#include "events/store/family.hpp"
#include "projections/fold/projections.hpp"
#include "projections/rows/access_rows.hpp"
#include "projections/rows/ending_row.hpp"
#include "projections/rows/idempotency_rows.hpp"
#include "projections/rows/person_row.hpp"
#include "projections/rows/signing_key_row.hpp"
#include "projections/rows/small_rows.hpp"
#include "projections/rows/token_row.hpp"
#include "projections/rows/workspace_rows.hpp"
#include "tests/projections/rows/row_form.hpp"

// Two tables of docs/formats.md are made here. TALLY_WRITE_FORMATS=1 writes them into the page.
namespace tally {
namespace {

using events::Family;
using events::FamilyKind;
using projections::form_of;

const char* const kPage = TALLY_DOCS_FOLDER "/formats.md";

/// A form that a family's values have, and, if there are others, what tells it from them.
struct Form {
  Family family;
  std::string_view which;
  std::string (*text)();
};

std::string empty() { return "empty"; }

constexpr std::array kForms{
    Form{Family::meta, "", [] { return std::string{"[below](#the-rows-of-meta)"}; }},
    Form{Family::log, "", [] { return std::string{"the event's bytes, exactly as hashed"}; }},
    Form{Family::log_by_workspace, "", [] { return std::string{"type of the event(2)"}; }},
    Form{Family::log_by_token, "", empty},
    Form{Family::log_by_actor, "", empty},
    Form{Family::log_by_user, "", empty},
    Form{Family::revoked_token, "", empty},
    Form{Family::token_by_parent, "", empty},
    Form{Family::token, "", form_of<core::TokenState>},
    Form{Family::token_by_owner, "", form_of<projections::OwnedToken>},
    Form{Family::token_home, "", form_of<projections::TokenHomeRow>},
    Form{Family::owner_count, "", form_of<projections::OwnerCountRow>},
    Form{Family::secret, "", form_of<projections::SecretHome>},
    Form{Family::revoked_access, "", form_of<projections::RevokedAccessRow>},
    Form{Family::access_secret, "", form_of<projections::AccessSecretRow>},
    Form{Family::access_queue, "", form_of<projections::AccessQueueRow>},
    Form{Family::ending, "", form_of<core::Ending>},
    Form{Family::ending_token, "", form_of<projections::EndingTokenRow>},
    Form{Family::person, "", form_of<core::PersonState>},
    Form{Family::username, "", form_of<projections::UsernameRow>},
    Form{Family::server_standing, "", form_of<projections::ServerStandingRow>},
    Form{Family::workspace, "", form_of<core::WorkspaceState>},
    Form{Family::member, "", form_of<core::MemberState>},
    Form{Family::member_by_user, "", form_of<projections::RoleRow>},
    Form{Family::resource_server, "", form_of<core::ResourceServerState>},
    Form{Family::resource, "", form_of<projections::ResourceHome>},
    Form{Family::signing_key, "", form_of<core::SigningKeyState>},
    Form{Family::issuer, "", [] { return std::string{"the issuer that a server was given last, as text"}; }},
    Form{Family::retry, "", form_of<projections::RetryRow>},
    Form{Family::session, "", form_of<projections::SessionRow>},
    Form{Family::session_by_user, "", form_of<projections::SessionByUserRow>},
    Form{Family::idempotency, "", form_of<projections::IdempotencyRow>},
    Form{Family::idempotency, " with 0x01", form_of<projections::IdempotentSecretRow>},
    Form{Family::idempotency, " of a caller", form_of<projections::IdempotencyUseRow>},
    Form{Family::usage, "", form_of<projections::UsageRow>},
    Form{Family::tile, " of level 0",
         [] { return std::string{"the hashes of the leaves from 256 index on(256 times 32)"}; }},
    Form{Family::tile, " of a higher level",
         [] { return std::string{"the root(32) of the 256^level leaves from index 256^level on"}; }},
};

struct Entry {
  Family family;
  std::string made_by;
};

/// Every family, those of one maker together: the log, the projections, the commands.
std::vector<Entry> entries() {
  std::vector<Entry> entries{{Family::meta, "the writer"}, {Family::log, "the writer: this is the truth"}};
  for (const Family family : events::all_families()) {
    if (events::kind_of(family) == FamilyKind::derived) entries.push_back({family, "the writer, of the log alone"});
  }
  const projections::InlineProjections projections;
  for (const events::Projection* projection : projections.all()) {
    for (const Family family : projection->families()) {
      entries.push_back({family, "projection `" + std::string{projection->name()} + "`"});
    }
  }
  for (const Family family : events::all_families()) {
    if (!events::is_beside_log(family)) continue;
    const bool is_ephemeral = events::kind_of(family) == FamilyKind::ephemeral;
    entries.push_back({family, is_ephemeral ? "commands; dropped after its expiry" : "commands; kept"});
  }
  return entries;
}

std::string quoted(Family family) { return "`" + std::string{events::name_of(family)} + "`"; }

std::string table_of_families() {
  std::string table = "| number | family | key | made by |\n| --- | --- | --- | --- |\n";
  for (const auto& [family, made_by] : entries()) {
    table += "| " + std::to_string(static_cast<int>(family)) + " | " + quoted(family) + " | " +
             std::string{events::facts_of(family).key} + " | " + made_by + " |\n";
  }
  return table;
}

std::string table_of_values() {
  std::string table = "| family | value |\n| --- | --- |\n";
  for (const Entry& entry : entries()) {
    for (const auto& [family, which, text] : kForms) {
      if (family == entry.family) table += "| " + quoted(family) + std::string{which} + " | " + text() + " |\n";
    }
  }
  return table;
}

std::string read_page() {
  std::ifstream file{kPage, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

/// `page` with `table` between the two lines that name it.
std::string with_table(const std::string& page, const std::string& name, const std::string& table) {
  const std::string begin = "<!-- " + name + ": made by tests/projections/rows/formats_page_test.cpp -->\n";
  const std::string end = "<!-- end of " + name + " -->\n";
  const std::size_t from = page.find(begin);
  const std::size_t to = page.find(end);
  REQUIRE(from != std::string::npos);
  REQUIRE(to != std::string::npos);
  return page.substr(0, from + begin.size()) + table + page.substr(to);
}

}  // namespace

TEST_CASE("formats: the page lists every family once", "[projections][formats]") {
  std::vector<Family> listed;
  for (const Entry& entry : entries()) listed.push_back(entry.family);
  std::ranges::sort(listed);
  const auto all = events::all_families();
  CHECK(listed == std::vector<Family>(all.begin(), all.end()));
  for (const Family family : all) {
    INFO(events::name_of(family));
    const auto forms = family == Family::idempotency ? 3 : family == Family::tile ? 2 : 1;
    CHECK(std::ranges::count(kForms, family, &Form::family) == forms);
  }
}

TEST_CASE("formats: the page says of families and values what the code does", "[projections][formats]") {
  const std::string page = read_page();
  const std::string made = with_table(with_table(page, "families", table_of_families()), "values", table_of_values());
  if (std::getenv("TALLY_WRITE_FORMATS") != nullptr) {
    std::ofstream{kPage, std::ios::binary} << made;
    return;
  }
  // Not CHECK(page == made): that would print the page twice.
  const auto [in_page, in_made] = std::ranges::mismatch(page, made);
  INFO("the page: " << std::string(in_page, std::min(in_page + 200, page.end())));
  INFO("the code: " << std::string(in_made, std::min(in_made + 200, made.end())));
  CHECK((page == made));
}

}  // namespace tally
