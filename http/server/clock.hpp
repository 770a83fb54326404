#pragma once

#include "core/base/time.hpp"

namespace tally::http {

/// The wall clock, or a test's. Threads: any.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual core::Timestamp now() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] core::Timestamp now() const override {
    return std::chrono::floor<core::Duration>(std::chrono::system_clock::now());
  }
};

}  // namespace tally::http
