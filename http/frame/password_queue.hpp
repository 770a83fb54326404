#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <list>
#include <optional>
#include <unordered_map>
#include <unordered_set>

namespace tally::http {

/// Whether somebody has shown before who they are: by a session, or by a right password from that address.
enum class Acquaintance : std::uint8_t { stranger, known };

/// On whose behalf a password is hashed: numbers that stand for an address, or a person who is known, and a name.
struct HashingFor {
  std::uint64_t address = 0;
  std::uint64_t name = 0;
  Acquaintance acquaintance = Acquaintance::stranger;
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
    std::size_t waiting_of_name = 0;  ///< At one address,
    std::size_t waiting_of_name_anywhere = std::numeric_limits<std::size_t>::max();
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
  std::unordered_map<std::uint64_t, std::size_t> waiting_names_;  ///< How many wait of each name; of none, no entry.
  std::unordered_set<std::uint64_t> running_addresses_;
  std::unordered_set<std::uint64_t> running_names_;
  Ticket last_ = 0;
};

/// Two queues that take turns, each with places of its own: so whoever is known waits for one stranger's hash for each
/// of its own queue, and is not refused because strangers came from a thousand addresses. Threads: as PasswordQueue.
class PasswordQueues {
 public:
  using Ticket = PasswordQueue::Ticket;
  using Entered = PasswordQueue::Entered;

  PasswordQueues(PasswordQueue::Bounds strangers, PasswordQueue::Bounds known)
      : queues_{PasswordQueue{strangers}, PasswordQueue{known}} {}

  Entered enter(HashingFor who);
  void leave(Ticket ticket);
  std::optional<Ticket> next();
  void done(Ticket ticket);
  [[nodiscard]] bool is_running(Ticket ticket) const;
  [[nodiscard]] std::size_t waiting() const { return queues_[0].waiting() + queues_[1].waiting(); }

 private:
  // A ticket here is one of a queue, and the queue's number in its last bit.
  static std::size_t queue_of(Ticket ticket) { return ticket & 1; }
  static Ticket inner(Ticket ticket) { return ticket >> 1; }
  static std::optional<Ticket> outer(std::optional<Ticket> ticket, std::size_t queue);

  std::array<PasswordQueue, 2> queues_;  ///< By Acquaintance.
  std::size_t next_ = 0;                 ///< Whose turn it is.
};

}  // namespace tally::http
