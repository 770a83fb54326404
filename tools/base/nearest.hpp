#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tally::tools {

/// The candidate that differs from `typed` in the fewest letters, at most two; empty: none does. Longer texts than 64
/// bytes are nobody's slip of the finger.
std::string nearest(std::string_view typed, const std::vector<std::string>& candidates);

}  // namespace tally::tools
