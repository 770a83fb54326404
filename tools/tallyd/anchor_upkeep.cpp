#include "tools/tallyd/anchor_upkeep.hpp"

namespace tally::tools {
namespace {

constexpr std::chrono::seconds kAnchorPause{1};

}  // namespace

AnchorUpkeep::AnchorUpkeep(events::AnchorFile& anchor, Log& log)
    // A failure is told by the anchor itself.
    : thread_(
          kAnchorPause, UpkeepThread::First::after_the_pause, [&anchor] { anchor.sync(); },
          [&log](const char* what) { log.error("the anchor is not kept up", {{"detail", what}}); }) {}

void AnchorUpkeep::stop() {
  thread_.stop();
  thread_.run_once();
}

}  // namespace tally::tools
