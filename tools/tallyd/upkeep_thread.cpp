#include "tools/tallyd/upkeep_thread.hpp"

#include <exception>
#include <utility>

#include "core/base/check.hpp"

namespace tally::tools {

UpkeepThread::UpkeepThread(std::chrono::milliseconds pause, First first, std::function<void()> task,
                           std::function<void(const char* what)> on_fault)
    : pause_(pause), first_(first), task_(std::move(task)), on_fault_(std::move(on_fault)), thread_([this] {
        run();
      }) {}

UpkeepThread::~UpkeepThread() { stop(); }

void UpkeepThread::stop() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  stopped_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool UpkeepThread::is_stopping() const {
  const std::lock_guard lock{mutex_};
  return stopping_;
}

bool UpkeepThread::rest_for(std::chrono::microseconds pause) const {
  std::unique_lock lock{mutex_};
  return !stopped_.wait_for(lock, pause, [this] { return stopping_; });
}

void UpkeepThread::run_once() const {
  try {
    const core::BrokenPromisePolicy policy{core::OnBrokenPromise::raise};
    task_();
  } catch (const std::exception& exception) {
    on_fault_(exception.what());
  }
}

void UpkeepThread::run() {
  std::unique_lock lock{mutex_};
  const auto is_told = [this] { return stopping_; };
  if (first_ == First::after_the_pause) stopped_.wait_for(lock, pause_, is_told);
  while (!stopping_) {
    lock.unlock();
    run_once();
    lock.lock();
    stopped_.wait_for(lock, pause_, is_told);
  }
}

}  // namespace tally::tools
