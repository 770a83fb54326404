#include "core/base/check.hpp"

#include <catch2/catch.hpp>

#include "core/base/result.hpp"
#include "tests/support/aborts.hpp"

namespace tally::core {
namespace {

void break_a_promise() { TALLY_CHECK(1 + 1 == 3, "the values"); }

TEST_CASE("check: on a thread that says nothing it ends the process", "[core][check]") {
  CHECK(testing::aborts(break_a_promise));
}

TEST_CASE("check: where it is said so it throws what is to be told", "[core][check]") {
  const BrokenPromisePolicy policy{OnBrokenPromise::raise};
  try {
    break_a_promise();
    FAIL("nothing was thrown");
  } catch (const BrokenPromise& broken) {
    const std::string what = broken.what();
    CHECK(what.find("check_test.cpp:11: check failed: 1 + 1 == 3: the values") != std::string::npos);
  }
  const Result<int> none = fail(Errc::internal, "why");
  CHECK_THROWS_AS(none.value(), BrokenPromise);
}

TEST_CASE("check: the inner policy counts, and the outer one afterwards", "[core][check]") {
  const BrokenPromisePolicy outer{OnBrokenPromise::raise};
  {
    const BrokenPromisePolicy inner{OnBrokenPromise::abort};
    CHECK(testing::aborts(break_a_promise));
  }
  CHECK_THROWS_AS(break_a_promise(), BrokenPromise);
}

TEST_CASE("check: nothing but a failed check makes its values", "[core][check]") {
  const BrokenPromisePolicy policy{OnBrokenPromise::raise};
  int made = 0;
  const auto values = [&] { return std::to_string(++made); };
  TALLY_CHECK(made == 0, values());
  CHECK(made == 0);
}

}  // namespace
}  // namespace tally::core
