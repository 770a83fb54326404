#include <array>
#include <map>

#include <catch2/catch.hpp>

#include "events/ledger/ledger.hpp"
#include "events/memory/memory_store.hpp"
#include "tests/events/ledger/tree_checks.hpp"
#include "tests/events/sample_events.hpp"
#include "tests/support/faulty_store.hpp"
#include "tests/support/seeded_random.hpp"

// Every storage call in turn fails; whatever was left behind must be a whole ledger.
namespace tally {
namespace {

using events::Family;

constexpr int kFaultedCommits = 6;
constexpr std::array<std::uint8_t, 3> kFaultedWorkspaces{1, 2, 1};

/// Starts a ledger and appends until something fails. Answers how many commits were acknowledged.
int run_until_failure(events::Store& store) {
  testing::SeededRandom random{1};
  auto head = events::start_ledger(store, {}, testing::sample_context(1'000), random);
  if (head.has_error()) return 0;
  events::Transaction transaction{store, *head, {}};
  int acknowledged = 1;
  for (int commit = 0; commit < kFaultedCommits; ++commit) {
    for (const std::uint8_t workspace : kFaultedWorkspaces) {
      const auto event = testing::sample_new_event(workspace);
      if (transaction.append(testing::sample_context(1'000 + commit), event).has_error()) break;
    }
    const auto cursor = transaction.scan(Family::token, {});
    static_cast<void>(cursor->status());
    if (transaction.commit().has_error()) return acknowledged;
    ++acknowledged;
  }
  return acknowledged;
}

std::uint64_t check_whole(const events::Store& store) {
  const auto head = events::load_head(store);
  REQUIRE(head.has_value());
  events::CompactRange tree;
  std::map<core::WorkspaceId, std::uint64_t> next_in_workspace;
  events::LogCursor bytes{store, {0}};
  events::LogCursor cursor{store, {0}};
  while (true) {
    const auto event = cursor.next();
    REQUIRE(event.has_value());
    if (!event->has_value()) break;
    tree.append(events::leaf_hash(**bytes.next_bytes()));
    if ((*event)->workspace) CHECK((*event)->workspace_sequence == next_in_workspace[*(*event)->workspace]++);
  }
  CHECK(tree.size() == head->tree.size());
  CHECK(tree.root() == head->tree.root());
  testing::check_trees(store);
  return tree.size();
}

TEST_CASE("fault: whichever storage call fails, the ledger stays whole and goes on after a restart",
          "[events][fault]") {
  const auto failed_commit = GENERATE(testing::FailedCommit::lost, testing::FailedCommit::kept);
  std::uint64_t calls = 0;
  for (std::uint64_t fail_at = 1;; ++fail_at) {
    INFO("call " << fail_at);
    const auto inner = events::make_memory_store();
    testing::FaultPlan plan{fail_at};
    int acknowledged = 0;
    {
      testing::FaultyStore store{*inner, plan, failed_commit};
      acknowledged = run_until_failure(store);
    }
    if (!plan.has_struck()) {
      CHECK(acknowledged == kFaultedCommits + 1);
      calls = plan.calls();
      break;
    }
    CHECK(acknowledged < kFaultedCommits + 1);
    const std::uint64_t events = check_whole(*inner);
    // Nothing acknowledged is lost: the first commit has one event, the others three each.
    CHECK(events >= static_cast<std::uint64_t>(acknowledged == 0 ? 0 : 1 + 3 * (acknowledged - 1)));
    REQUIRE(run_until_failure(*inner) == kFaultedCommits + 1);
    CHECK(check_whole(*inner) == events + 1 + 3 * kFaultedCommits);
  }
  CHECK(calls > 10);
}

}  // namespace
}  // namespace tally
