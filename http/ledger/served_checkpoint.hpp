#pragma once

#include <string>

#include "core/base/time.hpp"
#include "core/ledger/checkpoint.hpp"

namespace tally::http {

/// A checkpoint that is durable, and so may be told.
struct ServedCheckpoint {
  core::TreeHead tree;
  std::string note;
  core::Timestamp signed_at;
};

}  // namespace tally::http
