#include "tools/tallyd/scrub_upkeep.hpp"

#include <array>
#include <chrono>
#include <utility>
#include <vector>

#include "http/commands/execute.hpp"
#include "tools/tallyd/clock_watch.hpp"
#include "tools/tallyd/first_start.hpp"
#include "tools/tallyd/thread_priority.hpp"

namespace tally::tools {
namespace {

using core::Result;

constexpr std::chrono::minutes kScrubPause{1};
constexpr int kFirstMinutesMax = 60;

/// When the first run is: not all servers of a machine at once.
core::Duration draw_first(core::RandomSource& random) {
  std::array<std::uint8_t, 1> drawn{};
  random.fill(drawn);
  return time_since_boot() + std::chrono::minutes{drawn.front() % kFirstMinutesMax};
}

Scrub::Parts parts_of(Backend& backend, http::Checkpointer& checkpointer, LedgerHealth& health,
                      const UpkeepThread& thread, Log& log) {
  return {*backend.store,
          [&checkpointer]() -> Result<std::vector<core::Commitment>> {
            TALLY_TRY_ASSIGN(const auto latest, checkpointer.latest());
            return std::vector<core::Commitment>{
                {"checkpoint", latest->tree, latest->signed_at, core::Commitment::Kind::checkpoint}};
          },
          [&backend](const core::RecordVerification& found) -> Result<void> {
            TALLY_TRY(http::execute_blocking(backend.commands, system_context(backend.clock, backend.random), found));
            return {};
          },
          [&thread](core::Duration pause) { return thread.rest_for(pause); },
          time_since_boot,
          health,
          log};
}

}  // namespace

ScrubUpkeep::ScrubUpkeep(Backend& backend, http::Checkpointer& checkpointer, LedgerHealth& health, unsigned days,
                         Log& log)
    : log_(log),
      scrub_(parts_of(backend, checkpointer, health, thread_, log)),
      plan_(std::chrono::days{days}, draw_first(backend.random)),
      // It writes nothing but by a command.
      thread_(
          kScrubPause, UpkeepThread::First::after_the_pause, [this] { look(); },
          [&log](const char* what) { log.error("the ledger could not be verified", {{"detail", what}}); }) {}

void ScrubUpkeep::look() {
  if (!plan_.is_due(time_since_boot())) return;
  if (!std::exchange(runs_last_, true) && !run_last()) {
    log_.debug("the system does not let the verification run behind the other threads");
  }
  const Scrub::Outcome outcome = scrub_.run();
  plan_.ran(outcome, time_since_boot());
}

}  // namespace tally::tools
