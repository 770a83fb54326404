#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "core/base/result.hpp"

namespace tally::core {

/// The versions of a thing that a command takes for granted: it is refused if somebody changed the thing since its
/// caller looked. Checked by the decider, on the writer thread, after the caller's authority: who may not touch the
/// thing learns nothing of its version. Source: RFC 9110 §13.1.1 (If-Match).
class VersionCondition {
 public:
  /// Nothing is expected, not even that the thing is there.
  VersionCondition() = default;
  /// One of these; of an empty list, none.
  explicit VersionCondition(std::vector<std::uint64_t> any_of) : is_set_(true), any_of_(std::move(any_of)) {}
  /// The thing is there, in whatever version.
  static VersionCondition exists() {
    VersionCondition condition;
    condition.is_set_ = true;
    return condition;
  }

  [[nodiscard]] bool is_set() const { return is_set_; }
  [[nodiscard]] bool holds(std::uint64_t version) const {
    return !any_of_ || std::find(any_of_->begin(), any_of_->end(), version) != any_of_->end();
  }
  /// Errors: precondition_failed.
  [[nodiscard]] Result<void> check(std::uint64_t version) const {
    if (holds(version)) return {};
    return fail(Errc::precondition_failed, "it has changed since: read it again");
  }

 private:
  bool is_set_ = false;
  std::optional<std::vector<std::uint64_t>> any_of_;  ///< Absent: any.
};

}  // namespace tally::core
