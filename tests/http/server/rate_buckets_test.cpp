#include <catch2/catch.hpp>

#include "http/server/rate_notes.hpp"

using namespace tally;
using namespace tally::http;
using namespace std::chrono_literals;

namespace {

constexpr core::Timestamp kStart = core::timestamp_of_micros(1'800'000'000'000'000);

}  // namespace

TEST_CASE("rate buckets: all at once, then one by one as time passes", "[http][limits]") {
  RateBuckets buckets{{"x", 6}, 256};
  for (std::uint32_t left = 6; left-- > 0;) {
    const RateVerdict verdict = buckets.take(1, kStart);
    CHECK(verdict.is_admitted);
    CHECK(verdict.remaining == left);
    CHECK(verdict.reset_seconds == (6 - left) * 10);
    CHECK(verdict.retry_after_seconds == 0);
  }
  const RateVerdict refused = buckets.take(1, kStart);
  CHECK_FALSE(refused.is_admitted);
  CHECK(refused.remaining == 0);
  CHECK(refused.retry_after_seconds == 10);
  CHECK_FALSE(buckets.take(1, kStart + 10s - 1us).is_admitted);
  CHECK(buckets.take(1, kStart + 10s - 1us).retry_after_seconds == 1);
  CHECK(buckets.take(1, kStart + 10s).is_admitted);
  CHECK_FALSE(buckets.take(1, kStart + 10s).is_admitted);
  CHECK(buckets.take(1, kStart + 1h).remaining == 5);
}

TEST_CASE("rate buckets: each key has its own, and asking when refused costs nothing", "[http][limits]") {
  RateBuckets buckets{{"x", 1}, 256};
  CHECK(buckets.take(1, kStart).is_admitted);
  for (int count = 0; count < 100; ++count) CHECK_FALSE(buckets.take(1, kStart + 1s).is_admitted);
  CHECK(buckets.take(2, kStart).is_admitted);
  CHECK(buckets.take(1, kStart + 60s).is_admitted);
}

TEST_CASE("rate buckets: what was taken can be given back, or all of it forgiven", "[http][limits]") {
  RateBuckets buckets{{"x", 2}, 256};
  buckets.take(1, kStart);
  buckets.take(1, kStart);
  buckets.give_back(1);
  CHECK(buckets.take(1, kStart).is_admitted);
  CHECK_FALSE(buckets.take(1, kStart).is_admitted);
  buckets.forgive(1);
  CHECK(buckets.take(1, kStart).remaining == 1);
  buckets.give_back(99);  // nobody's
  buckets.forgive(99);
}

TEST_CASE("rate buckets: a clock that was set back locks nobody out", "[http][limits]") {
  RateBuckets buckets{{"x", 2}, 256};
  buckets.take(1, kStart);
  // By less than a minute it is as if no time had passed.
  CHECK(buckets.take(1, kStart - 60s).is_admitted);
  CHECK_FALSE(buckets.take(1, kStart - 60s).is_admitted);
  const core::Timestamp earlier = kStart - 24h;
  CHECK(buckets.take(1, earlier).is_admitted);
  CHECK(buckets.take(1, earlier).is_admitted);
  CHECK_FALSE(buckets.take(1, earlier).is_admitted);
}

TEST_CASE("rate buckets: whoever comes late with an earlier time finds what was taken meanwhile", "[http][limits]") {
  RateBuckets buckets{{"x", 6}, 256};
  for (int count = 0; count < 6; ++count) CHECK(buckets.take(1, kStart).is_admitted);
  for (const auto late : {1us, 1'000'000us, 15'000'000us, 60'000'000us}) {
    INFO(late.count());
    const RateVerdict verdict = buckets.take(1, kStart - late);
    CHECK_FALSE(verdict.is_admitted);
    CHECK(verdict.remaining == 0);
    CHECK(verdict.retry_after_seconds == 10);
    CHECK_FALSE(buckets.take(1, kStart).is_admitted);
  }
  // Nor does it put off when there is one again.
  CHECK(buckets.take(1, kStart + 10s).is_admitted);
}

TEST_CASE("rate buckets: any number of keys takes constant memory, and adds to nobody's debts", "[http][limits]") {
  RateBuckets buckets{{"x", 1}, 256};
  for (std::uint64_t key = 1; key <= 100'000; ++key) {
    CHECK(buckets.take(key * 0x9e3779b97f4a7c15ULL, kStart + std::chrono::microseconds{key}).is_admitted);
  }
}

TEST_CASE("rate buckets: no requests are no limit", "[http][limits]") {
  RateBuckets buckets{{"x", 0}, 256};
  CHECK_FALSE(buckets.is_on());
  for (int count = 0; count < 10; ++count) CHECK(buckets.take(1, kStart).is_admitted);
}

TEST_CASE("rate notes: the field lines are structured lists, and there are none without a limit", "[http][limits]") {
  RateNotes notes;
  std::string out;
  notes.append_lines(out);
  CHECK(out.empty());
  notes.add({"address", 100}, {true, 42, 35, 0});
  notes.add({"caller", 10, std::chrono::seconds{30}}, {false, 0, 30, 3});
  CHECK(notes.retry_after_seconds() == 3);
  notes.append_lines(out);
  CHECK(out ==
        "RateLimit-Policy: \"address\";q=100;w=60, \"caller\";q=10;w=30\r\n"
        "RateLimit: \"address\";r=42;t=35, \"caller\";r=0;t=30\r\n");
  notes.clear();
  CHECK(notes.empty());
}
