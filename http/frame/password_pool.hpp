#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include "core/base/random.hpp"
#include "core/base/result.hpp"
#include "core/base/secret.hpp"
#include "http/frame/password_queue.hpp"
#include "http/server/request.hpp"

namespace tally::http {

/// Hashes passwords away from the I/O threads. One hash takes about 30 ms and 19 MiB, so as many run at a time as there
/// are threads, in the order of a PasswordQueue, and the others wait: for kPasswordWait at most, without a thread, and
/// no longer than their connection stays and the server is not stopping. Threads: any.
class PasswordPool {
 public:
  /// Lifetime: random outlives the pool. The destructor waits for the hash that runs and drops those that wait.
  PasswordPool(core::RandomSource& random, unsigned threads);
  ~PasswordPool();
  PasswordPool(const PasswordPool&) = delete;
  PasswordPool& operator=(const PasswordPool&) = delete;

  /// An empty verifier (nobody) costs as much as any other, and never matches. Errors: overloaded (no place, not in
  /// time, or nobody to wait for). Lifetime: `request` outlives the call.
  boost::asio::awaitable<core::Result<bool>> matches(const Request& request, HashingFor who, core::SecretText password,
                                                     std::string verifier);
  /// Errors, Lifetime: as matches().
  boost::asio::awaitable<core::Result<std::string>> make_verifier(const Request& request, HashingFor who,
                                                                  core::SecretText password);

  [[nodiscard]] std::size_t waiting() const;

 private:
  struct Waiter;
  class Turn;
  enum class Told : std::uint8_t { nothing, called, pushed_out };
  boost::asio::awaitable<core::Result<Turn>> turn(const Request& request, HashingFor who);
  std::optional<PasswordQueue::Ticket> enter(HashingFor who, const std::shared_ptr<Waiter>& waiter);
  void tell(PasswordQueue::Ticket ticket, Told told);
  Told told_to(const Waiter& waiter) const;
  /// Calls whose turn it is, as long as threads are free.
  void call_next();
  void leave(PasswordQueue::Ticket ticket);

  core::RandomSource& random_;
  const unsigned threads_max_;
  mutable std::mutex mutex_;
  PasswordQueues queue_;                                                        // guarded by mutex_
  std::unordered_map<PasswordQueue::Ticket, std::shared_ptr<Waiter>> waiters_;  // guarded by mutex_: those in the queue
  std::size_t running_ = 0;                                                     // guarded by mutex_
  boost::asio::thread_pool threads_;
};

}  // namespace tally::http
