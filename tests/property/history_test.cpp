#include <cstdlib>
#include <random>

#include <catch2/catch.hpp>

#include "core/token/token_commands.hpp"
#include "events/rocks/rocks_store.hpp"
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

/// Tokens that generate tokens, stopped at random in every way.
class RandomTrees {
 public:
  explicit RandomTrees(std::uint64_t seed) : ledger{events::make_memory_store(), seed} {}

  void step() {
    ledger.now += std::chrono::seconds{ledger.random.below(90)};
    const auto dice = ledger.random.below(10);
    if (dice < 7 || tokens.empty()) return grow();
    if (dice == 9) return stop_by_secret();
    stop();
  }

  LedgerFixture ledger;
  testing::SmallTeam team{ledger};
  std::vector<core::TokenState> tokens;
  std::size_t children = 0;
  std::size_t ended = 0;  ///< Together with another.

 private:
  const core::TokenState& any() { return tokens[ledger.random.below(tokens.size())]; }
  core::AccessFate any_fate() {
    return ledger.random.below(2) == 0 ? core::AccessFate::keep : core::AccessFate::revoke;
  }

  void grow() {
    const bool by_bearer = !tokens.empty() && ledger.random.below(4) != 0;
    const std::string secret = "s" + std::to_string(tokens.size());
    const int days = by_bearer ? 1 + static_cast<int>(ledger.random.below(20)) : 30;
    auto context = by_bearer ? ledger.as_bearer(any()) : ledger.as(team.member);
    const auto made = ledger.execute(std::move(context), ledger.generate_command(team.workspace, secret, secret, days));
    if (made.has_error()) return;
    tokens.push_back(made->outcome.token);
    children += by_bearer ? 1 : 0;
  }
  void stop() {
    const auto size = ledger.sequencer().durable_size();
    const std::vector<core::TokenId> ids{any().id, any().id};
    if (ledger.random.below(2) == 0) {
      ledger.run(ledger.as(team.member), core::DisableTokens{team.workspace, ids, any_fate(), ""});
    } else if (ledger.random.below(8) == 0) {
      ledger.run(ledger.as(team.admin),
                 core::DisableIssuedBefore{team.workspace, any().created_at, {}, any_fate(), {}});
    } else {
      ledger.run(ledger.as(team.member), core::DeleteTokens{team.workspace, ids, any_fate(), ""});
    }
    if (ledger.sequencer().durable_size() > size + 2) ++ended;
  }
  void stop_by_secret() {
    const std::size_t index = ledger.random.below(tokens.size());
    const std::string secret = "s" + std::to_string(index);
    if (ledger.random.below(2) == 0) {
      ledger.run(ledger.as_client(team.workspace),
                 core::RevokeRefreshToken{team.workspace, testing::digest_of(secret)});
      return;
    }
    // Used, its successor used, and shown again.
    for (const char* presented : {"", "+", ""}) {
      const auto command = ledger.refresh_command(secret + presented, secret + presented + "+");
      (void)ledger.execute(ledger.as_client(team.workspace), command);
    }
  }
};

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
      if (step % 50 == 0) {
        terminal.check(ledger.store(), history.tokens());
        testing::check_descendants(ledger.store(), history.tokens(), ledger.now);
        testing::check_endings(ledger.store());
      }
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
    testing::check_descendants(ledger.store(), history.tokens(), ledger.now);
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

TEST_CASE("random trees of tokens: what descends from one that lost its access tokens lives at no door", "[property]") {
  std::size_t ended = 0;
  for (const std::uint64_t seed : seeds()) {
    WARN("seed " << seed);
    RandomTrees trees{seed};
    for (int step = 0; step < 250; ++step) {
      trees.step();
      testing::check_descendants(trees.ledger.store(), trees.tokens, trees.ledger.now);
    }
    CHECK(trees.children > 10);
    ended += trees.ended;
    trees.ledger.stop();
    testing::check_log(trees.ledger.store());
    testing::check_owner_counts(trees.ledger.store());
    testing::check_replay(trees.ledger.store());
  }
  CHECK(ended > 3);
}
