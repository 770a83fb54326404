#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

namespace tally::tools {

/// Reads answers of the API without trusting their form: what is absent or of another type is empty. A path is the
/// names from the outside in.
using JsonPath = std::initializer_list<std::string_view>;

/// Null if it is not there.
const boost::json::value* find_at(const boost::json::value& json, JsonPath path);
std::string text_at(const boost::json::value& json, JsonPath path);
/// A number as text; empty if it is absent or no number.
std::string number_at(const boost::json::value& json, JsonPath path);
/// The elements of an array; none if it is absent.
const boost::json::array& items_at(const boost::json::value& json, JsonPath path);
/// The texts of an array, joined by blanks.
std::string joined_at(const boost::json::value& json, JsonPath path);

/// A path with its query: empty values are left out, the others percent-encoded.
std::string with_query(std::string path, std::initializer_list<std::pair<std::string_view, std::string>> parameters);
/// One value of a form or a query, percent-encoded.
std::string percent_encoded(std::string_view text);

}  // namespace tally::tools
