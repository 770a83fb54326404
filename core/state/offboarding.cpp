#include "core/state/offboarding.hpp"

#include <algorithm>

namespace tally::core {

namespace {

template <class Parts>
auto* part_among(Parts& parts, WorkspaceId workspace) {
  const auto found = std::ranges::find(parts, workspace, &Ending::Part::workspace);
  return found == parts.end() ? nullptr : &*found;
}

}  // namespace

bool Ending::covers(WorkspaceId workspace) const {
  return std::ranges::any_of(parts,
                             [&](const Part& part) { return part.workspace.is_nil() || part.workspace == workspace; });
}

bool Ending::revokes(WorkspaceId workspace) const {
  return std::ranges::any_of(parts, [&](const Part& part) {
    return part.access == AccessFate::revoke && (part.workspace.is_nil() || part.workspace == workspace);
  });
}

const Ending::Part* Ending::part_of(WorkspaceId workspace) const { return part_among(parts, workspace); }
Ending::Part* Ending::part_of(WorkspaceId workspace) { return part_among(parts, workspace); }

}  // namespace tally::core
