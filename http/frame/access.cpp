#include "http/frame/access.hpp"

#include "http/server/exchange_notes.hpp"

namespace tally::http {
namespace {

bool is_read(const Request& request) { return request.method == Method::get || request.method == Method::head; }

/// The server auditor may read whatever anybody may.
bool audits(const Request& request, const Caller& caller) { return caller.is_server_auditor() && is_read(request); }

}  // namespace

core::Result<Caller> Gate::caller(const Request& request, Need need) const {
  return authenticator_.authenticate(request, need);
}

core::Result<Caller> Gate::operator_caller(const Request& request) const {
  TALLY_TRY_ASSIGN(Caller caller, authenticator_.authenticate(request, Need::session_only));
  if (caller.person.is_operator() || audits(request, caller)) return caller;
  if (caller.is_server_auditor()) return core::auditor_changes_nothing();
  return core::fail(core::Errc::forbidden, "only an operator may do this");
}

core::Result<Access> Gate::visitor(const Request& request, Need need) const {
  TALLY_TRY_ASSIGN(Caller caller, authenticator_.authenticate(request, need));
  TALLY_TRY_ASSIGN(const core::WorkspaceId workspace, id_in_path<core::WorkspaceId>(request, 0));
  const auto role = role_in(caller, workspace);
  if (role.has_error()) {
    // A stranger is told what they would be told of a workspace that is not there; its audit knows better.
    if (role.error().code == core::Errc::not_found) TALLY_TRY(note_stranger(request, workspace));
    return role.error();
  }
  request.notes().attempt.workspace = workspace;
  // Each of their commands is refused, too; but this names one reason for all, and a batch or a kept answer may need no
  // command.
  if (!is_read(request)) {
    if (caller.is_server_auditor()) return core::auditor_changes_nothing();
    TALLY_TRY(authenticator_.check_may_change(caller, request.received_at));
  }
  return Access{std::move(caller), workspace, *role};
}

core::Result<void> Gate::note_stranger(const Request& request, core::WorkspaceId workspace) const {
  TALLY_TRY_ASSIGN(const auto found, workspaces_.find(workspace));
  if (!found) return {};
  request.notes().attempt.workspace = workspace;
  request.notes().attempt.refuse(core::Errc::forbidden);
  return {};
}

core::Result<Access> Gate::member(const Request& request, Need need) const {
  TALLY_TRY_ASSIGN(Access access, visitor(request, need));
  // The same answer as the deciders give: in here the operator who is no member is a stranger like any other.
  if (!access.role) return core::fail(core::Errc::not_found, "no such workspace");
  return access;
}

core::Result<Access> Gate::admin(const Request& request, Need need) const {
  TALLY_TRY_ASSIGN(Access access, visitor(request, need));
  if (access.is_admin() || audits(request, access.caller)) return access;
  return core::fail(core::Errc::forbidden, "only an admin of the workspace may do this");
}

core::Result<Access> Gate::admin_or_operator(const Request& request) const {
  TALLY_TRY_ASSIGN(Access access, visitor(request, Need::session_only));
  if (access.is_admin() || access.caller.person.is_operator() || audits(request, access.caller)) return access;
  return core::fail(core::Errc::forbidden, "only an admin of the workspace or an operator may do this");
}

core::Result<Access> Gate::admin_or_auditor(const Request& request, Need need) const {
  TALLY_TRY_ASSIGN(Access access, visitor(request, need));
  if (!access.may_read_all()) {
    return core::fail(core::Errc::forbidden, "only an admin or an auditor of the workspace may do this");
  }
  return access;
}

core::Result<bool> Gate::still_reads_all(const Access& access, core::Timestamp now) const {
  TALLY_TRY_ASSIGN(auto caller, authenticator_.as_they_are(access.caller, now));
  if (!caller) return false;
  const auto role = authenticator_.role_in(*caller, access.workspace, workspaces_);
  if (role.has_error() && role.error().code == core::Errc::not_found) return false;
  if (role.has_error()) return role.error();
  return Access{*std::move(caller), access.workspace, *role}.may_read_all();
}

}  // namespace tally::http
