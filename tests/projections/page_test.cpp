#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/support/ledger_fixture.hpp"

using namespace tally;
using testing::digest_of;
using testing::LedgerFixture;
using testing::SmallTeam;
using testing::value_of;

namespace {

/// All pages of `list(limit, after)`, with each item's id; every page but the last is full.
template <class List, class IdOf>
auto all_pages(const List& list, const IdOf& id_of, int limit) {
  std::vector<decltype(id_of(list(limit, std::string{}).items.front()))> ids;
  std::string after;
  do {
    const auto page = list(limit, after);
    for (const auto& item : page.items) ids.push_back(id_of(item));
    if (!page.next.empty()) CHECK(page.items.size() == static_cast<std::size_t>(limit));
    after = page.next;
  } while (!after.empty());
  return ids;
}

template <class Ids>
bool is_strictly_ascending(const Ids& ids) {
  return std::adjacent_find(ids.begin(), ids.end(), [](const auto& a, const auto& b) { return !(a < b); }) == ids.end();
}

}  // namespace

TEST_CASE("pages: people, workspaces, members, memberships and resource servers come once each, in order",
          "[projections][list]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  const projections::WorkspaceQueries workspaces{ledger.store()};
  const projections::PeopleQueries people{ledger.store()};
  for (int index = 0; index < 7; ++index) {
    const auto person = ledger.add_person("p" + std::to_string(index));
    ledger.put_member(team.workspace, person, core::Role::member);
    ledger.put_member(ledger.add_workspace("w" + std::to_string(index)), team.member, core::Role::admin);
    core::AddResourceServer server{ledger.draw<core::ResourceServerId>(), team.workspace, "API",
                                   digest_of("rs" + std::to_string(index))};
    ledger.run(ledger.as(team.admin), server);
  }
  for (const int limit : {1, 3, 4, 100}) {
    INFO("limit " << limit);
    const auto users = all_pages([&](int n, const std::string& after) { return value_of(people.list(n, after)); },
                                 [](const auto& person) { return person.id; }, limit);
    CHECK(users.size() == 11);
    CHECK(is_strictly_ascending(users));
    const auto spaces = all_pages([&](int n, const std::string& after) { return value_of(workspaces.list(n, after)); },
                                  [](const auto& workspace) { return workspace.id; }, limit);
    CHECK(spaces.size() == 8);
    CHECK(is_strictly_ascending(spaces));
    const auto members = all_pages(
        [&](int n, const std::string& after) { return value_of(workspaces.list_members(team.workspace, n, after)); },
        [](const auto& record) {
          CHECK(record.member.user == record.person.id);
          return record.person.id;
        },
        limit);
    CHECK(members.size() == 10);
    CHECK(is_strictly_ascending(members));
    const auto memberships = all_pages(
        [&](int n, const std::string& after) { return value_of(workspaces.memberships_of(team.member, n, after)); },
        [](const auto& one) { return one.workspace.id; }, limit);
    CHECK(memberships.size() == 8);
    CHECK(is_strictly_ascending(memberships));
    const auto servers = all_pages(
        [&](int n, const std::string& after) {
          return value_of(workspaces.list_resource_servers(team.workspace, n, after));
        },
        [](const auto& server) { return server.id; }, limit);
    CHECK(servers.size() == 7);
    CHECK(is_strictly_ascending(servers));
  }
}

TEST_CASE("pages: a cursor of another list is malformed", "[projections][list]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  const auto page = value_of(projections::PeopleQueries{ledger.store()}.list(1, {}));
  REQUIRE_FALSE(page.next.empty());
  const auto other = projections::WorkspaceQueries{ledger.store()}.list_members(team.workspace, 1, page.next);
  REQUIRE(other.has_error());
  CHECK(other.error().code == core::Errc::malformed);
  const auto cut = projections::PeopleQueries{ledger.store()}.list(1, page.next.substr(1));
  REQUIRE(cut.has_error());
  CHECK(cut.error().code == core::Errc::malformed);
}
