#pragma once

#include <unistd.h>
#include <utility>

namespace tally::http {

/// A socket that listens, on its way from one server to the next. Whoever connects meanwhile waits.
class Listener {
 public:
  explicit Listener(int descriptor) : descriptor_(descriptor) {}
  Listener(Listener&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Listener& operator=(Listener&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  /// The descriptor, or -1: there is none. It is the caller's from now on.
  [[nodiscard]] int release() { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_;
};

}  // namespace tally::http
