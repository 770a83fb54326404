// A program that is made to be killed: opens a ledger whose write-ahead logs are many and small, demands that it is
// whole, and commits. Says `opened N` (commits that are there), then each commit's number once it is durable.
// `store_writer FOLDER SEED`; ANCHOR=second or batch in the environment: it is anchored, in FOLDER.anchor. Status 5:
// refused.
#include <array>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <memory>
#include <string>

#include "events/ledger/ledger.hpp"
#include "events/ledger/transaction.hpp"
#include "events/log/keys.hpp"
#include "events/rocks/rocks_store.hpp"
#include "tests/support/seeded_random.hpp"

namespace tally {
namespace {

using events::Family;

constexpr std::size_t kWriteBufferBytes = 512 << 10;
constexpr std::uint64_t kCommits = 400;
constexpr std::string_view kNewestRow = "newest";
constexpr int kRefused = 5;

[[noreturn]] void give_up(const std::string& why) {
  std::cerr << why << std::endl;
  std::exit(kRefused);
}

template <typename Value>
Value must(core::Result<Value> result) {
  if (result.has_error()) give_up(result.error().detail);
  return std::move(*result);
}

void must(const core::Result<void>& result) {
  if (result.has_error()) give_up(result.error().detail);
}

/// How many commits there are: the first ones, with all of their rows and none of others.
std::uint64_t check_whole(const events::Store& store) {
  const auto head = must(events::load_head(store));
  events::CompactRange tree;
  events::LogCursor log{store, {0}};
  while (const auto bytes = must(log.next_bytes())) tree.append(events::leaf_hash(*bytes));
  if (tree.size() != head.tree.size() || tree.root() != head.tree.root()) give_up("the log is not the head's");
  std::uint64_t commits = 0;
  for (auto rows = store.scan(Family::usage, {}); rows->valid(); rows->next(), ++commits) {
    if (rows->key() != events::key_of({commits})) give_up("row " + std::to_string(commits) + " is missing");
  }
  const auto newest = must(store.get(Family::session, kNewestRow));
  std::string expected(8, '\x7f');
  if (commits > 0) expected += events::key_of({commits - 1}) + events::key_of({tree.size()});
  if (newest.value_or(std::string(8, '\x7f')) != expected) give_up("an old row has come back");
  return commits;
}

/// Rows that no log holds: a rebuild, which may be given up.
void rebuild(events::Store& store, testing::SeededRandom& random) {
  const auto shadow = must(store.make_shadow(std::array{Family::token, Family::secret}));
  for (std::uint64_t flush = 0; flush < 3; ++flush) {
    for (std::uint64_t row = 0; row < 50; ++row) {
      shadow->rows().put(Family::token, events::key_of({row}), events::key_of({flush}));
      shadow->rows().put(Family::secret, events::key_of({flush * 1'000 + row}), "once");
    }
    must(shadow->flush());
  }
  const std::array<events::MetaRow, 1> marks{events::MetaRow{"mark", "1"}};
  if (random.below(2) == 0) must(shadow->promote(marks));
}

void run(const std::string& folder, std::uint64_t seed) {
  testing::SeededRandom random{seed};
  events::RocksOptions options{.folder = folder, .write_buffer_bytes = kWriteBufferBytes};
  if (std::getenv("ANCHOR") != nullptr) {
    const auto sync = std::strcmp(std::getenv("ANCHOR"), "batch") == 0 ? events::AnchorSync::each_batch
                                                                       : events::AnchorSync::each_second;
    options.anchor = std::make_shared<events::AnchorFile>(folder + ".anchor", sync);
  }
  const auto store = must(events::open_rocks_store(options));
  std::uint64_t commits = check_whole(*store);
  std::cout << "opened " << commits << std::endl;
  events::Transaction transaction{*store, must(events::load_head(*store)), {}};
  for (std::uint64_t turn = 0; turn < kCommits; ++turn) {
    if (random.below(60) == 0) rebuild(*store, random);
    core::CommandContext context;
    random.fill(context.entropy);
    const std::vector<core::NewEvent> events(random.below(4),
                                             {std::nullopt, {core::SubjectKind::ledger, {}}, 0, core::LedgerStarted{}});
    must(transaction.append(context, events));
    // In place of a second: nothing here waits for a clock.
    if (options.anchor && random.below(30) == 0) options.anchor->sync();
    transaction.put(Family::usage, events::key_of({commits}), std::string(random.below(6'000), 'u'));
    transaction.put(Family::session, kNewestRow,
                    std::string(8, '\x7f') + events::key_of({commits}) + events::key_of(transaction.next_sequence()));
    must(transaction.commit());
    std::cout << ++commits << std::endl;
  }
}

}  // namespace
}  // namespace tally

int main(int, char** arguments) {
  tally::run(arguments[1], std::strtoull(arguments[2], nullptr, 10));
  return 0;
}
