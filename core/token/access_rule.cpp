#include "core/token/access_rule.hpp"

#include "core/check.hpp"

namespace tally::core {
namespace {

/// In the second of a revocation nobody knows which came first: dead.
bool is_issued_by(const PresentedAccess& presented, const std::optional<Timestamp>& revoked_at) {
  return revoked_at.has_value() && presented.issued_at_seconds <= seconds_of(*revoked_at);
}

}  // namespace

std::optional<AccessEnd> access_end(const AccessSituation& situation, const PresentedAccess& presented, Timestamp now) {
  if (situation.token == nullptr || situation.token->owner != presented.owner) return AccessEnd::unknown_token;
  TALLY_CHECK(situation.workspace != nullptr && situation.workspace->id == presented.workspace);
  const TokenState& token = *situation.token;
  TALLY_CHECK(token.id == presented.token && token.workspace == presented.workspace);
  if (seconds_of(now) >= presented.expires_at_seconds) return AccessEnd::expired;
  if (situation.is_revoked || is_issued_by(presented, token.access_revoked_at)) return AccessEnd::revoked;
  const auto& cut_off = situation.workspace->access_cut_off_at;
  if (cut_off.has_value() && token.created_at < *cut_off) return AccessEnd::cut_off;
  const bool is_ending = situation.ending != nullptr && situation.ending->revokes(token.workspace);
  // Every token from before was stopped then; what they generate after they came back has nothing to do with it.
  const bool is_of_before = situation.owner_revoked_at.has_value() && token.created_at <= *situation.owner_revoked_at;
  if (is_ending || is_of_before) return AccessEnd::owner_gone;
  if (situation.is_ancestor_revoked) return AccessEnd::ancestor_stopped;
  return std::nullopt;
}

}  // namespace tally::core
