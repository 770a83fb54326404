#include "http/server/random_pool.hpp"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

namespace tally::http {
namespace {

/// Numbers of eight bytes, each once. Remembers where it has written.
class Numbers final : public core::RandomSource {
 public:
  void fill(std::span<std::uint8_t> out) override {
    const std::lock_guard lock{mutex_};
    ++calls;
    last = out;
    for (std::size_t at = 0; at + sizeof next_ <= out.size(); at += sizeof next_, ++next_) {
      std::memcpy(out.data() + at, &next_, sizeof next_);
    }
  }

  int calls = 0;
  std::span<std::uint8_t> last;

 private:
  std::mutex mutex_;
  std::uint64_t next_ = 1;
};

std::uint64_t number_of(core::RandomSource& random) {
  std::uint64_t number = 0;
  std::array<std::uint8_t, sizeof number> bytes;
  random.fill(bytes);
  std::memcpy(&number, bytes.data(), sizeof number);
  return number;
}

TEST_CASE("random pool: gives nothing twice, and asks its source once a block", "[http][random]") {
  Numbers source;
  RandomPool pool{source};
  constexpr std::size_t kInBlock = RandomPool::kBlockBytes / sizeof(std::uint64_t);
  std::set<std::uint64_t> given;
  for (std::size_t turn = 0; turn < 3 * kInBlock; ++turn) given.insert(number_of(pool));
  CHECK(given.size() == 3 * kInBlock);
  CHECK_FALSE(given.contains(0));
  CHECK(source.calls == 3);
}

TEST_CASE("random pool: what does not fit what is left comes of one new block", "[http][random]") {
  Numbers source;
  RandomPool pool{source};
  std::vector<std::uint8_t> many(RandomPool::kBlockBytes / 4);
  for (int quarter = 0; quarter < 3; ++quarter) pool.fill(many);
  number_of(pool);
  CHECK(source.calls == 1);
  std::ranges::fill(many, std::uint8_t{0});
  pool.fill(many);
  CHECK(source.calls == 2);
  std::uint64_t first = 0;
  std::memcpy(&first, many.data(), sizeof first);
  CHECK(first > RandomPool::kBlockBytes / sizeof first);
}

TEST_CASE("random pool: what was given is wiped", "[http][random]") {
  Numbers source;
  RandomPool pool{source};
  const auto is_zero = [](std::uint8_t byte) { return byte == 0; };
  std::size_t taken = 0;
  for (const std::size_t bytes : {std::size_t{1}, std::size_t{32}, std::size_t{1000}}) {
    std::vector<std::uint8_t> out(bytes);
    pool.fill(out);
    taken += bytes;
    REQUIRE(source.last.size() == RandomPool::kBlockBytes);
    CHECK(std::ranges::all_of(source.last.last(taken), is_zero));
    CHECK_FALSE(std::ranges::all_of(source.last.first(source.last.size() - taken).last(8), is_zero));
  }
}

TEST_CASE("random pool: what is long comes from the source itself", "[http][random]") {
  Numbers source;
  RandomPool pool{source};
  std::vector<std::uint8_t> many(RandomPool::kBlockBytes / 4 + 1);
  pool.fill(many);
  CHECK(source.last.data() == many.data());
  pool.fill({});
  CHECK(source.calls == 1);
}

TEST_CASE("random pool: many threads are given nothing twice", "[http][random]") {
  Numbers source;
  RandomPool pool{source};
  constexpr std::size_t kThreads = 24;  // more than there are blocks
  constexpr std::size_t kTurns = 3'000;
  std::vector<std::vector<std::uint64_t>> given(kThreads);
  {
    std::vector<std::jthread> threads;
    for (auto& mine : given) {
      threads.emplace_back([&pool, &mine] {
        for (std::size_t turn = 0; turn < kTurns; ++turn) mine.push_back(number_of(pool));
      });
    }
  }
  std::set<std::uint64_t> all;
  for (const auto& one : given) all.insert(one.begin(), one.end());
  CHECK(all.size() == kThreads * kTurns);
  CHECK_FALSE(all.contains(0));
}

}  // namespace
}  // namespace tally::http
