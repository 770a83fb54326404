#include "core/token/lost_answer.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "core/base/limits.hpp"
#include "core/crypto/hash.hpp"
#include "core/token/token_decider.hpp"

namespace tally::core {

std::chrono::seconds retry_window(const TokenState& token, const Policy& policy) {
  const int longest = token.confirmation ? limits::kRefreshRetrySecondsMax : limits::kUnboundRetrySecondsMax;
  return std::chrono::seconds{std::min(policy.refresh_retry_seconds, longest)};
}

LostAnswer lost_answer(const RefreshSituation& situation, const std::optional<Confirmation>& proven, Timestamp now) {
  const TokenState& token = *situation.token;
  const std::chrono::seconds window = retry_window(token, situation.workspace->policy);
  if (window == std::chrono::seconds::zero() || !situation.has_sealed_successor) return LostAnswer::none;
  if (situation.presented_generation + 1 != token.generation || !token.last_refreshed_at.has_value()) {
    return LostAnswer::none;
  }
  if (token.confirmation && proven != token.confirmation) return LostAnswer::none;
  // A window that a wrong clock has opened would stand open until that time comes: a thief's chance.
  if (lies_ahead(*token.last_refreshed_at, now)) return LostAnswer::none;
  if (now > *token.last_refreshed_at + window) return LostAnswer::none;
  return token.retry_count < limits::kRetriesPerSuccessorMax ? LostAnswer::repeated : LostAnswer::too_often;
}

std::chrono::seconds retry_pause(const TokenState& token, const Policy& policy, Timestamp now) {
  constexpr std::chrono::seconds kLeast{1};
  if (!token.last_refreshed_at) return kLeast;
  const Duration left = *token.last_refreshed_at + retry_window(token, policy) - now;
  return std::clamp(std::chrono::floor<std::chrono::seconds>(left), kLeast, limits::kRetryPause);
}

// Whoever holds it may have its successor, be it by another: nothing is wrong with the family.
Error told_too_often() {
  return fail(Errc::rate_limited,
              "the successor of this refresh token was told " + std::to_string(limits::kRetriesPerSuccessorMax) +
                  " times and is good: use it, or read it where it was stored; asking with this one after "
                  "the retry window is taken for theft");
}

std::uint64_t fingerprint_of(const Origin& origin) {
  constexpr std::array<std::uint8_t, 1> kBetween{0};
  const Digest digest = crypto::sha256({as_bytes(origin.source_ip), kBetween, as_bytes(origin.user_agent)});
  std::uint64_t fingerprint;
  std::memcpy(&fingerprint, digest.bytes.data(), sizeof fingerprint);
  return fingerprint;
}

}  // namespace tally::core
