#include "projections/fold/audit_projection.hpp"

#include <array>

#include "projections/rows/keys.hpp"

namespace tally::projections {

using events::Family;

namespace {

constexpr std::array kAuditFamilies{Family::log_by_token, Family::log_by_workspace, Family::log_by_actor,
                                    Family::log_by_user};

}  // namespace

std::span<const Family> AuditProjection::families() const { return kAuditFamilies; }

core::Result<void> AuditProjection::apply(const core::Event& event, events::Rows& rows) {
  if (event.subject.kind == core::SubjectKind::token) {
    rows.put(Family::log_by_token, key_of(event.subject.id, event.sequence), {});
  }
  if (event.subject.kind == core::SubjectKind::user) {
    rows.put(Family::log_by_user, key_of(event.subject.id, event.sequence), {});
  }
  if (event.workspace) {
    std::array<char, 2> type;
    store_big_endian(type.data(), static_cast<std::uint16_t>(core::type_of(event.payload)));
    rows.put(Family::log_by_workspace, key_of(*event.workspace, event.sequence), {type.data(), type.size()});
    // A workspace's own client is left out: a row of its own for every refresh would repeat log_by_workspace.
    if (event.actor.id != event.workspace->uuid())
      rows.put(Family::log_by_actor, key_of(*event.workspace, event.actor.id, event.sequence), {});
  }
  return {};
}

}  // namespace tally::projections
