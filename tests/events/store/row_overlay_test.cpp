#include "events/store/row_overlay.hpp"

#include <map>

#include <catch2/catch.hpp>

#include "tests/support/seeded_random.hpp"

namespace tally {
namespace {

using events::Family;

TEST_CASE("overlay: it holds what a map would hold, through growth and clearing", "[events][store]") {
  testing::SeededRandom random{7};
  events::RowOverlay overlay;
  for (int round = 0; round < 3; ++round) {
    std::map<std::string, std::optional<std::string>> model;
    for (int write = 0; write < 40'000; ++write) {
      const std::string key = std::to_string(random.below(20'000));
      const std::string value(random.below(100), 'v');
      if (random.below(5) == 0) {
        overlay.erase(Family::secret, key);
        model[key] = std::nullopt;
      } else {
        overlay.put(Family::secret, key, value);
        model[key] = value;
      }
    }
    CHECK(overlay.rows_of(Family::secret).size() == model.size());
    for (const auto& [key, value] : model) {
      const auto row = overlay.find(Family::secret, key);
      REQUIRE(row.has_value());
      REQUIRE(row->erased == !value.has_value());
      if (value) REQUIRE(row->value == *value);
    }
    CHECK_FALSE(overlay.find(Family::secret, "absent").has_value());
    CHECK_FALSE(overlay.find(Family::token, model.begin()->first).has_value());
    CHECK(overlay.bytes() > model.size());
    overlay.clear();
    CHECK(overlay.empty());
    CHECK(overlay.bytes() == 0);
    CHECK_FALSE(overlay.find(Family::secret, model.begin()->first).has_value());
  }
}

TEST_CASE("overlay: what was written since the mark is taken back, as often as one likes", "[events][store]") {
  using Model = std::map<std::string, std::optional<std::string>>;
  testing::SeededRandom random{11};
  events::RowOverlay overlay;
  Model model;
  std::size_t blind = 0;
  for (int round = 0; round < 400; ++round) {
    if (random.below(100) == 0) {
      overlay.clear();
      model.clear();
      blind = 0;
    }
    Model after = model;
    std::size_t blind_after = blind;
    overlay.mark();
    for (std::uint64_t write = random.below(40); write > 0; --write) {
      const std::string key = std::to_string(random.below(200));
      const auto old = overlay.find(Family::secret, key);
      if (random.below(5) == 0) {
        overlay.erase(Family::secret, key);
        after[key] = std::nullopt;
      } else if (old && !old->value.empty() && random.below(4) == 0) {
        const std::string rest{old->value.substr(1)};
        overlay.put(Family::secret, key, old->value.substr(1));
        after[key] = rest;
      } else {
        const std::string value(random.below(60), static_cast<char>('a' + random.below(26)));
        overlay.put(Family::secret, key, value);
        after[key] = value;
      }
      overlay.put(Family::log, key, "blind");
      ++blind_after;
    }
    if (random.below(2) == 0) {
      overlay.undo();
    } else {
      model = after;
      blind = blind_after;
    }
    CAPTURE(round);
    REQUIRE(overlay.rows_of(Family::secret).size() == model.size());
    REQUIRE(overlay.rows_of(Family::log).size() == blind);
    REQUIRE(overlay.empty() == (model.empty() && blind == 0));
    for (const auto& [key, value] : model) {
      const auto row = overlay.find(Family::secret, key);
      REQUIRE(row.has_value());
      REQUIRE(row->erased == !value.has_value());
      if (value) REQUIRE(row->value == *value);
    }
  }
}

TEST_CASE("overlay: a value may be replaced by a view of itself", "[events][store]") {
  events::RowOverlay overlay;
  overlay.put(Family::token, "key", "0123456789");
  overlay.put(Family::token, "key", overlay.find(Family::token, "key")->value.substr(2));
  CHECK(overlay.find(Family::token, "key")->value == "23456789");
}

TEST_CASE("overlay: rows longer than a chunk are held, too", "[events][store]") {
  events::RowOverlay overlay;
  const std::string large(3 << 20, 'x');
  overlay.put(Family::token, "large", large);
  overlay.put(Family::token, "small", "y");
  CHECK(overlay.find(Family::token, "large")->value == large);
  CHECK(overlay.find(Family::token, "small")->value == "y");
}

}  // namespace
}  // namespace tally
