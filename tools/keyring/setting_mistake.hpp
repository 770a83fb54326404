#pragma once

#include <string>

#include "core/base/result.hpp"

namespace tally::tools {

/// What is wrong with a setting, by its name: bad_configuration.
inline core::Error mistake(const char* setting, const std::string& what) {
  return core::fail(core::Errc::bad_configuration, std::string{setting} + ": " + what);
}

}  // namespace tally::tools
