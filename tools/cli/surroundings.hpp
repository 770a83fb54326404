#pragma once

#include <chrono>
#include <functional>
#include <iosfwd>
#include <string>

#include "core/base/secret.hpp"
#include "core/base/time.hpp"
#include "tools/base/environment.hpp"
#include "tools/client/outcome.hpp"

namespace tally::tools {

/// Everything around a run of `tally`: the process's own, or a test's.
struct Surroundings {
  std::ostream& out;
  std::ostream& err;
  std::istream& in;
  Environment environment;
  std::function<core::Timestamp()> now;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  bool in_is_terminal = false;
  std::size_t columns = 0;  ///< Of the terminal; 0: lines may have any length.

  /// Asks on the terminal without echo. Only if in_is_terminal.
  std::function<core::SecretText(const std::string& prompt)> ask_secret = {};
  /// Waits before something is tried again; false: it is not to be.
  std::function<bool(std::chrono::seconds pause)> wait = {};

  /// Colour only where a person looks and did not object. Source: no-color.org.
  [[nodiscard]] bool may_colour() const { return out_is_terminal && !environment("NO_COLOR"); }
};

/// The process's terminal, environment and clock.
Surroundings process_surroundings();

}  // namespace tally::tools
