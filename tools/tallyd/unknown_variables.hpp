#pragma once

#include <string>
#include <vector>

namespace tally::tools {

/// A variable that begins with TALLY_ and means nothing.
struct UnknownVariable {
  std::string name;
  std::string meant;  ///< The setting's variable that differs in at most two letters; empty: none does.
};

/// Those of `variables` that neither the server nor the command line knows. Not told of: what Kubernetes sets for a
/// Service named tally (TALLY_PORT…, TALLY_…_SERVICE_…).
std::vector<UnknownVariable> unknown_variables(const std::vector<std::string>& variables);

}  // namespace tally::tools
