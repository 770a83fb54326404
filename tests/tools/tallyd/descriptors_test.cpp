#include "tools/tallyd/descriptors.hpp"

#include <catch2/catch.hpp>

namespace tally::tools {

TEST_CASE("descriptors: the store's are never a connection's", "[tools][descriptors]") {
  struct Row {
    std::size_t limit, wanted, tables, connections;
  };
  const auto row = GENERATE(Row{1'048'576, 10'000, 512, 10'000}, Row{11'024, 10'000, 512, 10'000},
                            Row{11'023, 10'000, 512, 9'999}, Row{2'048, 10'000, 512, 1'024},
                            Row{1'024, 10'000, 256, 512}, Row{1'024, 20, 256, 20}, Row{384, 10'000, 160, 64});
  CAPTURE(row.limit, row.wanted);
  const auto plan = plan_descriptors(row.limit, row.wanted);
  REQUIRE(plan.has_value());
  CHECK(plan->tables_open_max == row.tables);
  CHECK(plan->connections_max == row.connections);
}

TEST_CASE("descriptors: too few are refused with what is needed", "[tools][descriptors]") {
  const auto plan = plan_descriptors(383, 10);
  REQUIRE(plan.has_error());
  CHECK(plan.error().code == core::Errc::bad_configuration);
  CHECK(plan.error().detail.find("383 files open, and 384 is the least") != std::string::npos);
}

}  // namespace tally::tools
