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
std::string about(const core::Uuid& workspace) {
  if (workspace == core::Uuid{}) return "events of no workspace: ";
  return "workspace " + core::WorkspaceId{workspace}.str() + ": ";
}

}  // namespace

void TimeCheck::meet(const MetEvent& met, Findings& findings) {
  if (met.event == nullptr) return;
  const bool may_go_back = std::holds_alternative<core::ClockAccepted>(met.event->payload);
  if (before_ && met.event->recorded_at < *before_ && !may_go_back) {
    findings.add(Finding::Kind::time, met.place, event_number(met.place.value) + " is older than the one before");
  }
  before_ = met.event->recorded_at;
}

void WorkspaceCheck::meet(const MetEvent& met, Findings& findings) {
  if (met.event == nullptr) return;
  const core::Uuid workspace = met.event->workspace ? met.event->workspace->uuid() : core::Uuid{};
  auto found = numbers_.find(workspace);
  if (found == numbers_.end()) {
    if (numbers_.size() == kFollowedMax) {
      ++events_not_followed_;
      return;
    }
    found = numbers_.emplace(workspace, Numbers{}).first;
  }
  Numbers& numbers = found->second;
  if (!met.event->workspace) {
    // Their order is their number.
    ++numbers.next;
    return;
  }
  const std::uint64_t number = met.event->workspace_sequence;
  if (number != numbers.next) {
    const bool is_last_again = number + 1 == numbers.next;
    findings.add(Finding::Kind::workspace, met.place,
                 about(workspace) + event_number(met.place.value) + " has number " + std::to_string(number) +
                     (is_last_again ? ", which " + event_number(numbers.last_event) + " has already"
                                    : " where " + std::to_string(numbers.next) + " follows"));
  }
  // A number that was there already changes nothing about which one follows.
  if (number < numbers.next) return;
  numbers.next = number + 1;
  numbers.last_event = met.place.value;
}

void WorkspaceCheck::end(std::uint64_t, Findings& findings) {
  const auto differs = [&](const core::Uuid& workspace, std::uint64_t held, const std::string& said) {
    findings.add(Finding::Kind::workspace, std::nullopt,
                 about(workspace) + "the log numbers " + std::to_string(held) + " events, and the ledger says " + said);
  };
  const auto rows = meta_.scan(events::Family::meta, events::prefix_range(events::kWorkspaceSizePrefix));
  for (; rows->valid(); rows->next()) {
    const std::string_view key = rows->key().substr(events::kWorkspaceSizePrefix.size());
    core::Uuid workspace;
    if (key.size() != workspace.bytes.size()) continue;
    std::copy_n(core::as_bytes(key).begin(), key.size(), workspace.bytes.begin());
    const auto said = events::read_be64(rows->value());
    const auto found = numbers_.find(workspace);
    const std::uint64_t held = found == numbers_.end() ? 0 : found->second.next;
    const bool is_followed = found != numbers_.end() || events_not_followed_ == 0;
    if (is_followed && said != held)
      differs(workspace, held, said ? std::to_string(*said) : "nothing that can be read");
    if (found != numbers_.end()) numbers_.erase(found);
  }
  if (const auto status = rows->status(); status.has_error()) {
    findings.add(Finding::Kind::workspace, std::nullopt,
                 "how many events workspaces have can not be read: " + status.error().detail);
    return;
  }
  std::vector<core::Uuid> unsaid;
  for (const auto& [workspace, numbers] : numbers_) unsaid.push_back(workspace);
  std::ranges::sort(unsaid);
  for (const core::Uuid& workspace : unsaid) differs(workspace, numbers_.at(workspace).next, "nothing");
}

}  // namespace tally::projections
