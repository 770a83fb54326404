#pragma once

#include <optional>

#include "core/state/caller_rights.hpp"
#include "core/state/workspace.hpp"
#include "http/auth/authenticator.hpp"
#include "http/auth/caller.hpp"
#include "http/frame/refusal.hpp"
#include "http/server/request.hpp"
#include "projections/queries/workspace_queries.hpp"

namespace tally::http {

/// Who calls, and what they are in the workspace of the path. The role is absent for an operator who is no member.
struct Access {
  Caller caller;
  core::WorkspaceId workspace;
  std::optional<core::Role> role;

  [[nodiscard]] bool is_admin() const { return role == core::Role::admin; }
  [[nodiscard]] bool may_read_all() const { return role.has_value() && core::sees_all(*role); }
  /// Knows of the token `owner` holds: its owner, an admin, an auditor. A deactivated person never gets this far.
  [[nodiscard]] bool may_see(core::UserId owner) const { return core::may_see(role, caller.person.id, owner); }
};

/// The doors of the management API. It answers who may ask; the deciders have the final word on every change. Every
/// door is open to the server auditor who reads, and shut when they do anything else. Threads: any.
class Gate {
 public:
  /// Lifetime: both outlive the gate.
  Gate(const Authenticator& authenticator, const projections::WorkspaceQueries& workspaces)
      : authenticator_(authenticator), workspaces_(workspaces) {}

  /// Errors: unauthenticated, forbidden.
  [[nodiscard]] core::Result<Caller> caller(const Request& request, Need need) const;
  /// As Authenticator::proven_key.
  [[nodiscard]] core::Result<std::optional<core::Confirmation>> proven_key(const Request& request,
                                                                           const Caller& caller) const {
    return authenticator_.proven_key(request, caller);
  }
  /// Errors: unauthenticated, forbidden (not an operator).
  [[nodiscard]] core::Result<Caller> operator_caller(const Request& request) const;

  /// As Authenticator::role_in.
  [[nodiscard]] core::Result<std::optional<core::Role>> role_in(const Caller& caller,
                                                                core::WorkspaceId workspace) const {
    return authenticator_.role_in(caller, workspace, workspaces_);
  }

  /// The workspace is the path's first parameter. Members and operators. Errors: unauthenticated, forbidden,
  /// not_found (also if it is there, but nothing of the caller's).
  [[nodiscard]] core::Result<Access> visitor(const Request& request, Need need) const;
  /// As visitor(), with a role. Errors: also not_found for an operator who is no member.
  [[nodiscard]] core::Result<Access> member(const Request& request, Need need) const;
  /// As visitor(). Errors: also forbidden for any other role, or none.
  [[nodiscard]] core::Result<Access> admin(const Request& request, Need need) const;
  [[nodiscard]] core::Result<Access> admin_or_operator(const Request& request) const;
  [[nodiscard]] core::Result<Access> admin_or_auditor(const Request& request, Need need) const;

  /// Whether admin_or_auditor() would let the caller in again at `now`: for answers that take long.
  [[nodiscard]] core::Result<bool> still_reads_all(const Access& access, core::Timestamp now) const;

 private:
  core::Result<void> note_stranger(const Request& request, core::WorkspaceId workspace) const;

  const Authenticator& authenticator_;
  const projections::WorkspaceQueries& workspaces_;
};

/// The id in the n-th parameter of the path. Errors: not_found, also for what is no id at all.
template <class Id>
core::Result<Id> id_in_path(const Request& request, std::size_t position) {
  auto parsed = Id::parse(request.path_parameters[position]);
  if (parsed.has_error()) return core::fail(core::Errc::not_found, "there is no such thing here");
  return *parsed;
}

}  // namespace tally::http
