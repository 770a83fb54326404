#pragma once

#include <atomic>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include "core/random.hpp"
#include "core/result.hpp"
#include "core/secret.hpp"

namespace tally::http::api {

/// Hashes passwords away from the I/O threads. One hash takes about 30 ms and 19 MiB, so few run at a time and few
/// wait: whoever comes when kPasswordHashesWaitingMax are at work or waiting is told overloaded at once. Threads: any.
class PasswordPool {
 public:
  /// Lifetime: random outlives the pool. The destructor waits for the hash that runs and drops those that wait.
  PasswordPool(core::RandomSource& random, unsigned threads);
  ~PasswordPool();
  PasswordPool(const PasswordPool&) = delete;
  PasswordPool& operator=(const PasswordPool&) = delete;

  /// An empty verifier (nobody) costs as much as any other, and never matches. Errors: overloaded.
  boost::asio::awaitable<core::Result<bool>> matches(core::SecretText password, std::string verifier);
  /// Errors: overloaded.
  boost::asio::awaitable<core::Result<std::string>> make_verifier(core::SecretText password);

 private:
  class Place;
  core::RandomSource& random_;
  std::atomic<std::size_t> waiting_{0};
  boost::asio::thread_pool threads_;
};

}  // namespace tally::http::api
