#include "events/store/row_cache.hpp"

#include <atomic>
#include <map>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/support/seeded_random.hpp"

namespace tally {
namespace {

using events::Family;
using events::RowCache;

constexpr std::size_t kRowsMax = 1'024;
constexpr std::size_t kRowBytesMax = 64;

/// "?" where the cache does not know, "-" for a row that is known to be absent.
std::string told(RowCache& cache, Family family, std::string_view key) {
  const RowCache::Found found = cache.find(family, key);
  if (!found.is_known) return "?";
  return found.row.value_or("-");
}

void write(RowCache& cache, std::string_view key, std::string_view value) {
  cache.will_write(Family::token, key);
  cache.wrote(Family::token, key, value, false);
}

TEST_CASE("row cache: tells what it was told, absence too, of each family by itself", "[events][row_cache]") {
  RowCache cache{4, kRowBytesMax};  // one set
  CHECK(told(cache, Family::token, "a") == "?");
  cache.remember(Family::token, "a", "value", cache.find(Family::token, "a").ticket);
  cache.remember(Family::token, "b", std::nullopt, cache.find(Family::token, "b").ticket);
  cache.remember(Family::token, "empty", "", cache.find(Family::token, "empty").ticket);
  CHECK(told(cache, Family::token, "a") == "value");
  CHECK(told(cache, Family::token, "b") == "-");
  CHECK(told(cache, Family::token, "empty").empty());
  CHECK(told(cache, Family::person, "a") == "?");
  CHECK(told(cache, Family::token, "av") == "?");
}

TEST_CASE("row cache: a write is told once it is done, and nothing meanwhile", "[events][row_cache]") {
  RowCache cache{kRowsMax, kRowBytesMax};
  write(cache, "a", "old");
  CHECK(told(cache, Family::token, "a") == "old");
  cache.will_write(Family::token, "a");
  CHECK(told(cache, Family::token, "a") == "?");
  cache.wrote(Family::token, "a", "new and longer", false);
  CHECK(told(cache, Family::token, "a") == "new and longer");
  cache.will_write(Family::token, "a");
  cache.wrote(Family::token, "a", {}, true);
  CHECK(told(cache, Family::token, "a") == "-");
}

TEST_CASE("row cache: what was read before a write, or while it goes on, is not remembered", "[events][row_cache]") {
  RowCache cache{kRowsMax, kRowBytesMax};
  const auto before = cache.find(Family::token, "a").ticket;
  cache.will_write(Family::token, "a");
  cache.remember(Family::token, "a", "old", before);
  CHECK(told(cache, Family::token, "a") == "?");
  const auto during = cache.find(Family::token, "a").ticket;
  cache.remember(Family::token, "a", "old", during);
  CHECK(told(cache, Family::token, "a") == "?");
  cache.wrote(Family::token, "a", "new", false);
  cache.remember(Family::token, "a", "old", before);
  cache.remember(Family::token, "a", "old", during);
  CHECK(told(cache, Family::token, "a") == "new");
}

TEST_CASE("row cache: several rows of one set are forgotten together, and then in nobody's way",
          "[events][row_cache]") {
  RowCache cache{4, kRowBytesMax};  // one set
  for (const char* key : {"a", "b"}) cache.will_write(Family::token, key);
  for (const char* key : {"a", "b"}) cache.wrote(Family::token, key, key, false);
  for (const char* key : {"a", "b"}) cache.will_write(Family::token, key);
  for (const char* key : {"a", "b"}) CHECK(told(cache, Family::token, key) == "?");
  for (const char* key : {"a", "b"}) cache.wrote(Family::token, key, key, false);
  cache.remember(Family::token, "c", "c", cache.find(Family::token, "c").ticket);
  for (const char* key : {"a", "b", "c"}) CHECK(told(cache, Family::token, key) == key);
}

TEST_CASE("row cache: the rows of a write that failed are asked of the store ever after", "[events][row_cache]") {
  RowCache cache{kRowsMax, kRowBytesMax};
  write(cache, "a", "old");
  cache.will_write(Family::token, "a");
  cache.remember(Family::token, "a", "who knows", cache.find(Family::token, "a").ticket);
  CHECK(told(cache, Family::token, "a") == "?");
}

TEST_CASE("row cache: the one of a set that was used longest ago makes room", "[events][row_cache]") {
  RowCache cache{4, kRowBytesMax};  // one set
  for (const char* key : {"a", "b", "c", "d"}) write(cache, key, key);
  CHECK(told(cache, Family::token, "a") == "a");
  write(cache, "e", "e");
  CHECK(told(cache, Family::token, "b") == "?");
  for (const char* key : {"a", "c", "d", "e"}) CHECK(told(cache, Family::token, key) == key);
  cache.will_write(Family::token, "d");
  cache.wrote(Family::token, "d", "d2", false);
  for (const char* key : {"a", "c", "e"}) CHECK(told(cache, Family::token, key) == key);
  CHECK(told(cache, Family::token, "d") == "d2");
}

TEST_CASE("row cache: an empty key is a key like others", "[events][row_cache]") {
  RowCache cache{4, kRowBytesMax};  // one set
  CHECK(told(cache, Family::token, "") == "?");
  write(cache, "a", "a");
  cache.will_write(Family::token, "a");
  CHECK(told(cache, Family::token, "") == "?");
  cache.wrote(Family::token, "a", "a", false);
  cache.remember(Family::token, "", std::nullopt, cache.find(Family::token, "").ticket);
  CHECK(told(cache, Family::token, "") == "-");
  CHECK(told(cache, Family::token, "a") == "a");
}

TEST_CASE("row cache: large rows are passed over, and leave nothing old behind", "[events][row_cache]") {
  RowCache cache{kRowsMax, kRowBytesMax};
  const std::string largest(kRowBytesMax - 1, 'x');
  write(cache, "a", largest);
  CHECK(told(cache, Family::token, "a") == largest);
  write(cache, "a", largest + "x");
  CHECK(told(cache, Family::token, "a") == "?");
  cache.remember(Family::token, "a", largest + "x", cache.find(Family::token, "a").ticket);
  CHECK(told(cache, Family::token, "a") == "?");
}

TEST_CASE("row cache: after forgetting all, nothing is told, nor remembered of before", "[events][row_cache]") {
  RowCache cache{kRowsMax, kRowBytesMax};
  write(cache, "a", "old");
  const auto before = cache.find(Family::token, "b").ticket;
  cache.forget_all();
  CHECK(told(cache, Family::token, "a") == "?");
  cache.remember(Family::token, "b", "old", before);
  CHECK(told(cache, Family::token, "b") == "?");
  write(cache, "a", "new");
  CHECK(told(cache, Family::token, "a") == "new");
}

/// A store of numbers that grow. What was seen of a row once is the least that anybody may see of it later.
class GrowingRows {
 public:
  explicit GrowingRows(std::size_t rows) : stored_(rows), seen_(rows) {}

  void grow(std::size_t row, std::size_t beside) {
    for (const std::size_t each : {row, beside}) cache_.will_write(Family::token, std::to_string(each));
    for (const std::size_t each : {row, beside}) stored_[each].fetch_add(1);
    std::this_thread::yield();
    for (const std::size_t each : {row, beside}) {
      cache_.wrote(Family::token, std::to_string(each), std::to_string(stored_[each].load()), false);
    }
  }

  /// False if the row is older than it was when somebody looked before.
  bool look(std::size_t row) {
    const std::string key = std::to_string(row);
    const std::uint64_t least = seen_[row].load();
    RowCache::Found found = cache_.find(Family::token, key);
    if (!found.is_known) {
      found.row = std::to_string(stored_[row].load());
      std::this_thread::yield();
      cache_.remember(Family::token, key, found.row, found.ticket);
    }
    const std::uint64_t value = std::stoull(*found.row);
    std::uint64_t seen = seen_[row].load();
    while (seen < value && !seen_[row].compare_exchange_weak(seen, value)) {
    }
    return value >= least;
  }

 private:
  std::vector<std::atomic<std::uint64_t>> stored_;
  std::vector<std::atomic<std::uint64_t>> seen_;
  RowCache cache_{16, kRowBytesMax};
};

TEST_CASE("row cache: no reader sees a row go back, while one thread writes", "[events][row_cache]") {
  constexpr std::size_t kRows = 24;
  constexpr std::size_t kReaders = 3;
  constexpr int kWrites = 20'000;
  const std::uint64_t seed = GENERATE(1U, 2U, 3U);
  INFO("seed " << seed);
  GrowingRows rows{kRows};
  std::atomic<bool> is_over{false};
  std::atomic<int> went_back{0};
  std::vector<std::thread> readers;
  for (std::size_t reader = 0; reader < kReaders; ++reader) {
    readers.emplace_back([&, reader] {
      testing::SeededRandom random{seed * kReaders + reader};
      while (!is_over.load()) {
        if (!rows.look(random.below(kRows))) ++went_back;
      }
    });
  }
  testing::SeededRandom random{seed};
  for (int write = 0; write < kWrites; ++write) rows.grow(random.below(kRows), random.below(kRows));
  is_over = true;
  for (auto& reader : readers) reader.join();
  CHECK(went_back == 0);
}

}  // namespace
}  // namespace tally
