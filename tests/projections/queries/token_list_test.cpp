#include "projections/queries/token_list.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

#include "core/base/unicode.hpp"
#include "projections/commands/usage.hpp"
#include "projections/queries/page_cursor.hpp"
#include "tests/support/ledger_fixture.hpp"

using namespace tally;
using core::TokenStatus;
using projections::Order;
using projections::TokenListRequest;
using projections::TokenRecord;
using projections::TokenSort;
using testing::LedgerFixture;
using testing::SmallTeam;
using testing::value_of;

namespace {

/// Random tokens of two owners in every status, some refreshed and some used.
class ListWorld {
 public:
  ListWorld() : team(ledger), queries(ledger.store()) {
    const std::vector<std::string> names{"alpha", "Beta", "beta", "gamma", "Ärger", "ärger", "Zoë"};
    for (int index = 0; index < 60; ++index) {
      ledger.now += std::chrono::milliseconds{static_cast<int>(ledger.random.below(100'000))};
      const auto owner = ledger.random.below(3) == 0 ? team.admin : team.member;
      const std::string secret = "s" + std::to_string(index);
      const auto token = ledger.generate(team.workspace, owner, names[ledger.random.below(names.size())], secret,
                                         1 + static_cast<int>(ledger.random.below(3)));
      ids.push_back(token.id);
      if (ledger.random.below(2) == 0)
        ledger.run(ledger.as_client(team.workspace), ledger.refresh_command(secret, secret + "+"));
      if (ledger.random.below(2) == 0) {
        ledger.run(ledger.as_system(),
                   projections::RecordUsage{{{token.id, ledger.now + std::chrono::seconds{index}, 1}}});
      }
      const auto fate = ledger.random.below(6);
      if (fate == 0)
        ledger.run(ledger.as(owner), core::DisableTokens{team.workspace, {token.id}, core::AccessFate::keep, ""});
      if (fate == 1)
        ledger.run(ledger.as(owner), core::DeleteTokens{team.workspace, {token.id}, core::AccessFate::keep, ""});
    }
    ledger.now += std::chrono::hours{30};  // the tokens of one day have expired
  }

  TokenListRequest request(TokenSort sort, Order order, int limit) {
    TokenListRequest out;
    out.workspace = team.workspace;
    out.sort = sort;
    out.order = order;
    out.limit = limit;
    out.now = ledger.now;
    return out;
  }
  std::vector<core::TokenId> all_pages(TokenListRequest wanted) {
    std::vector<core::TokenId> found;
    for (;;) {
      const auto page = value_of(queries.list(wanted));
      CHECK(page.items.size() <= static_cast<std::size_t>(wanted.limit));
      for (const auto& item : page.items) found.push_back(item.state.id);
      if (page.next.empty()) return found;
      CHECK(page.items.size() == static_cast<std::size_t>(wanted.limit));
      wanted.after = page.next;
    }
  }
  /// The same list the naive way: read every token, drop, sort.
  std::vector<core::TokenId> naive(const TokenListRequest& wanted) {
    std::vector<TokenRecord> records;
    for (const auto id : ids) {
      auto record = *value_of(queries.find(team.workspace, id, wanted.now));
      if (record.status == TokenStatus::deleted) continue;
      if (wanted.owner && record.state.owner != *wanted.owner) continue;
      if (wanted.status && record.status != *wanted.status) continue;
      records.push_back(std::move(record));
    }
    const auto less = [&](const TokenRecord& a, const TokenRecord& b) {
      switch (wanted.sort) {
        case TokenSort::created_at:
          return std::pair{a.state.created_at, a.state.id} < std::pair{b.state.created_at, b.state.id};
        case TokenSort::expires_at:
          return std::pair{a.state.expires_at, a.state.id} < std::pair{b.state.expires_at, b.state.id};
        case TokenSort::name:
          return std::pair{core::unicode::fold_case(a.state.name), a.state.id} <
                 std::pair{core::unicode::fold_case(b.state.name), b.state.id};
        case TokenSort::last_refreshed_at:
          return std::pair{a.state.last_refreshed_at, a.state.id} < std::pair{b.state.last_refreshed_at, b.state.id};
        case TokenSort::last_used_at:
          return std::pair{a.last_used_at, a.state.id} < std::pair{b.last_used_at, b.state.id};
        case TokenSort::status:
          return std::pair{a.status, a.state.id} < std::pair{b.status, b.state.id};
      }
      return false;
    };
    std::sort(records.begin(), records.end(), less);
    if (wanted.order == Order::descending) std::reverse(records.begin(), records.end());
    std::vector<core::TokenId> out;
    for (const auto& record : records) out.push_back(record.state.id);
    return out;
  }

  LedgerFixture ledger;
  SmallTeam team;
  projections::TokenQueries queries;
  std::vector<core::TokenId> ids;
};

}  // namespace

TEST_CASE("token list: every sort in both orders, in pages of any size, is a plain sort", "[projections][list]") {
  ListWorld world;
  for (int sort = 0; sort <= static_cast<int>(TokenSort::status); ++sort) {
    for (const Order order : {Order::ascending, Order::descending}) {
      for (const int limit : {1, 7, 1'000}) {
        for (int filter = 0; filter < 4; ++filter) {
          INFO("sort " << sort << ", order " << static_cast<int>(order) << ", limit " << limit << ", filter "
                       << filter);
          auto request = world.request(static_cast<TokenSort>(sort), order, limit);
          if (filter == 1) request.owner = world.team.member;
          if (filter == 2) request.status = TokenStatus::expired;
          if (filter == 3) request.status = TokenStatus::active;
          const auto expected = world.naive(request);
          REQUIRE(expected.size() > 3);
          CHECK(world.all_pages(request) == expected);
        }
      }
    }
  }
}

TEST_CASE("token list: a page that has looked at enough rows is shorter and says where to go on",
          "[projections][list]") {
  ListWorld world;
  for (const Order order : {Order::ascending, Order::descending}) {
    for (const bool has_owner : {false, true}) {
      auto request = world.request(TokenSort::created_at, order, 7);
      if (has_owner) request.owner = world.team.member;
      request.status = TokenStatus::active;
      const auto expected = world.naive(request);
      request.rows_max = 3;
      std::vector<core::TokenId> found;
      std::size_t pages = 0;
      for (;; ++pages) {
        const auto page = value_of(world.queries.list(request));
        CHECK(page.items.size() <= 3);
        for (const auto& item : page.items) found.push_back(item.state.id);
        if (page.next.empty()) break;
        request.after = page.next;
      }
      CHECK(found == expected);
      CHECK(pages >= expected.size() / 3);
    }
  }
}

TEST_CASE("token list: more rows than can be sorted are refused by the name of the field", "[projections][list]") {
  ListWorld world;
  auto request = world.request(TokenSort::name, Order::ascending, 7);
  request.rows_sorted_max = world.ids.size() - 1;
  const auto refused = world.queries.list(request);
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == core::Errc::invalid_argument);
  CHECK(refused.error().field == "sort");
  request.rows_sorted_max = world.ids.size();
  CHECK(value_of(world.queries.list(request)).items.size() == 7);
}

TEST_CASE("token list: search finds parts of names in any case, and a whole id", "[projections][list]") {
  ListWorld world;
  auto request = world.request(TokenSort::name, Order::ascending, 100);
  request.search = "ETA";
  const auto found = value_of(world.queries.list(request));
  REQUIRE_FALSE(found.items.empty());
  for (const auto& item : found.items) CHECK(core::unicode::fold_case(item.state.name) == "beta");
  request.search = "ÄRG";
  CHECK_FALSE(value_of(world.queries.list(request)).items.empty());
  request.search = "no such name";
  CHECK(value_of(world.queries.list(request)).items.empty());
  request.search.clear();
  request.search = value_of(world.queries.list(request)).items.front().state.id.str();
  const auto by_id = value_of(world.queries.list(request));
  REQUIRE(by_id.items.size() == 1);
  CHECK(by_id.items.front().state.id.str() == request.search);
}

TEST_CASE("token list: deleted tokens, and another workspace's, are in no list", "[projections][list]") {
  ListWorld world;
  auto request = world.request(TokenSort::created_at, Order::ascending, 100);
  request.status = TokenStatus::deleted;
  CHECK(value_of(world.queries.list(request)).items.empty());
  request.status.reset();
  request.workspace = world.ledger.add_workspace("Empty");
  CHECK(value_of(world.queries.list(request)).items.empty());
  request.workspace = world.ledger.draw<core::WorkspaceId>();
  CHECK(value_of(world.queries.list(request)).items.empty());
}

TEST_CASE("token list: a cursor that is damaged or of another list is malformed", "[projections][list]") {
  ListWorld world;
  auto request = world.request(TokenSort::name, Order::ascending, 3);
  const std::string cursor = value_of(world.queries.list(request)).next;
  REQUIRE_FALSE(cursor.empty());
  const auto code = [&](const TokenListRequest& one) {
    const auto page = world.queries.list(one);
    return page.has_error() ? std::optional{page.error().code} : std::nullopt;
  };
  for (std::size_t size = 1; size < cursor.size(); ++size) {
    request.after = cursor.substr(0, size);
    CHECK(code(request) == core::Errc::malformed);
  }
  request.after = cursor + "x";
  CHECK(code(request) == core::Errc::malformed);
  request.after = cursor;
  request.order = Order::descending;
  CHECK(code(request) == core::Errc::malformed);
  request.order = Order::ascending;
  request.sort = TokenSort::status;
  CHECK(code(request) == core::Errc::malformed);
  // Other bytes are another place in the list, at worst: never a failure of ours.
  request.sort = TokenSort::name;
  for (std::size_t index = 0; index < cursor.size(); ++index) {
    request.after = cursor;
    request.after[index] = static_cast<char>(request.after[index] ^ 0x55);
    const auto answer = code(request);
    CHECK((!answer || answer == core::Errc::malformed));
  }
}

TEST_CASE("token list: rows that come and go between two pages neither repeat nor hide others", "[projections][list]") {
  ListWorld world;
  auto request = world.request(TokenSort::name, Order::ascending, 5);
  const auto expected = world.naive(request);
  auto page = value_of(world.queries.list(request));
  std::vector<core::TokenId> seen;
  for (const auto& item : page.items) seen.push_back(item.state.id);
  // The cursor's own token goes, and a new one comes before it.
  world.ledger.run(world.ledger.as(world.team.admin),
                   core::DeleteTokens{world.team.workspace, {seen.back()}, core::AccessFate::keep, ""});
  world.ledger.generate(world.team.workspace, world.team.admin, "aaa", "new");
  request.after = page.next;
  for (const auto id : world.all_pages(request)) seen.push_back(id);
  CHECK(seen == expected);
}

TEST_CASE("token list: tokens of one moment stand in the order in which they were made", "[projections][list]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  std::vector<core::TokenId> made;
  // One reading of the clock for all, then one that went back a little: the log's time does neither.
  for (int index = 0; index < 60; ++index) {
    if (index == 30) ledger.now -= std::chrono::milliseconds{7};
    made.push_back(ledger.generate(team.workspace, team.member, "t", "s" + std::to_string(index)).id);
  }
  const projections::TokenQueries queries{ledger.store()};
  const int limit = GENERATE(1, 7, 100);
  for (const Order order : {Order::ascending, Order::descending}) {
    TokenListRequest request;
    request.workspace = team.workspace;
    request.order = order;
    request.now = ledger.now;
    request.limit = limit;
    std::vector<core::TokenId> listed;
    do {
      const auto page = value_of(queries.list(request));
      for (const TokenRecord& item : page.items) listed.push_back(item.state.id);
      request.after = page.next;
    } while (!request.after.empty());
    if (order == Order::descending) std::reverse(listed.begin(), listed.end());
    CHECK(listed == made);
  }
}

TEST_CASE("token list: a name is found in whatever form and case it is typed", "[projections][list]") {
  LedgerFixture ledger;
  const SmallTeam team{ledger};
  const auto token =
      ledger.generate(team.workspace, team.member, "STRASSE Caf\u00e9 \u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2", "s");
  const projections::TokenQueries queries{ledger.store()};
  TokenListRequest request;
  request.workspace = team.workspace;
  request.now = ledger.now;
  request.limit = 10;
  request.search = GENERATE(as<std::string>{}, "caf\u00c9", "cafe\u0301", "stra\u00dfe",
                            "\u03c3\u03b9\u0301\u03c3\u03c5\u03c6\u03bf\u03c3");
  CAPTURE(request.search);
  const auto found = value_of(queries.list(request));
  REQUIRE(found.items.size() == 1);
  CHECK(found.items.front().state.id == token.id);
}

TEST_CASE("token list: a place in the order of names that was before is refused", "[projections][list]") {
  ListWorld world;
  auto request = world.request(TokenSort::name, Order::ascending, 3);
  const auto page = value_of(world.queries.list(request));
  auto of_before = value_of(projections::decode_cursor(projections::ListKind::tokens, 0x80 | 4, 16, page.next));
  of_before.ordering = 4;  // by name, ascending, as it was written before names were compared by Unicode's rules
  request.after = value_of(projections::encode_cursor(projections::ListKind::tokens, of_before));
  CHECK(world.queries.list(request).error().code == core::Errc::malformed);
}
