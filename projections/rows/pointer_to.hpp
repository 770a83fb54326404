#pragma once

#include <optional>

namespace tally::projections {

/// As the deciders take what may not be there: null for nothing. Lifetime: `value` outlives it.
template <class Value>
const Value* pointer_to(const std::optional<Value>& value) {
  return value ? &*value : nullptr;
}

}  // namespace tally::projections
