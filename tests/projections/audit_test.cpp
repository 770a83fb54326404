#include <algorithm>
#include <functional>
#include <map>

#include <catch2/catch.hpp>

#include "events/log/log.hpp"
#include "tests/support/ledger_fixture.hpp"

using namespace tally;
using core::Event;
using core::EventType;
using core::Sequence;
using projections::AuditFilter;
using testing::LedgerFixture;
using testing::SmallTeam;
using testing::value_of;

namespace {

/// A store to which somebody else has just written whenever it is read, but for its snapshots.
class BusyStore final : public events::Store {
 public:
  BusyStore(events::Store& inner, std::function<void()> write) : inner_(inner), write_(std::move(write)) {}
  core::Result<std::optional<std::string>> get(events::Family family, std::string_view key) const override {
    auto found = inner_.get(family, key);
    write_();
    return found;
  }
  std::unique_ptr<events::Cursor> scan(events::Family family, const events::ScanRange& range) const override {
    return inner_.scan(family, range);
  }
  [[nodiscard]] std::unique_ptr<events::Reader> snapshot() const override { return inner_.snapshot(); }
  [[nodiscard]] std::unique_ptr<events::Batch> new_batch() override { return inner_.new_batch(); }
  core::Result<void> commit(events::Batch& batch, events::Durability durability) override {
    return inner_.commit(batch, durability);
  }
  core::Result<std::unique_ptr<events::Shadow>> make_shadow(std::span<const events::Family> families) override {
    return inner_.make_shadow(families);
  }
  [[nodiscard]] std::uint64_t bytes_on_disk() const override { return inner_.bytes_on_disk(); }

 private:
  events::Store& inner_;
  std::function<void()> write_;
};

/// Two workspaces with events of several actors, minutes apart.
class AuditWorld {
 public:
  AuditWorld() : team(ledger), queries(ledger.store()) {
    other = ledger.add_workspace("Other");
    ledger.put_member(other, team.member, core::Role::admin);
    for (int index = 0; index < 25; ++index) {
      ledger.now += std::chrono::minutes{1};
      const std::string secret = "s" + std::to_string(index);
      const auto token = ledger.generate(index % 5 == 0 ? other : team.workspace, team.member, "t", secret);
      tokens.push_back(token);
      if (index % 2 == 0) ledger.run(ledger.as_client(token.workspace), ledger.refresh_command(secret, secret + "+"));
      if (index % 3 == 0) {
        ledger.run(ledger.as(team.member),
                   core::DisableTokens{token.workspace, {token.id}, core::AccessFate::keep, ""});
      }
      ledger.run(ledger.as(team.auditor), core::RecordAuditRead{team.workspace, "q", 1});
    }
  }
  AuditFilter filter() {
    AuditFilter out;
    out.workspace = team.workspace;
    return out;
  }
  /// Every event of the log that passes, the naive way.
  std::vector<Event> naive(const AuditFilter& filter, std::optional<Sequence> after) {
    std::vector<Event> found;
    events::LogCursor log{ledger.store(), Sequence{0}};
    for (;;) {
      auto event = value_of(log.next());
      if (!event) return found;
      if (event->workspace != filter.workspace) continue;
      if (after && event->sequence <= *after) continue;
      if (filter.token && event->subject != core::subject_of(*filter.token)) continue;
      if (filter.actor && event->actor.id != *filter.actor) continue;
      if (filter.since && event->recorded_at < *filter.since) continue;
      if (filter.until && event->recorded_at >= *filter.until) continue;
      const auto type = core::type_of(event->payload);
      if (!filter.types.empty() && std::find(filter.types.begin(), filter.types.end(), type) == filter.types.end())
        continue;
      found.push_back(std::move(*event));
    }
  }
  std::vector<Event> all_pages(const AuditFilter& filter, std::optional<Sequence> after, int limit) {
    std::vector<Event> found;
    for (;;) {
      auto page = value_of(queries.list(filter, after, limit));
      CHECK(page.items.size() <= static_cast<std::size_t>(limit));
      std::move(page.items.begin(), page.items.end(), std::back_inserter(found));
      if (!page.next_after) return found;
      REQUIRE((!after || *after < *page.next_after));
      after = page.next_after;
    }
  }

  std::vector<Event> all_pages_back(const AuditFilter& filter, std::optional<Sequence> before, int limit) {
    std::vector<Event> found;
    for (;;) {
      auto page = value_of(queries.list_newest(filter, before, limit));
      CHECK(page.items.size() <= static_cast<std::size_t>(limit));
      std::move(page.items.begin(), page.items.end(), std::back_inserter(found));
      if (!page.next_before) return found;
      REQUIRE((!before || *page.next_before < *before));
      before = page.next_before;
    }
  }

  LedgerFixture ledger;
  SmallTeam team;
  core::WorkspaceId other;
  projections::AuditQueries queries;
  std::vector<core::TokenState> tokens;
};

std::vector<AuditFilter> filters(AuditWorld& world) {
  std::vector<AuditFilter> out(10, world.filter());
  out[1].token = world.tokens[2].id;
  out[2].actor = world.team.auditor.uuid();
  out[3].types = {EventType::token_refreshed, EventType::token_disabled};
  out[4].since = world.tokens[7].created_at;
  out[4].until = world.tokens[14].created_at;
  out[5].token = world.tokens[2].id;
  out[5].actor = world.team.workspace.uuid();
  out[6].actor = world.team.member.uuid();
  out[6].since = world.tokens[9].created_at + core::Duration{1};
  out[6].types = {EventType::token_generated};
  out[7].actor = world.team.workspace.uuid();  // its own client: in no index of actors
  out[8].since = world.ledger.now + std::chrono::hours{1};
  out[9].until = core::Timestamp{};
  return out;
}

}  // namespace

TEST_CASE("audit: every filter, in pages of any size, is a plain walk through the log", "[projections][audit]") {
  AuditWorld world;
  const auto all = filters(world);
  for (std::size_t index = 0; index < all.size(); ++index) {
    for (const int limit : {1, 4, 1'000}) {
      INFO("filter " << index << ", limit " << limit);
      const auto expected = world.naive(all[index], {});
      CHECK(expected.empty() == (index >= 8));
      CHECK(world.all_pages(all[index], {}, limit) == expected);
      if (expected.size() < 2) continue;
      const auto after = expected[expected.size() / 2].sequence;
      CHECK(world.all_pages(all[index], after, limit) == world.naive(all[index], after));
    }
  }
}

TEST_CASE("audit: a token of another workspace has no events here", "[projections][audit]") {
  AuditWorld world;
  auto filter = world.filter();
  filter.token = world.tokens[0].id;
  REQUIRE(world.tokens[0].workspace == world.other);
  CHECK(value_of(world.queries.list(filter, {}, 10)).items.empty());
}

TEST_CASE("audit: a page reads a bounded number of rows, and says where to go on", "[projections][audit]") {
  AuditWorld world;
  auto filter = world.filter();
  filter.types = {EventType::workspace_created};
  // One event at the very beginning; the rest of the workspace's many events do not pass.
  const auto first = value_of(world.queries.list(filter, {}, 1));
  REQUIRE(first.items.size() == 1);
  REQUIRE(first.next_after);
  const auto second = value_of(world.queries.list(filter, first.next_after, 1));
  CHECK(second.items.empty());
  CHECK(second.next_after);
}

TEST_CASE("audit walk: gives what passes and counts the rest of the range", "[projections][audit]") {
  AuditWorld world;
  const auto all = filters(world);
  for (std::size_t index = 0; index < all.size(); ++index) {
    INFO("filter " << index);
    const auto walk = value_of(world.queries.walk(all[index], {}));
    // What is recorded while an export runs is not part of it.
    world.ledger.run(world.ledger.as(world.team.auditor), core::RecordAuditRead{world.team.workspace, "during", 1});
    std::vector<Event> found;
    for (;;) {
      auto event = value_of(walk->next());
      if (!event) break;
      found.push_back(std::move(*event));
    }
    auto expected = world.naive(all[index], {});
    auto in_range_filter = world.filter();
    in_range_filter.since = all[index].since;
    in_range_filter.until = all[index].until;
    auto in_range = world.naive(in_range_filter, {});
    const auto is_later = [](const Event& event) {
      const auto* read = std::get_if<core::AuditRead>(&event.payload);
      return read != nullptr && read->filter == "during";
    };
    // Walks before this one were followed by such an event each; only the last one is not in this walk's snapshot.
    if (!in_range.empty() && is_later(in_range.back())) in_range.pop_back();
    if (!expected.empty() && is_later(expected.back())) expected.pop_back();
    CHECK(found == expected);
    CHECK(walk->filtered_out() == in_range.size() - found.size());
  }
}

TEST_CASE("audit: the size is that of the ledger", "[projections][audit]") {
  AuditWorld world;
  CHECK(value_of(world.queries.size()) == world.ledger.sequencer().durable_size());
}

TEST_CASE("audit: the newest first is the same walk, backwards", "[projections][audit]") {
  AuditWorld world;
  const auto all = filters(world);
  for (std::size_t index = 0; index < all.size(); ++index) {
    for (const int limit : {1, 4, 1'000}) {
      INFO("filter " << index << ", limit " << limit);
      auto expected = world.naive(all[index], {});
      std::reverse(expected.begin(), expected.end());
      CHECK(world.all_pages_back(all[index], {}, limit) == expected);
      if (expected.size() < 2) continue;
      const auto before = expected[expected.size() / 2].sequence;
      expected.erase(expected.begin(), expected.begin() + static_cast<std::ptrdiff_t>(expected.size() / 2 + 1));
      CHECK(world.all_pages_back(all[index], before, limit) == expected);
    }
  }
  CHECK(value_of(world.queries.list_newest(world.filter(), Sequence{0}, 5)).items.empty());
}

TEST_CASE("audit count: every event is counted in its span, and in no other", "[projections][audit]") {
  AuditWorld world;
  const auto events = world.naive(world.filter(), {});
  const auto begin = events[events.size() / 3].recorded_at;  // what lies before is in no span
  const auto spans = value_of(world.queries.count({world.team.workspace, begin, std::chrono::minutes{7}, 4}));
  REQUIRE(spans.size() == 4);
  std::uint64_t counted = 0;
  for (const auto& span : spans) {
    std::map<EventType, std::uint64_t> expected;
    for (const Event& event : events) {
      const bool is_inside = event.recorded_at >= span.begin && event.recorded_at < span.end;
      if (is_inside) ++expected[core::type_of(event.payload)];
    }
    CHECK(std::map<EventType, std::uint64_t>{span.counts.begin(), span.counts.end()} == expected);
    for (const auto& [type, count] : span.counts) counted += count;
  }
  CHECK(spans[0].begin == begin);
  CHECK(spans[3].end == begin + std::chrono::minutes{28});
  CHECK(counted > 10);
  const auto later = value_of(
      world.queries.count({world.team.workspace, world.ledger.now + std::chrono::hours{1}, std::chrono::days{1}, 2}));
  CHECK(later.size() == 2);
  CHECK(later[0].counts.empty());
}

TEST_CASE("audit: the ledger's size and root are of one moment, however busy the writer is", "[projections][audit]") {
  LedgerFixture ledger;
  ledger.add_person("first");
  int people = 0;
  const BusyStore busy{ledger.store(), [&] { ledger.add_person("person" + std::to_string(++people)); }};
  const projections::AuditQueries queries{busy};
  const auto head = value_of(events::load_head(ledger.store()));
  CHECK(value_of(queries.tree_head()) == core::TreeHead{head.tree.size(), head.tree.root()});
  CHECK(value_of(queries.size()) == head.tree.size());
}
