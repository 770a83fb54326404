#pragma once

#include <cstdint>
#include <string>

#include <boost/system/result.hpp>

#include "core/base/result.hpp"

namespace tally::tools {

/// The exit status of `tally`. Part of its contract with scripts.
enum class Exit : std::uint8_t {
  done = 0,
  refused = 1,
  usage = 2,
  unreachable = 3,
  not_allowed = 4,
  damaged = 5,
  later_release = 6
};

/// Why a command did not do what was asked: what to exit with, and what to tell.
struct Failure {
  Exit exit = Exit::refused;
  std::string message;  ///< Without a secret; empty if all is told already.
};

/// What a failed operation on a data folder or on a file means for whoever called `tally`.
inline Failure failure_of(const core::Error& error) {
  if (error.code == core::Errc::corrupt) return {Exit::damaged, error.detail};
  if (error.code == core::Errc::unknown_event) return {Exit::later_release, error.detail};
  if (error.code == core::Errc::conflict) return {Exit::refused, error.detail};
  return {Exit::unreachable, error.detail};
}

[[noreturn]] inline void throw_exception_from_error(const Failure& failure, const boost::source_location& where) {
  core::check_failed("attempt has a value", where.file_name(), static_cast<int>(where.line()), failure.message);
}

/// A value or a Failure. Never ignored.
template <class T>
class [[nodiscard]] Attempt : public boost::system::result<T, Failure> {
 public:
  using boost::system::result<T, Failure>::result;
};
template <>
class [[nodiscard]] Attempt<void> : public boost::system::result<void, Failure> {
 public:
  using boost::system::result<void, Failure>::result;
  Attempt() = default;
};

}  // namespace tally::tools
