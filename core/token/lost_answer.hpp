#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "core/base/result.hpp"
#include "core/state/confirmation.hpp"
#include "core/state/context.hpp"
#include "core/state/token.hpp"
#include "core/state/workspace.hpp"

/// Who may have the same successor again because its answer was lost, how long, and how often. Pure. Source:
/// docs/architecture.md ("Rules of a token"), docs/adr/0045.
namespace tally::core {

struct RefreshSituation;

/// How long after a refresh its predecessor may come again: the policy's seconds, but at most kUnboundRetrySecondsMax
/// where nothing but the secret itself says that it is its owner who comes.
std::chrono::seconds retry_window(const TokenState& token, const Policy& policy);

/// What a spent refresh token is, coming again.
enum class LostAnswer : std::uint8_t {
  none,       ///< Reuse.
  repeated,   ///< It gets the same successor.
  too_often,  ///< It has got it kRetriesPerSuccessorMax times. No reuse, as long as the window is open.
};
LostAnswer lost_answer(const RefreshSituation& situation, const std::optional<Confirmation>& proven, Timestamp now);

/// After how long whoever came too often may ask again: not so late that the window closes meanwhile, if it can be
/// helped. At least a second.
std::chrono::seconds retry_pause(const TokenState& token, const Policy& policy, Timestamp now);

/// What is told of LostAnswer::too_often. rate_limited.
Error told_too_often();

/// From where a command came, as a number that tells one address and agent from another, and neither of the two.
std::uint64_t fingerprint_of(const Origin& origin);

}  // namespace tally::core
