#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/http/server/server_fixture.hpp"

using namespace tally;
using namespace tally::testing;

namespace {

/// What one I/O thread told of its work, in order.
class Turns {
 public:
  void add(bool has_work) {
    const std::lock_guard lock{mutex_};
    told_.push_back(has_work);
    added_.notify_all();
  }
  bool has_work() {
    const std::lock_guard lock{mutex_};
    return !told_.empty() && told_.back();
  }
  void wait_until_resting() {
    std::unique_lock lock{mutex_};
    added_.wait(lock, [this] { return !told_.empty() && !told_.back(); });
  }
  std::vector<bool> all() {
    const std::lock_guard lock{mutex_};
    return told_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable added_;
  std::vector<bool> told_;
};

}  // namespace

TEST_CASE("turns: an I/O thread is said to have work in every request, and to rest after it", "[http]") {
  ServerFixture fixture;
  Turns turns;
  fixture.options.io_threads = 1;
  fixture.options.on_turn = [&](bool has_work) { turns.add(has_work); };
  int busy = 0;
  fixture.get("/", [&](const http::Request&, http::Response& response) {
    if (turns.has_work()) ++busy;
    response.start(204, "");
  });
  fixture.start();
  constexpr int kRequests = 20;
  TestClient client{fixture.port()};
  for (int turn = 0; turn < kRequests; ++turn) {
    turns.wait_until_resting();
    client.send(get_request("/"));
    REQUIRE(client.read().status == 204);
  }
  fixture.stop();
  CHECK(busy == kRequests);
  const std::vector<bool> told = turns.all();
  for (std::size_t index = 0; index < told.size(); ++index) CHECK(told[index] == (index % 2 == 0));
  CHECK(told.size() >= 2 * kRequests);
  CHECK_FALSE(told.back());
}
