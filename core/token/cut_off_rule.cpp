#include "core/token/cut_off_rule.hpp"

#include <chrono>

#include "core/base/limits.hpp"
#include "core/token/token_decider.hpp"

namespace tally::core {

bool is_cut_off(const TokenState& token, const DisableIssuedBefore& command, Timestamp now) {
  if (token.created_at >= command.time || now >= token.expires_at) return false;
  if (token.mark == TokenMark::active) return true;
  const std::chrono::seconds access_max{limits::kAccessTokenSecondsMax};
  const bool may_have_access = !token.access_revoked_at && token.stopped_at && now < *token.stopped_at + access_max;
  return command.access == AccessFate::revoke && may_have_access;
}

std::optional<NewEvent> cut_off_event(const TokenState& token, const WorkspaceState& workspace,
                                      const CallerRights& caller, const CommandContext& context,
                                      const DisableIssuedBefore& command) {
  if (!is_cut_off(token, command, context.at)) return std::nullopt;
  if (auto event = stop_event(token, DisableCause::cut_off, command.access, {})) return event;
  return decide_disable({&token, &workspace, caller}, context, command.access, {}).event;
}

}  // namespace tally::core
