#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "core/crypto/signing_algorithm.hpp"

namespace tally::core {

/// Why a key is accepted no more. Persisted; never renumbered.
enum class KeyRetirement : std::uint8_t {
  unused = 1,   ///< It never signed.
  expired = 2,  ///< All that it had signed had expired.
  forced = 3,   ///< What it had signed died with it.
};
const char* name_of(KeyRetirement retirement);

/// What a key does at a moment.
enum class SigningKeyStatus : std::uint8_t {
  pending = 1,   ///< Published, so that everybody knows it when it begins to sign.
  active = 2,    ///< It signs.
  retiring = 3,  ///< Another one signs; what this one has signed is still accepted.
  retired = 4,   ///< Not published, not accepted.
};
const char* name_of(SigningKeyStatus status);

/// One signing key: a cache of its events. When it begins and ceases to sign follows from the times and needs no event
/// of its own, so that a restart at any moment finds the same.
struct SigningKeyState {
  std::string key_id;  ///< RFC 7638 thumbprint.
  crypto::SigningAlgorithm algorithm = crypto::SigningAlgorithm::eddsa;
  Bytes public_key;
  Sequence added;  ///< The event that added it.
  Timestamp added_at;
  Timestamp activates_at;
  std::optional<Timestamp> retired_at;
  KeyRetirement retirement = KeyRetirement::expired;  ///< Of a retired one.
  bool operator==(const SigningKeyState&) const = default;
};

/// The key that signs at `now`: of those that are not retired and may sign by then, the latest. Null: there is none.
const SigningKeyState* signing_key_at(std::span<const SigningKeyState> keys, Timestamp now);

/// `key` is one of `keys`.
SigningKeyStatus status_of(std::span<const SigningKeyState> keys, const SigningKeyState& key, Timestamp now);

/// From when on nothing that `key` has signed is alive anywhere: the longest life of an access token after its
/// successor began, and a little more for verifiers whose clocks are behind. Empty: no successor is known yet.
std::optional<Timestamp> tokens_end_at(std::span<const SigningKeyState> keys, const SigningKeyState& key);

}  // namespace tally::core
