#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "core/ids.hpp"
#include "core/result.hpp"
#include "projections/queries.hpp"

namespace tally::http::api {

/// How people are called, read once per page or export and remembered. Bounded: a full memory is emptied. Threads: one.
class PeopleNames {
 public:
  struct Name {
    std::string username;
    std::string display_name;
  };

  /// Lifetime: people outlives it.
  explicit PeopleNames(const projections::PeopleQueries& people) : people_(people) {}

  /// Absent if there is no such person. The pointer ends with the next call.
  core::Result<const Name*> find(core::UserId user);

 private:
  static constexpr std::size_t kRememberedMax = 4'096;
  const projections::PeopleQueries& people_;
  std::unordered_map<core::UserId, std::optional<Name>> known_;
};

}  // namespace tally::http::api
