#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>

#include "core/base/time.hpp"
#include "events/store/store.hpp"
#include "projections/verify/log_check.hpp"

namespace tally::projections {

/// Time goes back at a ClockAccepted only.
class TimeCheck final : public LogCheck {
 public:
  void meet(const MetEvent& met, Findings& findings) override;
  void end(std::uint64_t, Findings&) override {}

 private:
  std::optional<core::Timestamp> before_;
};

/// Every workspace's events have numbers from 0 on, each once, and as many as meta says; those of no workspace are as
/// many as it says. Takes about 80 bytes for each
/// workspace, and follows kFollowedMax of them.
class WorkspaceCheck final : public LogCheck {
 public:
  static constexpr std::size_t kFollowedMax = 4'000'000;

  /// Lifetime: `meta` outlives it.
  explicit WorkspaceCheck(const events::Reader& meta) : meta_(meta) {}
  void meet(const MetEvent& met, Findings& findings) override;
  void end(std::uint64_t size, Findings& findings) override;

  /// Events of workspaces beyond those that are followed.
  [[nodiscard]] std::uint64_t events_not_followed() const { return events_not_followed_; }

 private:
  struct Numbers {
    std::uint64_t next = 0;
    std::uint64_t last_event = 0;
  };

  const events::Reader& meta_;
  std::unordered_map<core::Uuid, Numbers> numbers_;
  std::uint64_t events_not_followed_ = 0;
};

}  // namespace tally::projections
