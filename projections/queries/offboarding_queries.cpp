#include "projections/queries/offboarding_queries.hpp"

#include "core/base/limits.hpp"
#include "events/store/store.hpp"
#include "projections/rows/ending_row.hpp"
#include "projections/rows/keys.hpp"
#include "projections/rows/load.hpp"
#include "projections/rows/row_codec.hpp"
#include "projections/rows/workspace_rows.hpp"

namespace tally::projections {

using core::Result;
using core::UserId;
using core::WorkspaceId;
using events::Family;
using events::Reader;

namespace {

/// Whether an admin of the workspace is active; empty: not found before `members_left` was used up.
Result<std::optional<bool>> has_active_admin(const Reader& reader, WorkspaceId workspace, std::size_t& members_left) {
  const auto cursor = reader.scan(Family::member, events::prefix_range(key_of(workspace)));
  for (; cursor->valid(); cursor->next()) {
    if (members_left == 0) return std::optional<bool>{};
    --members_left;
    if (cursor->key().size() != 32) return corrupt_row("member");
    const UserId user{uuid_at(cursor->key(), 16)};
    TALLY_TRY_ASSIGN(const auto member, decode_member(workspace, user, cursor->value()));
    if (member.role != core::Role::admin) continue;
    TALLY_TRY_ASSIGN(const auto person, load_person(reader, user));
    if (!person) return corrupt_row("member");
    if (!person->deactivated_at) return std::optional{true};
  }
  TALLY_TRY(cursor->status());
  return std::optional{false};
}

}  // namespace

Result<std::vector<Unfinished>> OffboardingQueries::unfinished() const {
  std::vector<Unfinished> found;
  const auto cursor = store_.scan(Family::ending, {});
  for (std::size_t people = 0; cursor->valid() && people < core::limits::kPeopleLeavingTold; cursor->next(), ++people) {
    if (cursor->key().size() != 16) return corrupt_row("ending");
    TALLY_TRY_ASSIGN(const core::Ending ending, decode_ending(cursor->value()));
    for (const core::Ending::Part& part : ending.parts) {
      found.push_back({UserId{uuid_at(cursor->key(), 0)}, part.workspace});
    }
  }
  TALLY_TRY(cursor->status());
  return found;
}

Result<std::vector<WorkspaceId>> OffboardingQueries::without_admin(UserId user) const {
  const auto snapshot = store_.snapshot();
  std::vector<WorkspaceId> found;
  std::size_t members_left = core::limits::kMembersLookedAtForAdminMax;
  const auto cursor = snapshot->scan(Family::member_by_user, events::prefix_range(key_of(user)));
  for (; cursor->valid() && members_left > 0 && found.size() < core::limits::kWorkspacesWithoutAdminTold;
       cursor->next()) {
    if (cursor->key().size() != 32) return corrupt_row("member_by_user");
    const WorkspaceId workspace{uuid_at(cursor->key(), 16)};
    --members_left;
    TALLY_TRY_ASSIGN(const auto member, load_member(*snapshot, workspace, user));
    if (!member) return corrupt_row("member_by_user");
    if (member->role != core::Role::admin) continue;
    TALLY_TRY_ASSIGN(const auto has_admin, has_active_admin(*snapshot, workspace, members_left));
    if (has_admin == false) found.push_back(workspace);
  }
  TALLY_TRY(cursor->status());
  return found;
}

Result<std::vector<WorkspaceId>> OffboardingQueries::without_admin(WorkspaceId workspace) const {
  const auto snapshot = store_.snapshot();
  std::size_t members_left = core::limits::kMembersLookedAtForAdminMax;
  TALLY_TRY_ASSIGN(const auto has_admin, has_active_admin(*snapshot, workspace, members_left));
  std::vector<WorkspaceId> found;
  if (has_admin == false) found.push_back(workspace);
  return found;
}

}  // namespace tally::projections
