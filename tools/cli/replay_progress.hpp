#pragma once

#include <chrono>
#include <ostream>

#include "projections/rebuild/rebuild.hpp"
#include "tools/cli/context.hpp"

namespace tally::tools {

/// One line that is written over, on a terminal only.
class ReplayProgress {
 public:
  explicit ReplayProgress(Context& context) : context_(context), started_(std::chrono::steady_clock::now()) {}
  ReplayProgress(const ReplayProgress&) = delete;
  ReplayProgress& operator=(const ReplayProgress&) = delete;
  ~ReplayProgress() {
    if (is_shown_) context_.around().err << "\r\x1B[K" << std::flush;
  }
  void operator()(const projections::RebuildProgress& progress) {
    if (!context_.around().err_is_terminal || progress.events_total == 0) return;
    is_shown_ = true;
    context_.around().err << "\rreplaying " << progress.events_done << " of " << progress.events_total << " events ("
                          << progress.events_done * 100 / progress.events_total << " %)" << std::flush;
  }
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
  }

 private:
  Context& context_;
  std::chrono::steady_clock::time_point started_;
  bool is_shown_ = false;
};

}  // namespace tally::tools
