#include "http/server/connection_input.hpp"

#include <algorithm>
#include <cstring>

#include "core/base/check.hpp"
#include "core/base/secret.hpp"

namespace tally::http {

ConnectionInput::ConnectionInput() { reallocate(kIdleBytes); }

ConnectionInput::~ConnectionInput() { wipe(0, dirty_); }

void ConnectionInput::wipe(std::size_t from, std::size_t until) {
  if (from < until) core::wipe(block_.get() + from, until - from);
}

void ConnectionInput::take_pinned(std::size_t bytes) {
  TALLY_CHECK(taken_ == begin_ + pinned_bytes_ && bytes <= end_ - taken_);
  pinned_bytes_ += bytes;
  taken_ += bytes;
}

void ConnectionInput::take(std::size_t bytes) {
  TALLY_CHECK(bytes <= end_ - taken_);
  taken_ += bytes;
}

void ConnectionInput::unpin() {
  // What lies before was overwritten when it was forgotten; what lies behind the end was moved away from there.
  wipe(begin_, taken_);
  wipe(end_, dirty_);
  dirty_ = end_;
  begin_ = taken_;
  pinned_bytes_ = 0;
  if (begin_ != end_) return;
  begin_ = taken_ = end_ = dirty_ = 0;
  if (capacity_ > kIdleBytes) reallocate(kIdleBytes);
}

std::span<char> ConnectionInput::room(std::size_t bytes_max) {
  const std::size_t used = end_ - begin_;
  if (used >= bytes_max) return {};
  if (end_ == capacity_) {
    reallocate(used == capacity_ ? std::min(capacity_ * 2, std::max(bytes_max, kIdleBytes)) : capacity_);
  }
  return {block_.get() + end_, std::min(capacity_ - end_, bytes_max - used)};
}

std::span<char> ConnectionInput::room_behind_pinned() {
  close_gap();
  return {block_.get() + end_, capacity_ - end_};
}

void ConnectionInput::reserve(std::size_t bytes) {
  close_gap();
  const std::size_t needed = pinned_bytes_ + bytes;
  if (capacity_ - begin_ < needed) reallocate(std::max(capacity_, needed));
}

void ConnectionInput::received(std::size_t bytes) {
  TALLY_CHECK(bytes <= capacity_ - end_);
  end_ += bytes;
  dirty_ = std::max(dirty_, end_);
}

void ConnectionInput::reallocate(std::size_t capacity) {
  close_gap();
  const std::size_t used = end_ - begin_;
  TALLY_CHECK(used <= capacity);
  if (capacity == capacity_) {
    std::memmove(block_.get(), block_.get() + begin_, used);
  } else {
    auto block = std::make_unique_for_overwrite<char[]>(capacity);
    if (used > 0) std::memcpy(block.get(), block_.get() + begin_, used);
    wipe(0, dirty_);
    block_ = std::move(block);
    capacity_ = capacity;
    dirty_ = used;
  }
  taken_ = pinned_bytes_;
  end_ = used;
  begin_ = 0;
}

void ConnectionInput::close_gap() {
  const std::size_t pinned_end = begin_ + pinned_bytes_;
  if (taken_ == pinned_end) return;
  std::memmove(block_.get() + pinned_end, block_.get() + taken_, end_ - taken_);
  end_ -= taken_ - pinned_end;
  taken_ = pinned_end;
}

}  // namespace tally::http
