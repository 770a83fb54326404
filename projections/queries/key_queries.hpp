#pragma once

#include <vector>

#include "core/base/result.hpp"
#include "core/state/signing_key_state.hpp"

namespace tally::events {
class Store;
}

/// What can be asked of signing keys. Every function reads one snapshot. Absent is an empty optional; Errors: corrupt,
/// io_failed; others are named. Threads: any.
namespace tally::projections {

class KeyQueries {
 public:
  explicit KeyQueries(const events::Store& store) : store_(store) {}
  /// Every signing key that ever was, in the order in which they were added.
  core::Result<std::vector<core::SigningKeyState>> list() const;

 private:
  const events::Store& store_;
};

}  // namespace tally::projections
