#pragma once

#include <optional>

#include "core/base/ids.hpp"

namespace tally::projections {

/// How far a look for tokens before a cut-off went.
struct CutOffLook {
  std::optional<core::TokenId> passed;  ///< Up to it, from where the command begins, there is nothing to do.
  bool is_found = false;                ///< After it there is.
  bool more = false;                    ///< It went no further: to be looked on from there.
};

}  // namespace tally::projections
