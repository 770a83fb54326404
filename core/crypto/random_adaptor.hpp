#pragma once

#include <span>
#include <string>

#include <botan/rng.h>

#include "core/base/random.hpp"

namespace tally::core::crypto {

/// A RandomSource as Botan wants to see it. Private to core/crypto.
/// Lifetime: `source` outlives it.
class RandomAdaptor final : public Botan::RandomNumberGenerator {
 public:
  explicit RandomAdaptor(RandomSource& source) : source_(source) {}

  void randomize(std::uint8_t output[], std::size_t length) override { source_.fill(std::span{output, length}); }
  bool accepts_input() const override { return false; }
  void add_entropy(const std::uint8_t[], std::size_t) override {}
  std::string name() const override { return "tally"; }
  void clear() override {}
  bool is_seeded() const override { return true; }

 private:
  RandomSource& source_;
};

}  // namespace tally::core::crypto
