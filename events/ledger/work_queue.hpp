#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace tally::events {

class Transaction;

/// One command on its way through the writer.
class Work {
 public:
  virtual ~Work() = default;
  /// The reading of the clock that it dates by.
  [[nodiscard]] virtual core::Timestamp reading() const = 0;
  /// In whose order it stands: works of one lane are run in the order in which they came, and lanes take turns. A
  /// workspace's, or, of a command without one, its caller's.
  [[nodiscard]] virtual core::Uuid lane() const { return {}; }
  /// Decides and appends. Called once, on the writer thread, unless the writer stopped before. If the transaction fails
  /// meanwhile, or something is thrown, all that it did is taken back.
  virtual void run(Transaction& transaction) = 0;
  /// Called once, on the writer thread, after the batch is durable (ok) or is known not to be (overloaded never comes
  /// here; no_space, stopping, and the reason for which it was refused or taken back: nothing happened;
  /// outcome_unknown). Must be quick and must not throw.
  virtual void finish(const core::Result<void>& durable) noexcept = 0;
};

/// The works that wait for the writer: lanes that take turns. A lane may have as many waiting as places are free for
/// others, half of all if it is alone; so whoever fills its own leaves room. About 50 ns for each of push() and pop().
/// Source: Choudhury, Hahne, 1998 (dynamic queue length thresholds). Threads: guarded by its user.
class WorkQueue {
 public:
  explicit WorkQueue(std::size_t works_max);

  /// Takes `work` if there is a place, and leaves it alone if not.
  bool push(std::unique_ptr<Work>& work);
  /// The first of the lane whose turn it is; null if nothing waits.
  std::unique_ptr<Work> pop();

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

 private:
  using Index = std::uint32_t;
  static constexpr Index kNone = UINT32_MAX;
  struct Entry {
    std::unique_ptr<Work> work;
    Index next = kNone;  ///< Of its lane, or of the free ones.
  };
  struct Lane {
    Index first = kNone;
    Index last = kNone;
    std::size_t waiting = 0;
    Lane* next = nullptr;  ///< Whose turn is after it. Only while something waits.
    core::Uuid id;
  };
  void enter_ring(Lane& lane);

  std::vector<Entry> entries_;
  Index free_ = kNone;
  std::size_t size_ = 0;
  std::unordered_map<core::Uuid, Lane> lanes_;  ///< Some of them are empty, and kept for the next time.
  Lane* last_ = nullptr;                        ///< Of the ring: the next one has the turn. Null: nothing waits.
};

}  // namespace tally::events
