#include "tools/base/nearest.hpp"

#include <algorithm>
#include <numeric>

namespace tally::tools {
namespace {

constexpr std::size_t kNearbyLetters = 2;
/// Comparing costs the product of the lengths.
constexpr std::size_t kComparedBytesMax = 64;

/// How many letters are to be put in, taken out or changed to make one of the other (Levenshtein).
std::size_t distance(std::string_view one, std::string_view other) {
  std::vector<std::size_t> row(other.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < one.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < other.size(); ++j) {
      const std::size_t changed = diagonal + (one[i] == other[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string nearest(std::string_view typed, const std::vector<std::string>& candidates) {
  std::string found;
  if (typed.size() > kComparedBytesMax) return found;
  std::size_t least = kNearbyLetters + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t far = distance(typed, candidate);
    if (far >= least) continue;
    least = far;
    found = candidate;
  }
  return found;
}

}  // namespace tally::tools
