#pragma once

#include <optional>
#include <string>

#include "core/base/ids.hpp"
#include "core/base/version_condition.hpp"
#include "core/state/offboarding.hpp"
#include "core/state/workspace.hpp"

namespace tally::core {

struct CreateWorkspace {
  struct Outcome {
    WorkspaceState workspace;
  };
  WorkspaceId id;
  std::string name;
};

struct ChangePolicy {
  struct Outcome {
    WorkspaceState workspace;
  };
  WorkspaceId workspace;
  Policy policy;
  VersionCondition expected = {};  ///< Of the policy: WorkspaceState::policy_sequence.
};

/// Adds a member or changes its role.
struct PutMember {
  struct Outcome {
    MemberState member;
    bool added = false;
  };
  WorkspaceId workspace;
  UserId user;
  Role role = Role::member;
  VersionCondition expected = {};  ///< MemberState::role_sequence; holds for no one who is no member.
};

/// Removes a member, which disables all of that person's tokens there.
struct RemoveMember {
  struct Outcome {
    Offboarded tokens;
    Role role = Role::member;  ///< That they had.
  };
  WorkspaceId workspace;
  UserId user;
  VersionCondition expected = {};
  AccessFate access = AccessFate::revoke;
  std::string reason = {};  ///< As typed; trimmed and checked by the decider.
  StopBounds bounds = kFirstAppend;
};

struct AddResourceServer {
  struct Outcome {
    ResourceServerState resource_server;
  };
  ResourceServerId id;
  WorkspaceId workspace;
  std::string name;
  Digest secret_hash;
  /// The URI that access tokens can be asked for; empty: none. No two resource servers have the same one, in whatever
  /// workspaces: an API that checks issuer and audience must not be offered another tenant's tokens.
  std::string resource = {};
};

struct RemoveResourceServer {
  struct Outcome {};
  WorkspaceId workspace;
  ResourceServerId id;
};

/// The emergency cut-off. Without an owner it also moves the workspace's forward-only cut-off, which stops every older
/// token at once; the tokens themselves are then disabled a step at a time: repeat while `more`.
struct DisableIssuedBefore {
  struct Outcome {
    std::uint64_t count = 0;
    bool more = false;
    std::optional<TokenId> last_seen;  ///< Where to go on, for `after`.
  };
  WorkspaceId workspace;
  Timestamp time;
  std::optional<UserId> owner;
  AccessFate access = AccessFate::keep;
  /// From the outcome of the call before: tokens up to it are not looked at again. Without it every call begins anew.
  std::optional<TokenId> after;
  StopBounds bounds = kOneStep;
};

}  // namespace tally::core
