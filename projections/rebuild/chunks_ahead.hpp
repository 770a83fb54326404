#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include "core/base/result.hpp"

namespace tally::projections {

/// Chunks in order, made by a thread of their own, a bounded number ahead of whoever takes them. An empty chunk is the
/// last, and so is an error. Threads: next() from one. Lifetime: what `make` reads outlives it.
template <class Chunk>
class ChunksAhead {
 public:
  using Made = core::Result<Chunk>;

  explicit ChunksAhead(std::function<Made()> make) : make_(std::move(make)), maker_([this] { make_all(); }) {}
  ~ChunksAhead() {
    {
      const std::lock_guard lock{mutex_};
      stopping_ = true;
    }
    changed_.notify_all();
    maker_.join();
  }
  ChunksAhead(const ChunksAhead&) = delete;
  ChunksAhead& operator=(const ChunksAhead&) = delete;

  /// After the last there are only empty ones. Errors: those of `make`.
  Made next() {
    if (ended_) return Chunk{};
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return !chunks_.empty(); });
    Made chunk = std::move(chunks_.front());
    chunks_.pop_front();
    lock.unlock();
    changed_.notify_all();
    ended_ = is_last(chunk);
    return chunk;
  }

 private:
  static constexpr std::size_t kAheadMax = 8;

  static bool is_last(const Made& chunk) { return chunk.has_error() || chunk->empty(); }

  void make_all() {
    for (;;) {
      Made chunk = make_();
      const bool was_last = is_last(chunk);
      if (!hand_over(std::move(chunk)) || was_last) return;
    }
  }

  /// False: nobody wants it any more.
  bool hand_over(Made chunk) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return stopping_ || chunks_.size() < kAheadMax; });
    if (stopping_) return false;
    chunks_.push_back(std::move(chunk));
    lock.unlock();
    changed_.notify_all();
    return true;
  }

  const std::function<Made()> make_;  // of the maker's thread
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Made> chunks_;  // guarded by mutex_
  bool stopping_ = false;    // guarded by mutex_
  bool ended_ = false;       // of the caller's thread: the last was given
  std::thread maker_;
};

}  // namespace tally::projections
