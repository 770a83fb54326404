#include "events/ledger/work_queue.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "core/base/check.hpp"
#include "tests/events/sample_events.hpp"
#include "tests/support/seeded_random.hpp"

using namespace tally;
using events::Work;
using events::WorkQueue;

namespace {

class LaneWork final : public Work {
 public:
  LaneWork(std::uint8_t lane, int number) : lane_(lane), number_(number) {}
  [[nodiscard]] core::Timestamp reading() const override { return {}; }
  [[nodiscard]] core::Uuid lane() const override { return testing::sample_uuid(lane_); }
  void run(events::Transaction&) override {}
  void finish(const core::Result<void>&) noexcept override {}
  [[nodiscard]] std::string text() const { return std::to_string(lane_) + ":" + std::to_string(number_); }

 private:
  std::uint8_t lane_;
  int number_;
};

bool push(WorkQueue& queue, std::uint8_t lane, int number) {
  std::unique_ptr<Work> work = std::make_unique<LaneWork>(lane, number);
  const bool taken = queue.push(work);
  CHECK(taken == (work == nullptr));
  return taken;
}

std::string pop(WorkQueue& queue) {
  const auto work = queue.pop();
  return work ? static_cast<const LaneWork&>(*work).text() : "none";
}

}  // namespace

TEST_CASE("work queue: lanes take turns, and each keeps its order", "[events][sequencer]") {
  WorkQueue queue{100};
  for (int number = 0; number < 3; ++number) push(queue, 1, number);
  push(queue, 2, 0);
  push(queue, 2, 1);
  push(queue, 3, 0);
  std::vector<std::string> order;
  for (std::string text = pop(queue); text != "none"; text = pop(queue)) order.push_back(text);
  CHECK(order == std::vector<std::string>{"1:0", "2:0", "3:0", "1:1", "2:1", "1:2"});
  CHECK(queue.empty());
}

TEST_CASE("work queue: who comes waits for one of each other lane, however many are there", "[events][sequencer]") {
  WorkQueue queue{1'000};
  for (int number = 0; number < 400; ++number) push(queue, 1, number);
  for (int number = 0; number < 5; ++number) pop(queue);
  push(queue, 2, 0);
  CHECK(pop(queue) == "1:5");
  CHECK(pop(queue) == "2:0");
}

TEST_CASE("work queue: a lane leaves as many places as it takes, and few are always allowed", "[events][sequencer]") {
  WorkQueue queue{100};
  int taken = 0;
  while (push(queue, 1, taken)) ++taken;
  CHECK(taken == 50);
  taken = 0;
  while (push(queue, 2, taken)) ++taken;
  CHECK(taken == 25);
  taken = 0;
  while (push(queue, 3, taken)) ++taken;
  CHECK(taken == 16);
  taken = 0;
  while (push(queue, 4, taken)) ++taken;
  CHECK(taken == 9);
  CHECK(queue.size() == 100);
  CHECK_FALSE(push(queue, 5, 0));
  CHECK(pop(queue) == "1:0");
  CHECK_FALSE(push(queue, 1, 50));
  CHECK(push(queue, 5, 0));
}

TEST_CASE("work queue: whatever comes and goes, nothing is lost and each lane keeps its order", "[events][sequencer]") {
  const auto seed = GENERATE(take(10, random(1, 1'000'000)));
  CAPTURE(seed);
  testing::SeededRandom random{static_cast<std::uint64_t>(seed)};
  WorkQueue queue{64};
  std::map<std::uint8_t, std::vector<std::string>> expected;
  int number = 0;
  std::size_t size = 0;
  for (int step = 0; step < 5'000; ++step) {
    std::array<std::uint8_t, 2> bytes;
    random.fill(bytes);
    const auto lane = static_cast<std::uint8_t>(1 + bytes[0] % 5);
    if (bytes[1] % 2 == 0) {
      if (!push(queue, lane, number)) continue;
      expected[lane].push_back(std::to_string(lane) + ":" + std::to_string(number++));
      ++size;
    } else {
      const std::string text = pop(queue);
      if (size == 0) {
        REQUIRE(text == "none");
        continue;
      }
      auto& of_lane = expected[static_cast<std::uint8_t>(std::stoi(text))];
      REQUIRE_FALSE(of_lane.empty());
      REQUIRE(of_lane.front() == text);
      of_lane.erase(of_lane.begin());
      --size;
    }
    REQUIRE(queue.size() == size);
  }
}
