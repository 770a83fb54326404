#pragma once

#include <string>

#include "core/state/token.hpp"
#include "http/frame/json_reader.hpp"
#include "http/frame/query_reader.hpp"

/// The two fields of everything that stops tokens, in a body or in a query: `access` (`keep` or `revoke`) and `reason`.
/// What is wrong with them is remembered by the reader.
namespace tally::http {

core::AccessFate read_access_fate(JsonReader& reader, core::AccessFate absent);
core::AccessFate read_access_fate(QueryReader& reader, core::AccessFate absent);
std::string read_reason(JsonReader& reader);
std::string read_reason(QueryReader& reader);

}  // namespace tally::http
