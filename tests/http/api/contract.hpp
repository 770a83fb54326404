#pragma once

#include <map>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "http/server/request.hpp"

namespace tally::testing {

/// openapi.json as a judge of answers: is the status documented, the header there, the body of the schema? Knows the
/// part of JSON Schema that the document uses; an unknown keyword in a schema is a complaint of its own. (The black-box
/// suite asks a validator that nobody here wrote.)
class Contract {
 public:
  Contract();

  /// What is wrong with an answer; empty: nothing. `pattern` is the route's.
  [[nodiscard]] std::string complaint(http::Method method, const std::string& pattern, unsigned status,
                                      std::string_view content_type, const std::string& body) const;
  [[nodiscard]] const boost::json::object& document() const { return document_; }
  /// `GET /v1/session` and so on.
  [[nodiscard]] std::vector<std::string> operations() const;
  /// What is wrong with a value under a schema.
  [[nodiscard]] std::string mismatch(const boost::json::value& value, const boost::json::object& schema,
                                     const std::string& where) const;
  /// The object that a local reference leads to, or the object itself.
  [[nodiscard]] const boost::json::object& resolve(const boost::json::object& node) const;

 private:
  [[nodiscard]] std::string object_mismatch(const boost::json::object& value, const boost::json::object& schema,
                                            const std::string& where) const;
  [[nodiscard]] std::string text_mismatch(std::string_view value, const boost::json::object& schema,
                                          const std::string& where) const;
  [[nodiscard]] const std::regex& pattern(const std::string& text) const;

  boost::json::object document_;
  mutable std::map<std::string, std::regex> patterns_;
};

/// `GET`, `POST`, …
std::string method_name(http::Method method);

}  // namespace tally::testing
