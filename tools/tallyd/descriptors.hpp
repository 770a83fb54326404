#pragma once

#include <cstddef>

#include "core/base/result.hpp"

namespace tally::tools {

/// How many files the process may have open, and who gets them. What is the store's is never given to a connection: a
/// store that can not open its next file ends the process.
struct DescriptorPlan {
  std::size_t limit = 0;
  std::size_t tables_open_max = 0;  ///< Of the store, which has as many again for its logs and what it makes anew.
  std::size_t connections_max = 0;
};

/// The store has 1,024, or half where there are fewer than twice as many, and not less than 320; connections have what
/// is left, at most `connections_wanted`. Errors: bad_configuration (fewer than 64 are left).
core::Result<DescriptorPlan> plan_descriptors(std::size_t limit, std::size_t connections_wanted);

/// Raises the process's soft limit to the hard one. The limit that then holds. Errors: io_failed.
core::Result<std::size_t> raise_descriptor_limit();

}  // namespace tally::tools
