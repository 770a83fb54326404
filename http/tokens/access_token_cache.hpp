#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "core/crypto/private_tags.hpp"
#include "http/tokens/access_tokens.hpp"

namespace tally::http {

/// The access tokens that were signed or verified lately, by a tag of their text; what is not here must be verified.
/// Holds good tokens only, the newest `entries_max` of them at most; grows as it fills. About 130 bytes a token (100
/// more if it is bound to a key or exchanged); sets of scopes and resources are kept once. Says nothing of expiry and
/// revocation. Threads: any; 16 shards.
class AccessTokenCache {
 public:
  /// Of the token's text, and of nothing else in this process. Only good tokens are entered: a stranger would have to
  /// hit the tag of a text that they do not know, by a key that they do not know.
  using Key = core::crypto::PrivateTags::Tag;
  [[nodiscard]] Key key_of(std::string_view token) const { return tags_.of(token); }

  struct Bounds {
    std::size_t entries_max = 0;
    std::size_t scope_bytes_max = 0;  ///< For all sets of scopes and resources together, about.
  };
  explicit AccessTokenCache(Bounds bounds);
  ~AccessTokenCache();

  [[nodiscard]] std::optional<AccessClaims> find(const Key& key) const;
  /// Counts how often everything was forgotten. Ask before a token is looked at, and remember it with the answer: what
  /// was found good before a forget_all() is not remembered after it.
  using Epoch = std::uint64_t;
  [[nodiscard]] Epoch epoch() const { return epoch_.load(std::memory_order_acquire); }
  /// Drops the oldest ones if there is no room. Remembering twice is remembering once.
  void remember(const Key& key, const AccessClaims& claims, Epoch epoch);
  /// When it returns, nothing that was remembered before is found.
  void forget_all();
  [[nodiscard]] std::size_t size() const;

 private:
  class Shard;
  static constexpr std::size_t kShards = 16;
  const core::crypto::PrivateTags tags_;
  std::atomic<Epoch> epoch_{0};
  std::array<std::unique_ptr<Shard>, kShards> shards_;  // constant after construction
};

}  // namespace tally::http
