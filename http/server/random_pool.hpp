#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "core/base/random.hpp"

namespace tally::http {

/// Random bytes drawn ahead in blocks of 4 KiB: a request needs a few dozen, and asking the system for them costs more
/// than making them. No byte is given twice, and what was given is wiped here. What is more than a quarter of a block
/// comes from the source. Not for keys that outlive the process: those are drawn from the system when they are made.
/// A process that forks would give the same bytes in both: the server does not. Threads: any, at the same time, by 16
/// blocks. Lifetime: `source` outlives it. Source: docs/adr/0056-randomness-in-blocks.md.
class RandomPool final : public core::RandomSource {
 public:
  static constexpr std::size_t kBlockBytes = 4096;

  explicit RandomPool(core::RandomSource& source);
  ~RandomPool() override;
  RandomPool(const RandomPool&) = delete;
  RandomPool& operator=(const RandomPool&) = delete;
  void fill(std::span<std::uint8_t> out) override;

 private:
  class Block;
  static constexpr std::size_t kBlocks = 16;
  core::RandomSource& source_;
  std::array<std::unique_ptr<Block>, kBlocks> blocks_;  // constant after construction
};

}  // namespace tally::http
