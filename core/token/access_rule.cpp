#include "core/token/access_rule.hpp"

#include "core/base/check.hpp"

namespace tally::core {

std::optional<AccessEnd> access_end(const AccessSituation& situation, const PresentedAccess& presented, Timestamp now) {
  if (situation.token == nullptr || situation.token->owner != presented.owner) return AccessEnd::unknown_token;
  TALLY_CHECK(situation.workspace != nullptr && situation.workspace->id == presented.workspace);
  const TokenState& token = *situation.token;
  TALLY_CHECK(token.id == presented.token && token.workspace == presented.workspace);
  if (seconds_of(now) >= presented.expires_at_seconds) return AccessEnd::expired;
  if (lies_ahead(std::chrono::seconds{presented.issued_at_seconds}, now)) return AccessEnd::issued_ahead;
  // Whatever the access token says of when: a family whose access tokens were revoked issues none any more.
  if (situation.is_revoked || token.access_revoked_at.has_value()) return AccessEnd::revoked;
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
