#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "core/base/ids.hpp"
#include "core/base/limits.hpp"
#include "core/base/result.hpp"
#include "projections/queries/people_queries.hpp"

namespace tally::http {

/// How people are called, read once per page or export and remembered: learnt before anything is written, so that the
/// writing can not fail. Bounded: a full memory is emptied. Threads: one.
class PeopleNames {
 public:
  struct Name {
    std::string username;
    std::string display_name;
  };

  /// Lifetime: people outlives it.
  explicit PeopleNames(const projections::PeopleQueries& people) : people_(people) {}

  /// Errors: corrupt, io_failed.
  core::Result<void> learn(core::UserId user);
  /// Of somebody who has been read before: they need not be looked up.
  void know(const core::PersonState& person);
  /// Null: there is no such person, or nobody learnt the name. Valid until the next learn().
  [[nodiscard]] const Name* of(core::UserId user) const;

 private:
  /// More than a page names: what was just learnt is still there when the page is written.
  static constexpr std::size_t kRememberedMax = 4'096;
  static_assert(kRememberedMax > 4 * core::limits::kPageItemsMax);
  const projections::PeopleQueries& people_;
  std::unordered_map<core::UserId, std::optional<Name>> known_;
};

}  // namespace tally::http
