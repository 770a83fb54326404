#include "core/base/check.hpp"

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace tally::core {
namespace {

thread_local OnBrokenPromise current_policy = OnBrokenPromise::abort;

}  // namespace

BrokenPromisePolicy::BrokenPromisePolicy(OnBrokenPromise policy) noexcept
    : before_(std::exchange(current_policy, policy)) {}

BrokenPromisePolicy::~BrokenPromisePolicy() { current_policy = before_; }

void check_failed(const char* expression, const char* file, int line, const std::string& values) {
  std::string what = std::string{file} + ":" + std::to_string(line) + ": check failed: " + expression;
  if (!values.empty()) what += ": " + values;
  if (current_policy == OnBrokenPromise::raise) throw BrokenPromise{std::move(what)};
  std::fprintf(stderr, "%s\n", what.c_str());
  std::fflush(stderr);
  std::abort();
}

}  // namespace tally::core
