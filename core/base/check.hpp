#pragma once

#include <exception>
#include <string>
#include <utility>

namespace tally::core {

/// A failed check where one request may fail alone. what() is for the log: place, expression and values.
class BrokenPromise final : public std::exception {
 public:
  explicit BrokenPromise(std::string what) : what_(std::move(what)) {}
  [[nodiscard]] const char* what() const noexcept override { return what_.c_str(); }

 private:
  std::string what_;
};

/// What a failed check does to its thread.
enum class OnBrokenPromise : bool {
  abort,  ///< Ends the process: whoever goes on would write down what is wrong. Of every thread that says nothing.
  raise   ///< Throws BrokenPromise, for whoever can answer one request with 500 and take back what it did.
};

/// This thread's policy until the end of the scope, then the one before. Scopes nest.
class BrokenPromisePolicy {
 public:
  explicit BrokenPromisePolicy(OnBrokenPromise policy) noexcept;
  ~BrokenPromisePolicy();
  BrokenPromisePolicy(const BrokenPromisePolicy&) = delete;
  BrokenPromisePolicy& operator=(const BrokenPromisePolicy&) = delete;

 private:
  OnBrokenPromise before_;
};

/// A check that failed: throws BrokenPromise or, with the same words on standard error, aborts, as the thread's policy
/// says. Never reached by input: a failed check is a bug of ours. `values` hold no secret: they come into the log.
[[noreturn]] void check_failed(const char* expression, const char* file, int line, const std::string& values);

}  // namespace tally::core

/// An invariant, checked in every build. The second, optional argument is a std::string with the values that matter; it
/// is only made when the check fails. Never used on input, and not where nothing may be thrown: in destructors and
/// noexcept functions it aborts in any case.
#define TALLY_CHECK(expression, ...) \
  (static_cast<bool>(expression)     \
       ? static_cast<void>(0)        \
       : ::tally::core::check_failed(#expression, __FILE__, __LINE__, ::std::string{__VA_ARGS__}))
