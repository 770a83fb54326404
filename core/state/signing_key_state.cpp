#include "core/state/signing_key_state.hpp"

#include <algorithm>

#include "core/base/check.hpp"
#include "core/base/limits.hpp"

namespace tally::core {
namespace {

/// The order in which keys sign: by the time from which they may; of two with the same, the later added signs.
bool signs_after(const SigningKeyState& left, const SigningKeyState& right) {
  if (left.activates_at != right.activates_at) return left.activates_at > right.activates_at;
  return left.added > right.added;
}

/// When the next key after `key` began, or will begin, to sign.
std::optional<Timestamp> superseded_at(std::span<const SigningKeyState> keys, const SigningKeyState& key) {
  std::optional<Timestamp> earliest;
  for (const SigningKeyState& other : keys) {
    // A key that never signed took over from nobody.
    if (other.retired_at && other.retirement == KeyRetirement::unused) continue;
    if (!signs_after(other, key)) continue;
    if (!earliest || other.activates_at < *earliest) earliest = other.activates_at;
  }
  return earliest;
}

}  // namespace

const char* name_of(KeyRetirement retirement) {
  switch (retirement) {
    case KeyRetirement::unused:
      return "unused";
    case KeyRetirement::expired:
      return "expired";
    case KeyRetirement::forced:
      return "forced";
  }
  check_failed("a known KeyRetirement", __FILE__, __LINE__, std::to_string(static_cast<int>(retirement)));
}

const char* name_of(SigningKeyStatus status) {
  switch (status) {
    case SigningKeyStatus::pending:
      return "pending";
    case SigningKeyStatus::active:
      return "active";
    case SigningKeyStatus::retiring:
      return "retiring";
    case SigningKeyStatus::retired:
      return "retired";
  }
  check_failed("a known SigningKeyStatus", __FILE__, __LINE__, std::to_string(static_cast<int>(status)));
}

const SigningKeyState* signing_key_at(std::span<const SigningKeyState> keys, Timestamp now) {
  const SigningKeyState* latest = nullptr;
  for (const SigningKeyState& key : keys) {
    if (key.retired_at || key.activates_at > now) continue;
    if (latest == nullptr || signs_after(key, *latest)) latest = &key;
  }
  return latest;
}

SigningKeyStatus status_of(std::span<const SigningKeyState> keys, const SigningKeyState& key, Timestamp now) {
  if (key.retired_at) return SigningKeyStatus::retired;
  if (key.activates_at > now) return SigningKeyStatus::pending;
  const SigningKeyState* signing = signing_key_at(keys, now);
  TALLY_CHECK(signing != nullptr, key.key_id);
  return signing->key_id == key.key_id ? SigningKeyStatus::active : SigningKeyStatus::retiring;
}

std::optional<Timestamp> tokens_end_at(std::span<const SigningKeyState> keys, const SigningKeyState& key) {
  const std::optional<Timestamp> last_signature = superseded_at(keys, key);
  if (!last_signature) return std::nullopt;
  return *last_signature + std::chrono::seconds{limits::kAccessTokenSecondsMax} + limits::kSigningKeySlack;
}

}  // namespace tally::core
