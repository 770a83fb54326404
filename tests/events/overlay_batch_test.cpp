#include "events/overlay_batch.hpp"

#include <map>

#include <catch2/catch.hpp>

namespace tally {
namespace {

using events::Family;

/// Committed rows of one family, and how often each was asked for.
class CountedRows final : public events::Reader {
 public:
  core::Result<std::optional<std::string>> get(Family, std::string_view key) const override {
    ++reads;
    const auto found = rows.find(std::string{key});
    return found == rows.end() ? std::optional<std::string>{} : std::optional{found->second};
  }
  std::unique_ptr<events::Cursor> scan(Family, const events::ScanRange&) const override { return nullptr; }

  std::map<std::string, std::string> rows;
  mutable int reads = 0;
};

std::optional<std::string> value_at(const events::OverlayBatch& batch, Family family, std::string_view key) {
  auto row = batch.get(family, key);
  REQUIRE(row.has_value());
  return *row;
}

TEST_CASE("batch: a row that every command wants is read from the store once", "[events][overlay]") {
  const auto family = GENERATE(Family::token, Family::workspace, Family::person, Family::member);
  CountedRows stored;
  stored.rows = {{"there", "value"}};
  events::OverlayBatch batch{stored};
  for (int round = 0; round < 3; ++round) {
    CHECK(value_at(batch, family, "there") == "value");
    CHECK(value_at(batch, family, "absent") == std::nullopt);
  }
  CHECK(stored.reads == 2);
}

TEST_CASE("batch: what was written wins over what was read", "[events][overlay]") {
  CountedRows stored;
  stored.rows = {{"a", "stored"}};
  events::OverlayBatch batch{stored};
  CHECK(value_at(batch, Family::token, "a") == "stored");
  batch.put(Family::token, "a", "written");
  CHECK(value_at(batch, Family::token, "a") == "written");
  batch.erase(Family::token, "a");
  CHECK(value_at(batch, Family::token, "a") == std::nullopt);
}

TEST_CASE("batch: what it remembers of its reads is bounded", "[events][overlay]") {
  CountedRows stored;
  stored.rows = {{"a", "first"}, {"large", std::string(std::size_t{5} << 20, 'x')}};
  events::OverlayBatch batch{stored};
  CHECK(value_at(batch, Family::token, "a") == "first");
  CHECK(value_at(batch, Family::token, "large"));
  CHECK(value_at(batch, Family::token, "b") == std::nullopt);
  stored.reads = 0;
  CHECK(value_at(batch, Family::token, "a") == "first");
  CHECK(stored.reads == 1);
}

TEST_CASE("batch: the next one reads anew, and does not write what was only read", "[events][overlay]") {
  CountedRows stored;
  stored.rows = {{"a", "old"}};
  events::OverlayBatch batch{stored};
  CHECK(value_at(batch, Family::token, "a") == "old");
  CHECK(batch.empty());
  CHECK(batch.bytes() == 0);
  stored.rows["a"] = "new";
  batch.clear();
  CHECK(value_at(batch, Family::token, "a") == "new");
}

}  // namespace
}  // namespace tally
