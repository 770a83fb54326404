#include "tools/tallyd/offboarding_upkeep.hpp"

#include <chrono>

#include "tools/tallyd/first_start.hpp"

namespace tally::tools {
namespace {

constexpr std::chrono::seconds kOffboardingInterval{1};

}  // namespace

OffboardingUpkeep::OffboardingUpkeep(const http::Offboarding& offboarding, const http::Clock& clock,
                                     core::RandomSource& random, Log& log)
    : offboarding_(offboarding),
      clock_(clock),
      random_(random),
      log_(log),
      // It writes nothing but by commands.
      thread_(
          kOffboardingInterval, UpkeepThread::First::at_once, [this] { finish_what_is_left(); },
          [this](const char* what) {
            log_.error("the tokens of somebody who went could not be stopped yet", {{"detail", what}});
          }) {}

void OffboardingUpkeep::finish_what_is_left() {
  const auto finished = offboarding_.continue_unfinished([this]() -> std::optional<core::CommandContext> {
    if (thread_.is_stopping()) return std::nullopt;
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
