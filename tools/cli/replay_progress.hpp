#pragma once

#include <chrono>
#include <ostream>
#include <string_view>

#include "projections/rebuild/rebuild.hpp"
#include "tools/cli/context.hpp"

namespace tally::tools {

/// One line that is written over, on a terminal only.
class ReplayProgress {
 public:
  /// `doing`: what is done with events, as "replaying".
  explicit ReplayProgress(Context& context, std::string_view doing = "replaying")
      : context_(context), doing_(doing), started_(std::chrono::steady_clock::now()) {}
  ReplayProgress(const ReplayProgress&) = delete;
  ReplayProgress& operator=(const ReplayProgress&) = delete;
  ~ReplayProgress() {
    if (is_shown_) context_.around().err << "\r\x1B[K" << std::flush;
  }
  void operator()(const projections::RebuildProgress& progress) {
    show(doing_, progress.events_done, progress.events_total, "events");
  }
  /// Of files that are read whole.
  void read(std::uint64_t bytes_done, std::uint64_t bytes_total) {
    show("reading", bytes_done >> 20, bytes_total >> 20, "MiB of files");
  }
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
  }

 private:
  void show(std::string_view doing, std::uint64_t done, std::uint64_t total, std::string_view of_what) {
    if (!context_.around().err_is_terminal || total == 0) return;
    is_shown_ = true;
    context_.around().err << '\r' << doing << ' ' << done << " of " << total << ' ' << of_what << " ("
                          << done * 100 / total << " %)\x1B[K" << std::flush;
  }

  Context& context_;
  const std::string_view doing_;
  std::chrono::steady_clock::time_point started_;
  bool is_shown_ = false;
};

}  // namespace tally::tools
