#include "http/server/random_pool.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>

#include "core/base/secret.hpp"

namespace tally::http {
namespace {

/// Threads take blocks in turn when they first ask, so that few share one.
std::size_t number_of_this_thread() {
  static std::atomic<std::size_t> threads{0};
  thread_local const std::size_t number = threads.fetch_add(1, std::memory_order_relaxed);
  return number;
}

}  // namespace

class RandomPool::Block {
 public:
  ~Block() { core::wipe(bytes_.data(), bytes_.size()); }

  /// From the end, which comes nearer: behind it is nothing but zeros.
  void fill(std::span<std::uint8_t> out, core::RandomSource& source) {
    const std::lock_guard lock{mutex_};
    if (left_ < out.size()) {
      source.fill(bytes_);
      left_ = bytes_.size();
    }
    left_ -= out.size();
    std::uint8_t* const given = bytes_.data() + left_;
    std::copy_n(given, out.size(), out.data());
    core::wipe(given, out.size());
  }

 private:
  std::mutex mutex_;
  std::array<std::uint8_t, kBlockBytes> bytes_{};  // guarded by mutex_
  std::size_t left_ = 0;                           // guarded by mutex_
};

RandomPool::RandomPool(core::RandomSource& source) : source_(source) {
  for (auto& block : blocks_) block = std::make_unique<Block>();
}

RandomPool::~RandomPool() = default;

void RandomPool::fill(std::span<std::uint8_t> out) {
  if (out.size() > kBlockBytes / 4) return source_.fill(out);
  blocks_[number_of_this_thread() % kBlocks]->fill(out, source_);
}

}  // namespace tally::http
