#include "tools/environment.hpp"

#include <cstdlib>

namespace tally::tools {

Environment process_environment() {
  return [](const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>{value};
  };
}

}  // namespace tally::tools
