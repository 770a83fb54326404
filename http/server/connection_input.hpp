#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace tally::http {

/// The bytes of one connection that have come and are still needed: first those that are pinned (the head of the
/// request at hand, which views point into), then those that nobody has taken yet. One block, kept between requests
/// and small while the connection is idle. What is not needed any more is overwritten: it may have held secrets.
/// Threads: one.
class ConnectionInput {
 public:
  static constexpr std::size_t kIdleBytes = 4 << 10;

  ConnectionInput();
  ~ConnectionInput();
  ConnectionInput(const ConnectionInput&) = delete;
  ConnectionInput& operator=(const ConnectionInput&) = delete;

  /// What came and is not taken.
  [[nodiscard]] std::string_view waiting() const { return {block_.get() + taken_, end_ - taken_}; }
  /// What was taken and is pinned.
  [[nodiscard]] std::string_view pinned() const { return {block_.get() + begin_, pinned_bytes_}; }
  /// Takes waiting bytes; with `pin`, they are appended to what is pinned (nothing unpinned may be before them).
  void take_pinned(std::size_t bytes);
  void take(std::size_t bytes);
  /// Forgets and overwrites the pinned bytes. Gives memory back if nothing waits.
  void unpin();

  /// Where the next bytes may be read to, at least one byte. May move everything, and grows up to `bytes_max` in all.
  /// Empty: that much is there already.
  std::span<char> room(std::size_t bytes_max);
  /// The same, but pinned bytes stay where they are: only what reserve() made is used.
  std::span<char> room_behind_pinned();
  /// Makes sure that `bytes` fit behind the pinned ones. May move everything.
  void reserve(std::size_t bytes);
  /// So many bytes were read to the room.
  void received(std::size_t bytes);

 private:
  void reallocate(std::size_t capacity);
  /// Moves the waiting bytes up to the end of the pinned ones.
  void close_gap();
  void wipe(std::size_t from, std::size_t until);

  std::unique_ptr<char[]> block_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;         ///< Of the pinned bytes.
  std::size_t pinned_bytes_ = 0;  ///< From begin_ on.
  std::size_t taken_ = 0;         ///< Waiting bytes begin here; never before begin_ + pinned_bytes_.
  std::size_t end_ = 0;
  std::size_t dirty_ = 0;  ///< Nothing was ever written from here on that is not overwritten; never before end_.
};

}  // namespace tally::http
