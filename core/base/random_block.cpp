#include "core/base/random_block.hpp"

#include <algorithm>

#include "core/base/secret.hpp"

namespace tally::core {

RandomBlock::RandomBlock(RandomSource& source) : source_(source) { source_.fill(bytes_); }

RandomBlock::~RandomBlock() { wipe(bytes_.data(), bytes_.size()); }

void RandomBlock::fill(std::span<std::uint8_t> out) {
  if (out.size() > kBytes - used_) return source_.fill(out);
  std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(used_), out.size(), out.begin());
  used_ += out.size();
}

}  // namespace tally::core
