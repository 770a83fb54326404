#include "core/crypto/constant_time.hpp"

#include <botan/mem_ops.h>

namespace tally::core::crypto {

bool equal_in_constant_time(ByteView left, ByteView right) {
  return left.size() == right.size() && Botan::constant_time_compare(left.data(), right.data(), left.size());
}

}  // namespace tally::core::crypto
