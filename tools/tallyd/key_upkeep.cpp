#include "tools/tallyd/key_upkeep.hpp"

#include <chrono>
#include <exception>

#include "core/base/check.hpp"
#include "tools/tallyd/first_start.hpp"

namespace tally::tools {
namespace {

constexpr std::chrono::minutes kInterval{1};

}  // namespace

KeyUpkeep::KeyUpkeep(http::KeyRotation& rotation, const http::Clock& clock, core::RandomSource& random, Log& log)
    : rotation_(rotation), clock_(clock), random_(random), log_(log), thread_([this] { run(); }) {}

KeyUpkeep::~KeyUpkeep() { stop(); }

void KeyUpkeep::stop() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  stopped_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void KeyUpkeep::run() {
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    lock.unlock();
    // What it reads may be damaged; it writes nothing but by a command.
    try {
      const core::BrokenPromisePolicy policy{core::OnBrokenPromise::raise};
      retire_expired();
    } catch (const std::exception& exception) {
      log_.error("a signing key could not be retired", {{"detail", exception.what()}});
    }
    lock.lock();
    stopped_.wait_for(lock, kInterval, [this] { return stopping_; });
  }
}

void KeyUpkeep::retire_expired() {
  const auto retired = rotation_.retire_expired([this] { return system_context(clock_, random_); });
  // A clock in doubt is told by itself.
  if (retired.has_error() && retired.error().code == core::Errc::clock_in_doubt) return;
  if (retired.has_error()) {
    log_.error("a signing key could not be retired", {{"detail", retired.error().detail}});
    return;
  }
  for (const std::string& key_id : *retired) log_.info("a signing key is retired", {{"key_id", key_id}});
}

}  // namespace tally::tools
