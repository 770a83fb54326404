#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <utility>

#include "events/ledger/sequencer.hpp"
#include "tests/events/sample_events.hpp"

namespace tally::testing {

/// What a work was told; asked from any thread.
struct Told {
  std::promise<core::Errc> promise;
  std::future<core::Errc> future = promise.get_future();
  static constexpr auto kDurable = static_cast<core::Errc>(0);
  core::Errc wait() { return future.get(); }
  /// Waits long enough for a writer that has nothing to wait for.
  bool has_come() { return future.wait_for(std::chrono::milliseconds{20}) == std::future_status::ready; }
  bool comes() { return future.wait_for(std::chrono::seconds{10}) == std::future_status::ready; }
};

class TestWork final : public events::Work {
 public:
  TestWork(Told& told, std::function<void(events::Transaction&)> run, std::uint8_t lane)
      : told_(told), run_(std::move(run)), lane_(lane) {}
  [[nodiscard]] core::Timestamp reading() const override { return core::timestamp_of_micros(1'000); }
  [[nodiscard]] core::Uuid lane() const override { return sample_uuid(lane_); }
  void run(events::Transaction& transaction) override { run_(transaction); }
  void finish(const core::Result<void>& durable) noexcept override {
    told_.promise.set_value(durable.has_value() ? Told::kDurable : durable.error().code);
  }

 private:
  Told& told_;
  std::function<void(events::Transaction&)> run_;
  std::uint8_t lane_;
};

inline std::unique_ptr<events::Work> work(Told& told, std::function<void(events::Transaction&)> run,
                                          std::uint8_t lane = 1) {
  return std::make_unique<TestWork>(told, std::move(run), lane);
}

inline void append_one(events::Transaction& transaction) {
  const auto event = sample_new_event(1);
  static_cast<void>(transaction.append(sample_context(1'000), event));
}

/// Holds the writer inside a work until opened, so that what comes after waits in the queue.
class Gate {
 public:
  std::function<void(events::Transaction&)> work() {
    return [this](events::Transaction&) {
      entered_.set_value();
      opened_.get_future().wait();
    };
  }
  void wait_entered() { entered_.get_future().wait(); }
  void open() { opened_.set_value(); }

 private:
  std::promise<void> entered_;
  std::promise<void> opened_;
};

}  // namespace tally::testing
