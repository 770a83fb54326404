#include "events/log/log_time.hpp"

#include <random>

#include <catch2/catch.hpp>

#include "events/ledger/transaction.hpp"
#include "events/log/meta_rows.hpp"
#include "events/memory/memory_store.hpp"
#include "tests/events/sample_events.hpp"

namespace tally {
namespace {

using core::Timestamp;
using core::timestamp_of_micros;

/// A ledger whose clock and corrections a test chooses.
class Log {
 public:
  void append(std::int64_t reading) {
    const auto event = testing::sample_new_event(1);
    REQUIRE(transaction_.append(testing::sample_context(reading), event).has_value());
  }
  void accept(std::int64_t reading) {
    commit();  // a transaction does not read what it has appended
    const auto first = events::events_until(*store, head(), timestamp_of_micros(reading));
    REQUIRE(first.has_value());
    REQUIRE(transaction_.correct_time(testing::sample_context(reading), core::Sequence{*first}).has_value());
  }
  void complete(std::int64_t reading) {
    const core::NewEvent event{std::nullopt, {}, 0, core::ClockAcceptanceCompleted{3}};
    REQUIRE(transaction_.append(testing::sample_context(reading), event).has_value());
  }
  void fork(std::int64_t reading, std::uint32_t number) {
    const core::NewEvent event{std::nullopt, {}, 0, core::LedgerRecovered{1, {}, {2, {}, number, "key"}}};
    REQUIRE(transaction_.append(testing::sample_context(reading), event).has_value());
  }
  void commit() { REQUIRE(transaction_.commit().has_value()); }

  [[nodiscard]] events::LedgerHead head() const { return *events::load_head(*store); }
  [[nodiscard]] core::Event at(std::uint64_t sequence) const { return **events::read_event(*store, {sequence}); }
  [[nodiscard]] std::uint64_t before(std::int64_t time) const {
    return *events::events_before(*store, head(), timestamp_of_micros(time));
  }
  [[nodiscard]] std::uint64_t until(std::int64_t time) const {
    return *events::events_until(*store, head(), timestamp_of_micros(time));
  }

  std::unique_ptr<events::Store> store = events::make_memory_store();

 private:
  events::Transaction transaction_{*store, {}, {}};
};

TEST_CASE("log time: an empty ledger has nothing before any moment", "[events][log]") {
  const Log log;
  CHECK(log.before(1) == 0);
  CHECK(log.until(1) == 0);
}

TEST_CASE("log time: before is before, until is with it", "[events][log]") {
  Log log;
  for (const std::int64_t time : {10, 20, 20, 30}) log.append(time);
  log.commit();
  CHECK(log.before(10) == 0);
  CHECK(log.until(10) == 1);
  CHECK(log.before(20) == 1);
  CHECK(log.until(20) == 3);
  CHECK(log.until(29) == 3);
  CHECK(log.before(31) == 4);
  CHECK(*events::events_until(*log.store, log.head(), core::kLatestTime) == 4);
}

TEST_CASE("log time: around a correction the last event by sequence counts", "[events][log]") {
  Log log;
  for (const std::int64_t time : {10, 20, 900, 950}) log.append(time);
  log.accept(30);
  for (const std::int64_t time : {40, 50}) log.append(time);
  log.commit();
  CHECK(log.at(4).recorded_at == timestamp_of_micros(30));
  CHECK(std::get<core::ClockAccepted>(log.at(4).payload) ==
        core::ClockAccepted{core::Sequence{2}, timestamp_of_micros(950), std::nullopt});
  CHECK(log.at(5).recorded_at == timestamp_of_micros(40));
  CHECK(log.until(9) == 0);
  CHECK(log.until(25) == 2);  // nothing of what was ahead
  CHECK(log.before(30) == 2);
  CHECK(log.until(30) == 5);  // the correction, and so all before it
  CHECK(log.until(45) == 6);
  CHECK(log.until(900) == 7);  // now is later than the wrong clock's time: nothing is hidden for it
}

TEST_CASE("log time: the head knows the last correction and whether it is complete", "[events][log]") {
  Log log;
  log.append(10);
  log.commit();
  CHECK_FALSE(log.head().correction);
  log.append(900);
  log.accept(20);
  log.commit();
  CHECK(log.head().correction == events::ClockCorrection{core::Sequence{2}, false});
  CHECK(log.head().last_recorded_at == timestamp_of_micros(20));
  log.complete(25);
  log.commit();
  CHECK(log.head().correction == events::ClockCorrection{core::Sequence{2}, true});
  log.append(1'000);
  log.accept(30);
  log.commit();
  CHECK(log.head().correction == events::ClockCorrection{core::Sequence{5}, false});
  CHECK(std::get<core::ClockAccepted>(log.at(5).payload).previous == core::Sequence{2});
}

TEST_CASE("log time: a correction that is taken back never was", "[events][log]") {
  const auto store = events::make_memory_store();
  events::Transaction transaction{*store, {}, {}};
  const auto event = testing::sample_new_event(1);
  transaction.begin();
  REQUIRE(transaction.append(testing::sample_context(900), event).has_value());
  transaction.begin();
  REQUIRE(transaction.correct_time(testing::sample_context(20), {}).has_value());
  CHECK(transaction.head().last_recorded_at == timestamp_of_micros(20));
  transaction.fail(core::fail(core::Errc::internal, "no"));
  transaction.take_back();
  CHECK(transaction.head().last_recorded_at == timestamp_of_micros(900));
  CHECK_FALSE(transaction.head().correction);
  // And one of an earlier work of the same batch stays.
  transaction.begin();
  REQUIRE(transaction.correct_time(testing::sample_context(20), {}).has_value());
  transaction.begin();
  REQUIRE(transaction.append(testing::sample_context(30), event).has_value());
  transaction.fail(core::fail(core::Errc::internal, "no"));
  transaction.take_back();
  CHECK(transaction.head().correction == events::ClockCorrection{core::Sequence{1}, false});
  CHECK(transaction.head().last_recorded_at == timestamp_of_micros(20));
}

TEST_CASE("log time: the head of a ledger that has forked says the last one's number, with a correction or without",
          "[events][log]") {
  Log log;
  log.append(10);
  log.fork(20, 0);
  log.commit();
  CHECK(log.head().forks == 0);
  log.fork(30, 2);
  log.commit();
  CHECK(log.head().forks == 2);
  log.append(900);
  log.accept(40);
  log.commit();
  CHECK(log.head().forks == 2);
  CHECK(log.head().correction == events::ClockCorrection{core::Sequence{4}, false});
  std::string row = **log.store->get(events::Family::meta, events::kHeadRow);
  CHECK(events::encode_head(*events::decode_head(row)) == row);
  for (std::size_t length = 0; length < row.size(); ++length) {
    const auto head = events::decode_head(std::string_view{row}.substr(0, length));
    CHECK((head.has_error() && head.error().code == core::Errc::corrupt));
  }
  SECTION("fork 0") { row[4] = 0; }
  SECTION("a fork within a fork") { row[5] = 3; }
  CHECK(events::decode_head(row).has_error());
}

TEST_CASE("log time: a head of any form is read as it was written, and a damaged one is corrupt", "[events][log]") {
  Log log;
  for (const std::int64_t time : {10, 20, 900}) log.append(time);
  log.accept(30);
  log.commit();
  std::string row = **log.store->get(events::Family::meta, events::kHeadRow);
  CHECK(events::encode_head(*events::decode_head(row)) == row);
  const auto is_corrupt = [](std::string_view damaged) {
    const auto head = events::decode_head(damaged);
    return head.has_error() && head.error().code == core::Errc::corrupt;
  };
  for (std::size_t length = 0; length < row.size(); ++length)
    CHECK(is_corrupt(std::string_view{row}.substr(0, length)));
  SECTION("another form") { row[0] = 4; }
  SECTION("the form of a fork") { row[0] = 3; }
  SECTION("the form without a correction") { row[0] = 1; }
  SECTION("past the end") { row[24] = 4; }
  SECTION("neither complete nor not") { row[25] = 2; }
  CHECK(is_corrupt(row));
}

TEST_CASE("log time: a correction that is none is corrupt", "[events][log]") {
  Log log;
  for (const std::int64_t time : {10, 20, 900}) log.append(time);
  log.commit();
  events::LedgerHead head = log.head();
  head.correction = events::ClockCorrection{core::Sequence{1}, true};
  const auto found = events::events_before(*log.store, head, timestamp_of_micros(15));
  REQUIRE(found.has_error());
  CHECK(found.error().code == core::Errc::corrupt);
}

TEST_CASE("log time: clocks that walk, and corrections, as a naive scan has it", "[events][log]") {
  const auto seed = GENERATE(range(1U, 61U));
  CAPTURE(seed);
  std::mt19937 random{seed};
  const auto draw = [&](int from, int to) { return std::uniform_int_distribution{from, to}(random); };
  Log log;
  std::int64_t clock = 10'000;
  std::int64_t newest = 0;
  const int length = draw(1, 120);
  for (int step = 0; step < length; ++step) {
    clock += draw(0, 5);
    if (draw(0, 9) == 0) clock = std::max<std::int64_t>(1, clock + draw(-3'000, 3'000));
    if (newest > clock && draw(0, 2) == 0) {
      log.accept(clock);
      newest = clock;
    } else {
      log.append(clock);
      newest = std::max(newest, clock);
    }
  }
  log.commit();
  std::vector<std::int64_t> times;
  for (std::uint64_t sequence = 0; sequence < static_cast<std::uint64_t>(length); ++sequence) {
    times.push_back(core::micros_of(log.at(sequence).recorded_at));
  }
  const auto naive = [&](std::int64_t time) {
    std::uint64_t count = 0;
    for (std::size_t sequence = 0; sequence < times.size(); ++sequence) {
      if (times[sequence] < time) count = sequence + 1;
    }
    return count;
  };
  for (int question = 0; question < 200; ++question) {
    const std::int64_t time = draw(0, 3) == 0 ? times[static_cast<std::size_t>(draw(0, length - 1))] : draw(0, 20'000);
    REQUIRE(log.before(time) == naive(time));
    REQUIRE(log.until(time) == naive(time + 1));
  }
  // What a correction says of the events ahead of it is so, and no other event is dated earlier than the one before.
  for (std::size_t sequence = 1; sequence < times.size(); ++sequence) {
    const auto event = log.at(sequence);
    const auto* accepted = std::get_if<core::ClockAccepted>(&event.payload);
    if (accepted == nullptr) {
      REQUIRE(times[sequence] >= times[sequence - 1]);
      continue;
    }
    for (std::uint64_t ahead = accepted->first_ahead.value; ahead < sequence; ++ahead) {
      REQUIRE(times[ahead] > times[sequence]);
    }
    if (accepted->first_ahead.value > 0) REQUIRE(times[accepted->first_ahead.value - 1] <= times[sequence]);
  }
}

}  // namespace
}  // namespace tally
