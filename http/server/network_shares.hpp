#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <unordered_map>

#include "http/server/client_network.hpp"

namespace tally::http {

/// How much of something each client network has: connections, or bytes. Memory: one entry for each network that has
/// any. Threads: any; two networks seldom wait for one another.
class NetworkShares {
 public:
  /// `seed`: a number that nobody outside knows.
  explicit NetworkShares(std::uint64_t seed);

  /// False, and nothing is taken, if the network would then have more than `most`.
  bool take(const ClientNetwork& network, std::size_t amount, std::size_t most);
  void give_back(const ClientNetwork& network, std::size_t amount);
  [[nodiscard]] std::size_t of(const ClientNetwork& network) const;

 private:
  using Amounts = std::unordered_map<ClientNetwork, std::size_t, ClientNetworkHash>;
  struct alignas(64) Shard {
    mutable std::mutex mutex;
    Amounts amounts;  // guarded by mutex
  };
  static constexpr std::size_t kShards = 16;

  Shard& shard_of(const ClientNetwork& network) { return shards_[(hash_(network) >> 32) % kShards]; }
  [[nodiscard]] const Shard& shard_of(const ClientNetwork& network) const {
    return shards_[(hash_(network) >> 32) % kShards];
  }

  const ClientNetworkHash hash_;
  std::array<Shard, kShards> shards_;
};

}  // namespace tally::http
