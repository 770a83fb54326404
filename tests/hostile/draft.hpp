#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tests/hostile/hostile_values.hpp"
#include "tests/hostile/operations.hpp"

namespace tally::testing {

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// One request that is going to be made; values are as they will be on the wire.
struct Draft {
  Pairs path;
  Pairs query;
  Pairs headers;
  std::string content_type;
  std::string body;
  std::string what;  ///< What is odd about it, for people.

  [[nodiscard]] std::string target(const Operation& operation) const;
};

/// `%XX` for everything but letters, digits and `-._~`.
std::string percent_encoded(std::string_view text);

/// As the contract's examples say, about things that are there; one for each example of a body.
std::vector<Draft> polite_drafts(const Operation& operation, const Things& things);

/// Where a draft is spoilt: in what the operation asks for, or in what any request has.
enum class Spot : std::uint8_t { of_operation, of_any_request };

/// Calls `use` for every way to spoil a polite draft in one place that is `wanted`, which is asked for each before it
/// is made.
void for_each_draft(const Operation& operation, const Things& things, const std::function<bool(Spot)>& wanted,
                    const std::function<void(const Draft&)>& use);

}  // namespace tally::testing
