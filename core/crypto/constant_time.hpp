#pragma once

#include "core/base/bytes.hpp"

namespace tally::core::crypto {

/// Equality in time that depends on the lengths only.
bool equal_in_constant_time(ByteView left, ByteView right);

}  // namespace tally::core::crypto
