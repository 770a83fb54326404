#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

namespace tally::testing {

/// What is there to be asked about: by kind, as the contract's examples begin (`tok_`, `ws_` …) or are called
/// (`cursor`).
using Things = std::map<std::string, std::vector<std::string>>;

/// Texts that no reader expects, and those that a schema names or just forbids.
std::vector<std::string> hostile_texts(const boost::json::object& schema, const Things& things);
/// The same as JSON, and JSON that is no text. Not all of it is valid.
std::vector<std::string> hostile_json(const boost::json::object& schema, const Things& things);
/// Whole bodies that are nothing, too much, too deep, or not what they say.
std::vector<std::string> hostile_bodies();
/// Header fields that any request may have, each with what it should not be.
std::vector<std::pair<std::string, std::string>> hostile_fields(const Things& things);

}  // namespace tally::testing
