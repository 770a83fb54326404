#pragma once

#include <string>

namespace tally::core {

/// Prints `expression` with its place and `values` on standard error and aborts the process.
/// Never reached by input: a failed check is a bug of ours.
[[noreturn]] void check_failed(const char* expression, const char* file, int line, const std::string& values);

}  // namespace tally::core

/// An invariant, checked in every build. The second, optional argument is a std::string with the values that matter; it
/// is only made when the check fails. Never used on input.
#define TALLY_CHECK(expression, ...) \
  (static_cast<bool>(expression)     \
       ? static_cast<void>(0)        \
       : ::tally::core::check_failed(#expression, __FILE__, __LINE__, ::std::string{__VA_ARGS__}))
