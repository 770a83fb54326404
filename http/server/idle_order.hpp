#pragma once

#include <atomic>
#include <cstddef>
#include <optional>
#include <unordered_map>
#include <vector>

#include <boost/intrusive/list.hpp>

#include "http/server/client_network.hpp"

namespace tally::http {

class Connection;

/// The connections of one worker that wait for a request, and which of them gives way when all places are taken: of the
/// network that has most of them here, the one that waits longest; a proxy's only if nobody else waits. Nothing is
/// searched: a step of a connection costs a few changes of pointers. Threads: the worker's own, but for rank().
class IdleOrder {
  struct Group;

 public:
  /// One connection's. Part of it; leave() before it goes.
  class Place : public boost::intrusive::list_base_hook<> {
   public:
    explicit Place(Connection* connection) : connection_(connection) {}
    [[nodiscard]] Connection* connection() const { return connection_; }
    [[nodiscard]] bool waits() const { return is_linked(); }

   private:
    friend class IdleOrder;
    Connection* const connection_;
    Group* group_ = nullptr;
  };

  /// `seed`: as ClientNetworkHash takes it.
  explicit IdleOrder(std::uint64_t seed) : groups_(0, ClientNetworkHash{seed}) {}
  IdleOrder(const IdleOrder&) = delete;
  IdleOrder& operator=(const IdleOrder&) = delete;

  /// Empty network: a proxy's.
  void join(Place& place, const std::optional<ClientNetwork>& network);
  /// Nothing if it has not joined.
  void leave(Place& place);
  /// From now on it waits. Nothing if it does already: it keeps its place.
  void begin_waiting(Place& place);
  void end_waiting(Place& place);

  /// Who gives way next; null: nobody waits.
  [[nodiscard]] Place* first();
  /// How good it is to ask this worker: more than that of another if the network that has most has more here. 0: nobody
  /// waits. Threads: any.
  [[nodiscard]] std::size_t rank() const { return rank_.load(std::memory_order_relaxed); }

 private:
  using Places = boost::intrusive::list<Place, boost::intrusive::constant_time_size<false>>;
  struct Group : boost::intrusive::list_base_hook<> {
    std::optional<ClientNetwork> network;  ///< Empty: the proxies'.
    std::size_t members = 0;
    std::size_t waiting_count = 0;
    Places waiting;  ///< Who waits longest first.
  };
  using Groups = boost::intrusive::list<Group, boost::intrusive::constant_time_size<false>>;

  /// Moves the group to where its count belongs.
  void recount(Group& group, std::size_t count);
  void tell_rank();

  std::unordered_map<ClientNetwork, Group, ClientNetworkHash> groups_;
  Group proxies_;
  std::vector<Groups> by_count_;  ///< Those with so many that wait; of 0 there are none.
  std::size_t most_ = 0;          ///< The highest count that a group has.
  std::atomic<std::size_t> rank_ = 0;
};

}  // namespace tally::http
