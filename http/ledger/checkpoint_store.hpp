#pragma once

#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace tally::http {

/// A signed note as it lies somewhere: bytes that nobody has judged yet.
struct KeptNote {
  std::string note;
  core::Timestamp kept_at;
};

/// Where the last checkpoint is kept: outside the database, so that a database which is put back to an older state does
/// not take it along. Two implementations: a file (tools/) and a test's memory. Threads: one at a time.
class CheckpointStore {
 public:
  virtual ~CheckpointStore() = default;
  /// Empty: none was kept. Errors: io_failed, corrupt (larger than any note).
  [[nodiscard]] virtual core::Result<std::optional<KeptNote>> load() const = 0;
  /// Takes the place of the one before, whole or not at all; durable on return. Errors: io_failed, no_space: it may be
  /// either of the two then.
  virtual core::Result<void> keep(const std::string& note) = 0;
};

}  // namespace tally::http
