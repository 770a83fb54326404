#include <catch2/catch.hpp>

#include "projections/queries/page_cursor.hpp"
#include "projections/rows/person_row.hpp"
#include "projections/rows/signing_key_row.hpp"
#include "projections/rows/small_rows.hpp"
#include "projections/rows/token_row.hpp"
#include "projections/rows/workspace_rows.hpp"
#include "tests/projections/rows/sample_rows.hpp"
#include "tests/support/seeded_random.hpp"

using namespace tally;
using namespace tally::projections;
using testing::full_person;
using testing::full_signing_key;
using testing::full_token;
using testing::full_workspace;
using testing::SampleRow;

namespace {

/// The rows, and what else is made of the same fields.
std::vector<SampleRow> samples() {
  auto samples = testing::sample_rows();
  const auto encoded = [](const PageCursor& cursor) { return *encode_cursor(ListKind::tokens, cursor); };
  const auto recode = [=](std::string_view bytes) -> std::optional<std::string> {
    const auto cursor = decode_cursor(ListKind::tokens, 3, 16, bytes);
    if (cursor.has_value()) return encoded(*cursor);
    REQUIRE(cursor.error().code == core::Errc::malformed);
    return std::nullopt;
  };
  samples.push_back({"cursor", encoded(PageCursor{3, "sort", std::string(16, 'i')}), recode});
  return samples;
}

}  // namespace

TEST_CASE("rows: what is encoded is decoded", "[projections][rows]") {
  std::string row;
  const auto token = full_token();
  REQUIRE(encode_token(token, row).has_value());
  CHECK(*decode_token(token.workspace, token.id, row) == token);
  core::TokenState bare;
  REQUIRE(encode_token(bare, row).has_value());
  CHECK(*decode_token(bare.workspace, bare.id, row) == bare);
  const auto workspace = full_workspace();
  REQUIRE(encode_workspace(workspace, row).has_value());
  CHECK(*decode_workspace(workspace.id, row) == workspace);
  REQUIRE(encode_workspace(core::WorkspaceState{}, row).has_value());
  CHECK(*decode_workspace({}, row) == core::WorkspaceState{});
  const auto person = full_person();
  REQUIRE(encode_person(person, row).has_value());
  CHECK(*decode_person(person.id, row) == person);
  REQUIRE(encode_signing_key(full_signing_key(), row).has_value());
  CHECK(*decode_signing_key("kid", row) == full_signing_key());
  REQUIRE(encode_signing_key(core::SigningKeyState{}, row).has_value());
  CHECK(*decode_signing_key("", row) == core::SigningKeyState{});
  REQUIRE(encode_person(core::PersonState{}, row).has_value());
  CHECK(*decode_person({}, row) == core::PersonState{});
}

TEST_CASE("rows: a value that does not fit its field is an error, and the row stays as it was", "[projections][rows]") {
  std::string row = "before";
  const auto refuses = [&](const auto& written) {
    return written.has_error() && written.error().code == core::Errc::internal && row == "before";
  };
  core::TokenState token = full_token();
  token.name.assign(UINT16_MAX + 1, 'n');
  CHECK(refuses(encode_token(token, row)));
  token = full_token();
  token.scope = *core::ScopeSet::from_sorted({std::string(UINT8_MAX + 1, 's')});
  CHECK(refuses(encode_token(token, row)));
  core::WorkspaceState workspace = full_workspace();
  workspace.policy.max_lifetime_days = UINT16_MAX + 1;
  CHECK(refuses(encode_workspace(workspace, row)));
  workspace = full_workspace();
  workspace.policy.refresh_retry_seconds = -1;
  CHECK(refuses(encode_workspace(workspace, row)));

  token.scope = {};
  token.name.assign(UINT16_MAX, 'n');
  REQUIRE(encode_token(token, row).has_value());
  CHECK(decode_token(token.workspace, token.id, row)->name == token.name);
}

TEST_CASE("rows: a time that nobody can write is corrupt", "[projections][rows]") {
  const std::int64_t micros =
      GENERATE(INT64_MIN, core::micros_of(core::kEarliestTime) - 1, core::micros_of(core::kLatestTime) + 1, INT64_MAX);
  CAPTURE(micros);
  std::string row;
  encode_usage({testing::row_time(micros), 1}, row);
  CHECK(decode_usage(row).error().code == core::Errc::corrupt);
}

TEST_CASE("rows: every cut is corrupt", "[projections][rows]") {
  for (const SampleRow& one : samples()) {
    INFO(one.name);
    CHECK(one.recode(one.row) == one.row);
    for (std::size_t size = 0; size < one.row.size(); ++size) {
      INFO("cut to " << size);
      const auto again = one.recode(std::string_view{one.row}.substr(0, size));
      // Of what is sealed the seal itself tells a cut; parts that are repeated are as many as there are.
      if (size >= one.own_bytes) continue;
      CHECK_FALSE(again.has_value());
    }
    if (one.own_bytes > one.row.size()) CHECK_FALSE(one.recode(one.row + '\0').has_value());
  }
}

TEST_CASE("rows: a changed byte is corrupt, or another value with exactly those bytes", "[projections][rows]") {
  for (const SampleRow& one : samples()) {
    INFO(one.name);
    for (std::size_t index = 0; index < one.row.size(); ++index) {
      for (int mask = 1; mask < 256; ++mask) {
        std::string damaged = one.row;
        damaged[index] = static_cast<char>(damaged[index] ^ mask);
        const auto again = one.recode(damaged);
        if (again && *again != damaged) FAIL("byte " << index << " ^ " << mask << " has a second encoding");
      }
    }
  }
}

TEST_CASE("rows: random bytes are never more than corrupt", "[projections][rows]") {
  testing::SeededRandom random{7};
  for (const SampleRow& one : samples()) {
    for (int round = 0; round < 500; ++round) {
      std::string bytes(random.below(80), '\0');
      for (char& byte : bytes) byte = static_cast<char>(random.below(256));
      if (!bytes.empty() && random.below(2) == 0) bytes[0] = '\1';
      const auto again = one.recode(bytes);
      if (again) CHECK(*again == bytes);
    }
  }
}
