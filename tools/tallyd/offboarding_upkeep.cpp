#include "tools/tallyd/offboarding_upkeep.hpp"

#include <chrono>
#include <exception>

#include "core/base/check.hpp"
#include "tools/tallyd/first_start.hpp"

namespace tally::tools {
namespace {

constexpr std::chrono::seconds kInterval{1};

}  // namespace

OffboardingUpkeep::OffboardingUpkeep(const http::api::Offboarding& offboarding, const http::Clock& clock,
                                     core::RandomSource& random, Log& log)
    : offboarding_(offboarding), clock_(clock), random_(random), log_(log), thread_([this] { run(); }) {}

OffboardingUpkeep::~OffboardingUpkeep() { stop(); }

void OffboardingUpkeep::stop() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  stopped_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool OffboardingUpkeep::is_stopping() {
  const std::lock_guard lock{mutex_};
  return stopping_;
}

void OffboardingUpkeep::run() {
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    lock.unlock();
    // What it reads may be damaged; it writes nothing but by commands.
    try {
      const core::BrokenPromisePolicy policy{core::OnBrokenPromise::raise};
      finish_what_is_left();
    } catch (const std::exception& exception) {
      log_.error("the tokens of somebody who went could not be stopped yet", {{"detail", exception.what()}});
    }
    lock.lock();
    stopped_.wait_for(lock, kInterval, [this] { return stopping_; });
  }
}

void OffboardingUpkeep::finish_what_is_left() {
  const auto finished = offboarding_.continue_unfinished([this]() -> std::optional<core::CommandContext> {
    if (is_stopping()) return std::nullopt;
    return system_context(clock_, random_);
  });
  // A clock in doubt is told by itself.
  if (finished.has_error() && finished.error().code == core::Errc::clock_in_doubt) return;
  if (finished.has_error()) {
    log_.error(
        "the tokens of somebody who went could not all be stopped yet: they count as stopped, and it is tried again",
        {{"detail", finished.error().detail}});
    return;
  }
  for (const projections::Unfinished& part : *finished) {
    log_.info("all tokens of somebody who went are stopped", {{"user", part.user.str()}});
  }
}

}  // namespace tally::tools
