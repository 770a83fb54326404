#pragma once

#include <cstdint>

#include "core/base/ids.hpp"

namespace tally::core {

/// What an event is about. Persisted; never renumbered.
enum class SubjectKind : std::uint8_t { token = 1, workspace = 2, user = 3, resource_server = 4, ledger = 5 };
const char* name_of(SubjectKind kind);

struct Subject {
  SubjectKind kind = SubjectKind::ledger;
  Uuid id;  ///< Nil for the ledger.
  bool operator==(const Subject&) const = default;
};
inline Subject subject_of(TokenId id) { return {SubjectKind::token, id.uuid()}; }
inline Subject subject_of(WorkspaceId id) { return {SubjectKind::workspace, id.uuid()}; }
inline Subject subject_of(UserId id) { return {SubjectKind::user, id.uuid()}; }
inline Subject subject_of(ResourceServerId id) { return {SubjectKind::resource_server, id.uuid()}; }

}  // namespace tally::core
