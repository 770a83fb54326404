#include "core/base/result.hpp"

#include <memory>
#include <set>
#include <string>

#include <catch2/catch.hpp>

namespace tally::core {
namespace {

Result<int> half(int value) {
  if (value % 2 != 0) return invalid("value", "odd");
  return value / 2;
}

Result<int> quarter(int value) {
  TALLY_TRY_ASSIGN(const int first, half(value));
  TALLY_TRY_ASSIGN(const int second, half(first));
  return second;
}

Result<void> check_even(int value) {
  TALLY_TRY(half(value));
  return {};
}

Result<std::unique_ptr<int>> boxed(int value) {
  TALLY_TRY_ASSIGN(auto box, Result<std::unique_ptr<int>>{std::make_unique<int>(value)});
  return box;
}

TEST_CASE("result: a value passes through, the first error stops", "[core][result]") {
  CHECK(*quarter(8) == 2);
  REQUIRE(quarter(6).has_error());
  CHECK(quarter(6).error().code == Errc::invalid_argument);
  CHECK(quarter(6).error().field == "value");
  CHECK(check_even(4).has_value());
  CHECK(check_even(3).has_error());
  CHECK(**boxed(7) == 7);
}

TEST_CASE("result: every error code has its own name", "[core][result]") {
  std::set<std::string> names;
  int count = 0;
  for (int code = 1; code <= 17; ++code, ++count) names.insert(name_of(static_cast<Errc>(code)));
  for (int code = 40; code <= 48; ++code, ++count) names.insert(name_of(static_cast<Errc>(code)));
  for (int code = 60; code <= 63; ++code, ++count) names.insert(name_of(static_cast<Errc>(code)));
  CHECK(names.size() == static_cast<std::size_t>(count));
  CHECK(name_of(Errc::secret_reused) == std::string{"secret_reused"});
}

}  // namespace
}  // namespace tally::core
