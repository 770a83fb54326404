#include "tools/base/environment.hpp"

#include <cstdlib>
#include <unistd.h>

namespace tally::tools {

Environment process_environment() {
  return [](const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>{value};
  };
}

std::vector<std::string> names_in_process_environment(const std::string& prefix) {
  std::vector<std::string> names;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string text{*entry};
    if (text.starts_with(prefix)) names.push_back(text.substr(0, text.find('=')));
  }
  return names;
}

}  // namespace tally::tools
