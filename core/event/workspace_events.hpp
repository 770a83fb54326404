#pragma once

#include <string>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "core/event/event_type.hpp"
#include "core/state/token.hpp"
#include "core/state/workspace.hpp"

/// What happens to workspaces, their members and resource servers. Source: core/event/event.hpp.
namespace tally::core {

struct WorkspaceCreated {
  static constexpr EventType kType = EventType::workspace_created;
  static constexpr const char* kName = "WorkspaceCreated";
  std::string name;
  Policy policy;
  bool operator==(const WorkspaceCreated&) const = default;
};

struct PolicyChanged {
  static constexpr EventType kType = EventType::policy_changed;
  static constexpr const char* kName = "PolicyChanged";
  Policy policy;
  bool operator==(const PolicyChanged&) const = default;
};

struct MemberAdded {
  static constexpr EventType kType = EventType::member_added;
  static constexpr const char* kName = "MemberAdded";
  UserId user;
  Role role = Role::member;
  bool operator==(const MemberAdded&) const = default;
};

struct MemberRoleChanged {
  static constexpr EventType kType = EventType::member_role_changed;
  static constexpr const char* kName = "MemberRoleChanged";
  UserId user;
  Role role = Role::member;
  bool operator==(const MemberRoleChanged&) const = default;
};

/// Ends the member's tokens there: their own events stand in the same append, or follow it.
struct MemberRemoved {
  static constexpr EventType kType = EventType::member_removed;
  static constexpr const char* kName = "MemberRemoved";
  UserId user;
  AccessFate access = AccessFate::keep;
  std::string reason = {};
  bool has_more_tokens = false;  ///< More than one append stops: OffboardingCompleted says when all are.
  bool operator==(const MemberRemoved&) const = default;
};

struct ResourceServerAdded {
  static constexpr EventType kType = EventType::resource_server_added;
  static constexpr const char* kName = "ResourceServerAdded";
  ResourceServerId resource_server;
  std::string name;
  Digest secret_hash;
  std::string resource = {};  ///< The URI that access tokens can be asked for (RFC 8707); empty: none.
  bool operator==(const ResourceServerAdded&) const = default;
};

struct ResourceServerRemoved {
  static constexpr EventType kType = EventType::resource_server_removed;
  static constexpr const char* kName = "ResourceServerRemoved";
  ResourceServerId resource_server;
  bool operator==(const ResourceServerRemoved&) const = default;
};

/// Tokens created before `issued_before` are disabled from now on, listed or not.
struct CutOffMoved {
  static constexpr EventType kType = EventType::cut_off_moved;
  static constexpr const char* kName = "CutOffMoved";
  Timestamp issued_before;
  AccessFate access = AccessFate::keep;
  bool operator==(const CutOffMoved&) const = default;
};

}  // namespace tally::core
