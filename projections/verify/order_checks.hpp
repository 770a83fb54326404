#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "core/base/time.hpp"
#include "events/log/merkle.hpp"
#include "events/store/store.hpp"
#include "projections/verify/log_check.hpp"
#include "projections/verify/tile_flaws.hpp"

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
/// many as it says. The rows of each one's tree are what the log gives, if they are asked for. Takes about 400 bytes
/// for each workspace, and follows kFollowedMax of them.
class WorkspaceCheck final : public LogCheck {
 public:
  static constexpr std::size_t kFollowedMax = 2'000'000;

  /// `has_tiles`: meta counts the events of no workspace, too. `has_trees`: the trees are compared. Lifetime: `reader`
  /// outlives it.
  WorkspaceCheck(const events::Reader& reader, bool has_tiles, bool has_trees)
      : reader_(reader), has_tiles_(has_tiles), has_trees_(has_trees), stored_roots_(reader) {}
  void meet(const MetEvent& met, Findings& findings) override;
  void end(std::uint64_t, Findings&) override {}

  /// After the last event: tells what is wrong with the roots of a whole log; a doubtful one gives none to compare.
  /// Errors: io_failed, stopping.
  core::Result<void> tell_roots(LogState log, Findings& findings);
  /// After the last event of the ledger: holds all that it has met against meta. Errors: io_failed, stopping.
  core::Result<void> tell_sizes(LogState log, Findings& findings);

  /// How many events there are of a workspace; empty: it is not followed.
  [[nodiscard]] std::optional<std::uint64_t> size_of(const core::Uuid& workspace) const;
  /// Events of workspaces beyond those that are followed.
  [[nodiscard]] std::uint64_t events_not_followed() const { return events_not_followed_; }

 private:
  struct Followed {
    std::uint64_t next = 0;
    std::uint64_t last_event = 0;
    events::CompactRange tree;  ///< Only if it is compared.
    bool is_said = false;       ///< Meta has a row of it.
  };

  Followed* follow(const core::Uuid& workspace);
  void hold(const core::Uuid& workspace, std::string_view row, LogState log, Findings& findings);

  const events::Reader& reader_;
  const bool has_tiles_;
  const bool has_trees_;
  StoredRoots stored_roots_;
  TileFlaws flaws_;
  std::unordered_map<core::Uuid, Followed> followed_;
  std::uint64_t events_not_followed_ = 0;
};

}  // namespace tally::projections
