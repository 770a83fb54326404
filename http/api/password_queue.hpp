#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <optional>
#include <unordered_map>
#include <unordered_set>

namespace tally::http::api {

/// On whose behalf a password is hashed: numbers that stand for an address, or a network of one person, and a name.
struct HashingFor {
  std::uint64_t address = 0;
  std::uint64_t name = 0;
};

/// Who is next at hashing passwords. Addresses take turns, at each address its names do, and neither has more than one
/// hash running; so nobody waits for more than one hash of each other address, however many of them it asks for. Those
/// that wait are bounded, in all, of an address and of a name there; where all places are taken, whoever has the most
/// gives one up to whoever has fewer. Costs one look at each address that waits, at most. Threads: guarded by its user.
class PasswordQueue {
 public:
  struct Bounds {
    std::size_t waiting = 0;
    std::size_t waiting_of_address = 0;
    std::size_t waiting_of_name = 0;  ///< At one address.
  };
  using Ticket = std::uint64_t;
  struct Entered {
    std::optional<Ticket> ticket;      ///< Empty: there is no place.
    std::optional<Ticket> pushed_out;  ///< Whoever gave its place up: it waits no longer.
  };

  explicit PasswordQueue(Bounds bounds) : bounds_(bounds) {}

  Entered enter(HashingFor who);
  /// Whoever waits gives up. Nothing if it does not wait.
  void leave(Ticket ticket);
  /// Whose turn it is: it runs from now on. Empty: nobody's.
  std::optional<Ticket> next();
  /// What ran has ended.
  void done(Ticket ticket);
  [[nodiscard]] bool is_running(Ticket ticket) const { return running_.contains(ticket); }

  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }

 private:
  struct NameLane {
    std::uint64_t name = 0;
    std::deque<Ticket> tickets;
  };
  struct AddressLane {
    std::uint64_t address = 0;
    std::size_t waiting = 0;
    std::list<NameLane> names;  ///< In the order of their turns.
  };
  using Addresses = std::list<AddressLane>;

  Addresses::iterator lane_of(std::uint64_t address);
  std::list<NameLane>::iterator lane_of(AddressLane& lane, std::uint64_t name);
  /// The last to come of whoever has the most, if that is more than `others` have and one.
  std::optional<Ticket> push_out(std::size_t others);
  void remove(Ticket ticket);

  const Bounds bounds_;
  Addresses addresses_;  ///< Of those that wait, in the order of their turns.
  std::unordered_map<Ticket, HashingFor> waiting_;
  std::unordered_map<Ticket, HashingFor> running_;
  std::unordered_set<std::uint64_t> running_addresses_;
  std::unordered_set<std::uint64_t> running_names_;
  Ticket last_ = 0;
};

}  // namespace tally::http::api
