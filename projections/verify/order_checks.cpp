#include "projections/verify/order_checks.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "events/log/keys.hpp"
#include "events/log/meta_rows.hpp"

namespace tally::projections {
namespace {

std::string event_number(std::uint64_t place) { return "event " + std::to_string(place); }
/// The nil one has the events of none.
std::string about(const core::Uuid& workspace) {
  return workspace == core::Uuid{} ? "no workspace: " : "workspace " + core::WorkspaceId{workspace}.str() + ": ";
}
std::string numbered(std::uint64_t events) {
  return "the log numbers " + std::to_string(events) + " events, and the ledger says ";
}
/// What --repair-tiles mends is a row of a tree.
Finding::Kind kind_of_row(LogState log, bool has_trees) {
  return log == LogState::whole && has_trees ? Finding::Kind::tile : Finding::Kind::workspace;
}
std::string way_out(LogState log, bool has_trees) { return log == LogState::whole && has_trees ? kRepairWayOut : ""; }

}  // namespace

void TimeCheck::meet(const MetEvent& met, Findings& findings) {
  if (met.event == nullptr) return;
  const bool may_go_back = std::holds_alternative<core::ClockAccepted>(met.event->payload);
  if (before_ && met.event->recorded_at < *before_ && !may_go_back) {
    findings.add(Finding::Kind::time, met.place, event_number(met.place.value) + " is older than the one before");
  }
  before_ = met.event->recorded_at;
}

WorkspaceCheck::Followed* WorkspaceCheck::follow(const core::Uuid& workspace) {
  const auto found = followed_.find(workspace);
  if (found != followed_.end()) return &found->second;
  return followed_.size() < kFollowedMax ? &followed_[workspace] : nullptr;
}

void WorkspaceCheck::meet(const MetEvent& met, Findings& findings) {
  if (met.event == nullptr) return;
  const core::Uuid workspace = met.event->workspace ? met.event->workspace->uuid() : core::Uuid{};
  Followed* const followed = follow(workspace);
  if (followed == nullptr) {
    ++events_not_followed_;
    return;
  }
  if (has_trees_) {
    followed->tree.append(met.leaf, [&](int level, std::uint64_t index, const core::Digest& root) {
      stored_roots_.hold({workspace, level, index}, root, flaws_);
    });
  }
  // Events of no workspace carry no number: their order is it.
  const std::uint64_t number = met.event->workspace ? met.event->workspace_sequence : followed->next;
  if (number != followed->next) {
    const bool is_last_again = number + 1 == followed->next;
    findings.add(Finding::Kind::workspace, met.place,
                 about(workspace) + event_number(met.place.value) + " has number " + std::to_string(number) +
                     (is_last_again ? ", which " + event_number(followed->last_event) + " has already"
                                    : " where " + std::to_string(followed->next) + " follows"));
  }
  // A number that was there already changes nothing about which one follows.
  if (number < followed->next) return;
  followed->next = number + 1;
  followed->last_event = met.place.value;
}

std::optional<std::uint64_t> WorkspaceCheck::size_of(const core::Uuid& workspace) const {
  const auto found = followed_.find(workspace);
  if (found != followed_.end()) return found->second.next;
  return events_not_followed_ == 0 ? std::optional<std::uint64_t>{0} : std::nullopt;
}

core::Result<void> WorkspaceCheck::tell_roots(LogState log, Findings& findings) {
  TALLY_TRY(stored_roots_.outcome());
  if (log == LogState::whole) flaws_.tell(log, findings);
  return {};
}

core::Result<void> WorkspaceCheck::tell_sizes(LogState log, Findings& findings) {
  const auto rows = reader_.scan(events::Family::meta, events::prefix_range(events::kWorkspaceSizePrefix));
  for (; rows->valid(); rows->next()) {
    const std::string_view key = rows->key().substr(events::kWorkspaceSizePrefix.size());
    core::Uuid workspace;
    if (key.size() != workspace.bytes.size()) continue;
    std::copy_n(core::as_bytes(key).begin(), key.size(), workspace.bytes.begin());
    hold(workspace, rows->value(), log, findings);
  }
  if (const auto status = rows->status(); status.has_error()) {
    if (status.error().code != core::Errc::corrupt) return status;
    findings.add(Finding::Kind::workspace, std::nullopt,
                 "how many events workspaces have can not be read: " + status.error().detail);
    return {};
  }
  std::vector<core::Uuid> unsaid;
  for (const auto& [workspace, followed] : followed_) {
    if (!followed.is_said && (has_tiles_ || workspace != core::Uuid{})) unsaid.push_back(workspace);
  }
  std::ranges::sort(unsaid);
  for (const core::Uuid& workspace : unsaid) {
    findings.add(kind_of_row(log, has_trees_), std::nullopt,
                 about(workspace) + numbered(followed_.at(workspace).next) + "nothing" + way_out(log, has_trees_));
  }
  return {};
}

void WorkspaceCheck::hold(const core::Uuid& workspace, std::string_view row, LogState log, Findings& findings) {
  const auto found = followed_.find(workspace);
  if (found != followed_.end()) found->second.is_said = true;
  const auto size = size_of(workspace);
  if (!size) return;
  const auto said = events::read_be64(row);
  if (said != size) {
    findings.add(kind_of_row(log, has_trees_), std::nullopt,
                 about(workspace) + numbered(*size) + (said ? std::to_string(*said) : "nothing that can be read") +
                     way_out(log, has_trees_));
    return;
  }
  if (!has_trees_ || log != LogState::whole) return;
  const auto range = events::decode_range(row);
  if (range.has_value() && found != followed_.end() && *range == found->second.tree) return;
  findings.add(Finding::Kind::tile, std::nullopt,
               about(workspace) + "the roots of its " + std::to_string(*size) + " events are damaged" +
                   way_out(log, has_trees_));
}

}  // namespace tally::projections
