#pragma once

#include <cstdint>
#include <span>

#include "core/base/ids.hpp"

namespace tally::core {

/// Where random bytes come from: the operating system (core/crypto/system_random.hpp) or a seeded test.
class RandomSource {
 public:
  virtual ~RandomSource() = default;
  /// Fills all of `out`. Threads: any, at the same time.
  virtual void fill(std::span<std::uint8_t> out) = 0;
};

/// A fresh id of any kind at `time`.
template <class Id>
Id draw_id(RandomSource& random, Timestamp time) {
  UuidEntropy entropy;
  random.fill(entropy);
  return Id{make_uuid_v7_in_microsecond(time, entropy)};
}

}  // namespace tally::core
