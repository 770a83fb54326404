#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>

#include "http/server/client_network.hpp"
#include "http/server/network_shares.hpp"

namespace tally::http {

/// How many connections there are, and whether another one is served. Threads: any.
class ConnectionCount {
 public:
  struct Bounds {
    std::size_t all = 0;          ///< At least 1.
    std::size_t per_network = 0;  ///< At least 1.
  };
  /// At the same time: beyond the bound, until those that give way for them have gone.
  static constexpr std::size_t kBeyondMax = 32;
  /// At the same time: told that there are too many. The next are closed without a word.
  static constexpr std::size_t kToldMax = 32;

  /// What becomes of a new connection.
  enum class Entry : std::uint8_t {
    served,
    served_for_another,  ///< Served, and one that is idle must give way.
    told,                ///< Only told that there are too many.
    closed               ///< Not counted; nothing is left to be done.
  };
  enum class IdleOnes : std::uint8_t { none, some };

  /// `seed`: as NetworkShares takes it.
  ConnectionCount(Bounds bounds, std::uint64_t seed) : bounds_(bounds), shares_(seed) {}

  /// A new connection of `network`; empty: a proxy's, whose requests are counted instead (take_share).
  Entry enter(const std::optional<ClientNetwork>& network, IdleOnes idle_ones);
  /// One that was served ends. `network` as it was given to enter().
  void leave_served(const std::optional<ClientNetwork>& network);
  /// One that was told ends.
  void leave_told();

  /// A request by way of a proxy is a connection of its client's while it is under way. False: the client's network has
  /// its share.
  bool take_share(const ClientNetwork& network) { return shares_.take(network, 1, bounds_.per_network); }
  void give_back_share(const ClientNetwork& network) { shares_.give_back(network, 1); }

  /// All of them.
  [[nodiscard]] std::size_t now() const;
  /// False: some are left after `duration`.
  bool wait_until_none(std::chrono::milliseconds duration);

 private:
  Entry tell();

  const Bounds bounds_;
  NetworkShares shares_;
  mutable std::mutex mutex_;
  std::condition_variable none_;
  std::size_t served_ = 0;  // guarded by mutex_
  std::size_t told_ = 0;    // guarded by mutex_
};

}  // namespace tally::http
