#include <cstdlib>
#include <fstream>
#include <map>

#include <catch2/catch.hpp>

#include "core/base/bytes.hpp"
#include "projections/rows/small_rows.hpp"
#include "projections/rows/workspace_rows.hpp"
#include "tests/projections/rows/sample_rows.hpp"

// The bytes of every kind of row. TALLY_WRITE_GOLDEN=1 adds the lines that are missing, and only those.
namespace tally {
namespace {

const char* const kGoldenRows = TALLY_GOLDEN_FOLDER "/rows.txt";

/// What `rows.txt` says of each row, by its name: hexadecimal digits.
std::map<std::string, std::string> golden_rows() {
  std::map<std::string, std::string> rows;
  std::ifstream file{kGoldenRows};
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(": ");
    REQUIRE(colon != std::string::npos);
    INFO(line);
    REQUIRE(rows.emplace(line.substr(0, colon), line.substr(colon + 2)).second);
  }
  return rows;
}

/// The samples, and rows that are written and by nobody decoded whole.
std::vector<testing::SampleRow> written_rows() {
  auto rows = testing::sample_rows();
  std::string row;
  projections::encode_revoked_access(testing::row_time(1), row);
  rows.push_back({"revoked_access", row, {}});
  projections::encode_role(core::Role::auditor, row);
  rows.push_back({"member_by_user", row, {}});
  return rows;
}

}  // namespace

TEST_CASE("golden: every row is written as on the day of its golden", "[projections][rows][golden]") {
  auto golden = golden_rows();
  const bool may_write = std::getenv("TALLY_WRITE_GOLDEN") != nullptr;
  for (const testing::SampleRow& sample : written_rows()) {
    INFO(sample.name);
    const std::string hex = core::to_hex(core::as_bytes(sample.row));
    const auto known = golden.find(sample.name);
    if (known == golden.end() && may_write) {
      std::ofstream{kGoldenRows, std::ios::app} << sample.name << ": " << hex << '\n';
      continue;
    }
    REQUIRE(known != golden.end());
    CHECK(known->second == hex);
    golden.erase(known);
  }
  for (const auto& [name, hex] : golden) FAIL_CHECK("no sample has the name of the golden row " << name);
}

}  // namespace tally
