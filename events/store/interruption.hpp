#pragma once

#include <atomic>

namespace tally::events {

/// Until the end of the scope, the cursors that this thread moves end with `stopping` once `gives_up` is true: their
/// next row is not fetched. All long reads walk a cursor. For threads that must not outlive a server that stops; the
/// writer has none. Scopes nest: the inner one decides. Lifetime: `gives_up` outlives it.
class Interruption {
 public:
  explicit Interruption(const std::atomic<bool>& gives_up) noexcept;
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

 private:
  const std::atomic<bool>* before_;
};

/// Asked by the cursors of every store before they fetch a row.
[[nodiscard]] bool is_interrupted() noexcept;

}  // namespace tally::events
