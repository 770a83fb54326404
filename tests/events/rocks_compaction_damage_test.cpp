#include <filesystem>
#include <future>
#include <mutex>

#include <catch2/catch.hpp>

#include "events/rocks/rocks_store.hpp"
#include "tests/events/family_files.hpp"
#include "tests/support/temporary_folder.hpp"

namespace tally {
namespace {

using events::Durability;
using events::Family;

core::Result<void> put_row(events::Store& store, std::string_view key) {
  const auto batch = store.new_batch();
  batch->put(Family::token, key, std::string(1'000, 'x'));
  return store.commit(*batch, Durability::synced);
}

}  // namespace

TEST_CASE("rocks: a file that a compaction can not read is told of, and writes go on", "[events][rocks]") {
  const testing::TemporaryFolder folder;
  std::promise<std::string> told;
  std::once_flag once;
  events::RocksOptions options;
  options.folder = folder.str();
  // Each opening leaves a file of its own; the fourth has them compacted.
  for (int round = 0; round < 3; ++round) {
    const auto store = events::open_rocks_store(options);
    REQUIRE(store.has_value());
    REQUIRE(put_row(**store, "a key").has_value());
    REQUIRE(put_row(**store, "key " + std::to_string(round)).has_value());
  }
  testing::settle_into_files(folder.str());
  const auto files = testing::files_of(folder.str(), Family::token);
  REQUIRE(files.size() == 3);
  testing::flip_bit(files.front(), 20);
  options.on_damage = [&](const std::string& words) { std::call_once(once, [&] { told.set_value(words); }); };
  REQUIRE(put_row(**events::open_rocks_store(options), "a key").has_value());
  auto words = told.get_future();
  const auto store = events::open_rocks_store(options);
  REQUIRE(store.has_value());
  REQUIRE(words.wait_for(std::chrono::seconds{30}) == std::future_status::ready);
  CHECK_THAT(words.get(), Catch::Contains(std::filesystem::path{files.front()}.filename().string()));
  for (int round = 0; round < 10; ++round) CHECK(put_row(**store, "after " + std::to_string(round)).has_value());
}

}  // namespace tally
