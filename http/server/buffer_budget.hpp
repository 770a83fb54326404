#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "http/server/client_network.hpp"
#include "http/server/network_shares.hpp"

namespace tally::http {

/// How many bytes wait in buffers at the same time: for all clients together, and for each network, so that no one can
/// take what is everybody's. A first hold and its end cost two changes of a number and two look-ups in a table, none of
/// which is asked for what does not wait. Threads: any.
class BufferBudget {
 public:
  struct Bounds {
    std::size_t all = 0;
    std::size_t per_network = 0;
  };
  /// `seed`: as NetworkShares takes it.
  BufferBudget(Bounds bounds, std::uint64_t seed) : bounds_(bounds), shares_(seed) {}

  /// What one buffer holds of it; given back when it ends. Lifetime: the budget outlives it. Threads: one at a time.
  class Hold {
   public:
    Hold() = default;
    ~Hold() { release(); }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

    /// Holds at least `bytes`. False, and nothing changes, if that is more than there is for all or for the network. It
    /// is one network's until release().
    bool grow_to(BufferBudget& budget, const ClientNetwork& network, std::size_t bytes) {
      return bytes <= bytes_ || take_to(budget, network, bytes);
    }
    void release() {
      if (bytes_ > 0) give_back();
    }
    [[nodiscard]] std::size_t bytes() const { return bytes_; }

   private:
    bool take_to(BufferBudget& budget, const ClientNetwork& network, std::size_t bytes);
    void give_back();

    BufferBudget* budget_ = nullptr;
    ClientNetwork network_;
    std::size_t bytes_ = 0;
  };

  /// Whether the network has so much of its share that `bytes` more would be refused. What others hold is not asked.
  /// Quick while nothing is held.
  [[nodiscard]] bool is_full_for(const ClientNetwork& network, std::size_t bytes) const;
  /// What is held in all.
  [[nodiscard]] std::size_t held() const { return held_.load(std::memory_order_relaxed); }
  /// What was given back since the beginning.
  [[nodiscard]] std::uint64_t returned() const { return returned_.load(std::memory_order_relaxed); }

 private:
  bool take(const ClientNetwork& network, std::size_t bytes);
  void give_back(const ClientNetwork& network, std::size_t bytes);

  const Bounds bounds_;
  std::atomic<std::size_t> held_ = 0;
  std::atomic<std::uint64_t> returned_ = 0;
  NetworkShares shares_;
};

}  // namespace tally::http
