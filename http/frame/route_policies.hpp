#pragma once

#include "http/server/limits.hpp"
#include "http/server/route_policy.hpp"

/// What the routes of the management API have in common.
namespace tally::http {

inline constexpr RoutePolicy kForEveryone{.audience = Audience::everyone};
/// Only whoever is signed in.
inline constexpr RoutePolicy kBySession{.audience = Audience::session, .proof_nonce = ProofNonce::offered};
/// Only whoever is signed in; but a refresh token beside the request is taken as on all paths of a workspace.
inline constexpr RoutePolicy kInWorkspaceBySession{
    .audience = Audience::session, .refresh_beside = RefreshBesideRequest::taken, .proof_nonce = ProofNonce::offered};
/// Whoever is signed in, or an access token of theirs that has the scope.
inline constexpr RoutePolicy kInWorkspace{
    .audience = Audience::person, .refresh_beside = RefreshBesideRequest::taken, .proof_nonce = ProofNonce::offered};

constexpr RoutePolicy on(RunOn run_on, RoutePolicy policy) {
  policy.run_on = run_on;
  return policy;
}

/// With a body of many items: ids, or scopes.
constexpr RoutePolicy with_long_body(RoutePolicy policy) {
  policy.body_bytes_max = limits::kBodyBytesMax;
  return policy;
}

}  // namespace tally::http
