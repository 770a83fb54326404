#pragma once

#include <string>
#include <vector>

#include <boost/json/value.hpp>

#include "http/server/request.hpp"
#include "tests/http/api/contract.hpp"

namespace tally::testing {

enum class Place : std::uint8_t { path, query, header };

struct OperationParameter {
  std::string name;
  Place place;
  bool required;
  boost::json::object schema;  ///< Resolved.
};

struct OperationBody {
  std::string type;
  std::vector<boost::json::object> examples;
  std::vector<OperationParameter> members;  ///< Of all forms that it may have; their place means nothing.
};

/// One operation of openapi.json, as far as asking for it needs.
struct Operation {
  http::Method method;
  std::string pattern;
  std::vector<OperationParameter> parameters;
  std::optional<OperationBody> body;
  bool streams = false;  ///< Its answer has no end.

  [[nodiscard]] std::string name() const { return method_name(method) + " " + pattern; }
  /// Asks for it cost the hash of a password.
  [[nodiscard]] bool hashes_passwords() const;
};

/// All of them, those that read first, and those that end what others need last.
std::vector<Operation> operations_of(const Contract& contract);

}  // namespace tally::testing
