#include <cstdlib>
#include <random>

#include <catch2/catch.hpp>

#include "events/rocks_store.hpp"
#include "tests/property/ledger_checks.hpp"
#include "tests/property/random_history.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace tally;
using testing::LedgerFixture;
using testing::RandomHistory;
using testing::value_of;

namespace {

/// Fixed seeds that anybody can run again, and one that nobody has tried before.
std::vector<std::uint64_t> seeds() { return {1, 2, 3, 4, 5, std::random_device{}()}; }

std::unique_ptr<events::Store> open_rocks(const testing::TemporaryFolder& folder) {
  events::RocksOptions options;
  options.folder = folder.str();
  options.now = [] { return core::Timestamp{}; };
  return value_of(events::open_rocks_store(options));
}

}  // namespace

TEST_CASE("random histories: replay equals live, terminal states stay, numbers are dense, counts are right",
          "[property]") {
  for (const std::uint64_t seed : seeds()) {
    WARN("seed " << seed);  // shown always: with it anybody can run the same history again
    LedgerFixture ledger{events::make_memory_store(), seed};
    RandomHistory history{ledger};
    testing::TerminalStates terminal;
    for (int step = 0; step < 1'000; ++step) {
      history.step();
      if (step % 50 == 0) terminal.check(ledger.store(), history.tokens());
      if (step % 50 == 0) testing::check_endings(ledger.store());
      if (step % 400 == 399) {  // a restart in the middle
        ledger.stop();
        testing::check_replay(ledger.store());
        ledger.start();
      }
    }
    ledger.stop();
    // A history in which everything is refused would prove nothing.
    CHECK(history.accepted() > 300);
    CHECK(history.refused() > 100);
    CHECK(history.tokens().size() > 20);
    terminal.check(ledger.store(), history.tokens());
    testing::check_log(ledger.store());
    testing::check_owner_counts(ledger.store());
    testing::check_endings(ledger.store());
    testing::check_replay(ledger.store());
  }
}

TEST_CASE("random histories: the same on disk, over a reopened store", "[property]") {
  const testing::TemporaryFolder folder;
  {
    LedgerFixture ledger{open_rocks(folder), 11};
    RandomHistory history{ledger};
    for (int step = 0; step < 400; ++step) history.step();
  }
  const auto store = open_rocks(folder);
  testing::check_log(*store);
  testing::check_owner_counts(*store);
  testing::check_replay(*store);
}

TEST_CASE("random histories: one seed gives one ledger, whatever keeps it", "[property]") {
  const testing::TemporaryFolder folder;
  const auto root_of = [](std::unique_ptr<events::Store> store) {
    LedgerFixture ledger{std::move(store), 21};
    RandomHistory history{ledger};
    for (int step = 0; step < 200; ++step) history.step();
    ledger.stop();
    return value_of(events::load_head(ledger.store())).tree.root();
  };
  CHECK(root_of(events::make_memory_store()) == root_of(open_rocks(folder)));
}
