#include <algorithm>
#include <array>

#include <catch2/catch.hpp>

#include "events/ledger/transaction.hpp"
#include "events/log/keys.hpp"
#include "events/log/log.hpp"
#include "events/log/meta_rows.hpp"
#include "events/rocks/rocks_salvage.hpp"
#include "events/rocks/rocks_store.hpp"
#include "tests/events/rocks/anchored_ledger.hpp"
#include "tests/events/sample_events.hpp"
#include "tests/support/seeded_random.hpp"

// A ledger is held against its anchor before it is opened: docs/adr/0058.
namespace tally {
namespace {

namespace fs = std::filesystem;
using events::AnchorFile;
using testing::anchored_ledger;
using testing::anchored_options;
using testing::anchored_places;
using testing::CrashedLedger;
using testing::kLogsMost;

/// Refused, and told which event is the first that is missing, or that only rows are.
std::string check_falls_short(const CrashedLedger& ledger, const fs::path& folder) {
  const auto opened = ledger.open(folder);
  INFO(opened.detail);
  REQUIRE(opened.is_refused);
  CHECK(opened.detail.find(".log") != std::string::npos);
  CHECK((opened.detail.find("event ") != std::string::npos ||
         opened.detail.find("though no event") != std::string::npos));
  return opened.detail;
}

void flip_bit(const fs::path& file, std::size_t byte, unsigned bit) {
  std::string bytes = testing::bytes_of(file);
  bytes[byte] = static_cast<char>(static_cast<std::uint8_t>(bytes[byte]) ^ 1U << bit);
  testing::write_bytes(file, bytes);
}

/// Appends so many events, one a commit.
void append_events(events::Store& store, int count) {
  auto head = events::load_head(store);
  REQUIRE(head.has_value());
  events::Transaction transaction{store, *head, {}};
  for (int index = 0; index < count; ++index) {
    REQUIRE(transaction.append(testing::sample_context(1'000), testing::sample_new_event(1)).has_value());
    REQUIRE(transaction.commit().has_value());
  }
}

events::Anchor anchor_of(const fs::path& folder) {
  AnchorFile file{testing::anchor_beside(folder)};
  return file.load().value().value();
}

}  // namespace

TEST_CASE("anchored: a ledger that only crashed opens whole, with any number of logs", "[events][rocks][anchor]") {
  for (std::size_t logs = 1; logs <= kLogsMost; ++logs) {
    INFO(logs << " logs");
    const CrashedLedger& ledger = anchored_ledger(logs);
    const auto opened = ledger.open(ledger.copy());
    INFO(opened.detail);
    REQUIRE_FALSE(opened.is_refused);
    CHECK(opened.commits == ledger.commits());
  }
}

TEST_CASE("anchored: a log that is cut, emptied or gone is refused, the newest too", "[events][rocks][anchor]") {
  for (std::size_t logs = 1; logs <= kLogsMost; ++logs) {
    const CrashedLedger& ledger = anchored_ledger(logs);
    for (const std::string& name : ledger.logs()) {
      const auto size = fs::file_size(ledger.copy() / name);
      for (const std::uintmax_t cut : {std::uintmax_t{1}, std::uintmax_t{100}, size / 2, size - 3, size}) {
        // Those of the others are cut in rocks_damage_test.cpp.
        if (name != ledger.logs().back() && cut > 1 && cut < size) continue;
        INFO(logs << " logs, " << name << " loses " << cut << " of " << size);
        const fs::path folder = ledger.copy();
        fs::resize_file(folder / name, size - cut);
        check_falls_short(ledger, folder);
      }
      INFO(logs << " logs, without " << name);
      const fs::path folder = ledger.copy();
      fs::remove(folder / name);
      const auto opened = ledger.open(folder);
      INFO(opened.detail);
      CHECK(opened.is_refused);
    }
  }
}

TEST_CASE("anchored: the first missing event and the file are named", "[events][rocks][anchor]") {
  const CrashedLedger& ledger = anchored_ledger(2);
  const auto& moments = ledger.moments();
  const auto& last = moments.back();
  // From behind: commits of rows alone, and of events.
  for (std::size_t left = moments.size() - 2; moments[left].log == last.log; --left) {
    const fs::path folder = ledger.copy();
    fs::resize_file(folder / last.log, moments[left].log_bytes);
    const std::string detail = check_falls_short(ledger, folder);
    INFO(detail);
    const bool has_events = moments[left].events < last.events;
    const std::string expected = "the ledger holds " + std::to_string(moments[left].events) +
                                 " events; the anchor says " + std::to_string(last.events) + ": event " +
                                 std::to_string(moments[left].events) + " is the first that is missing";
    CHECK(detail.starts_with(has_events ? expected : "rows are missing, though no event is: "));
    CHECK(detail.find((folder / last.log).string() + " ends before it") != std::string::npos);
    if (left == 0) break;
  }
}

TEST_CASE("anchored: a flipped bit of any part of a record is refused, in the newest log too",
          "[events][rocks][anchor]") {
  testing::SeededRandom random{11};
  for (std::size_t logs = 1; logs <= kLogsMost; ++logs) {
    const CrashedLedger& ledger = anchored_ledger(logs);
    for (const std::string& name : ledger.logs()) {
      const std::string bytes = testing::bytes_of(ledger.copy() / name);
      const auto records = testing::log_records_of(bytes);
      for (std::size_t tried = 0; tried < anchored_places(); ++tried) {
        // The last record is the one that passes for torn.
        const std::size_t record = tried == 0 ? records.back() : records[random.below(records.size())];
        for (const std::size_t part :
             {0UL, 3UL, 4UL, 5UL, 6UL, testing::kLogHeaderBytes, testing::kLogHeaderBytes + 9}) {
          if (record + part >= bytes.size()) continue;
          const auto bit = static_cast<unsigned>(random.below(8));
          INFO(logs << " logs, " << name << ", record at " << record << ", byte " << part << ", bit " << bit);
          const fs::path folder = ledger.copy();
          flip_bit(folder / name, record + part, bit);
          check_falls_short(ledger, folder);
        }
      }
    }
  }
}

TEST_CASE("anchored: damage with whole records of a later log behind it is no power cut", "[events][rocks][anchor]") {
  const CrashedLedger& ledger = anchored_ledger(3);
  const auto& moments = ledger.moments();
  const std::string& middle = ledger.logs()[1];
  std::size_t told = 0;
  while (told + 2 < moments.size() && !(moments[told].log == middle && moments[told + 2].log == middle)) ++told;
  const fs::path folder = ledger.copy();
  testing::write_bytes(testing::anchor_beside(folder), moments[told].anchor);
  flip_bit(folder / middle, moments[told + 1].log_bytes + testing::kLogHeaderBytes + 1, 0);
  check_falls_short(ledger, folder);
}

TEST_CASE("anchored: an older state of the ledger's folder is refused", "[events][rocks][anchor]") {
  const testing::TemporaryFolder scratch;
  const fs::path folder = scratch.path() / "ledger";
  append_events(**events::open_rocks_store(anchored_options(folder)), 10);
  fs::copy(folder, scratch.path() / "older", fs::copy_options::recursive);
  append_events(**events::open_rocks_store(anchored_options(folder)), 2);
  fs::rename(folder, scratch.path() / "newer");
  fs::rename(scratch.path() / "older", folder);
  const auto refused = events::open_rocks_store(anchored_options(folder));
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == core::Errc::corrupt);
  CHECK_THAT(refused.error().detail, Catch::StartsWith("the ledger holds 10 events; the anchor says 12: event 10 is "
                                                       "the first that is missing"));
}

TEST_CASE("anchored: a ledger that has gone another way after the same length is refused", "[events][rocks][anchor]") {
  const testing::TemporaryFolder scratch;
  const fs::path folder = scratch.path() / "ledger";
  append_events(**events::open_rocks_store(anchored_options(folder)), 3);
  fs::copy(folder, scratch.path() / "other", fs::copy_options::recursive);
  fs::copy_file(testing::anchor_beside(folder), testing::anchor_beside(scratch.path() / "other"));
  append_events(**events::open_rocks_store(anchored_options(folder)), 1);
  {
    const auto store = events::open_rocks_store(anchored_options(scratch.path() / "other"));
    events::Transaction transaction{**store, events::load_head(**store).value(), {}};
    REQUIRE(transaction.append(testing::sample_context(1'000), testing::sample_new_event(2)).has_value());
    REQUIRE(transaction.commit().has_value());
  }
  fs::remove_all(folder);
  fs::rename(scratch.path() / "other", folder);
  const auto refused = events::open_rocks_store(anchored_options(folder));
  REQUIRE(refused.has_error());
  CHECK_THAT(refused.error().detail, Catch::Contains("first 4 events are not those"));
}

TEST_CASE("anchored: another ledger's anchor, a missing one and an unreadable one are told apart",
          "[events][rocks][anchor]") {
  const CrashedLedger& ledger = anchored_ledger(1);
  fs::path folder = ledger.copy();
  const std::string other = anchored_ledger(2).moments().front().anchor;
  testing::write_bytes(testing::anchor_beside(folder), other);
  CHECK_THAT(ledger.open(folder).detail, Catch::Contains("another ledger's"));
  folder = ledger.copy();
  testing::write_bytes(testing::anchor_beside(folder), std::string(events::kAnchorFileBytes, '\0'));
  CHECK_THAT(ledger.open(folder).detail, Catch::Contains("neither slot can be read"));
  folder = ledger.copy();
  fs::remove(testing::anchor_beside(folder));
  const auto refused = events::open_rocks_store(anchored_options(folder));
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == core::Errc::corrupt);
  CHECK_THAT(refused.error().detail, Catch::Contains("is missing, though this ledger has one"));
  CHECK_FALSE(fs::exists(testing::anchor_beside(folder)));
}

TEST_CASE("anchored: one damaged slot is enough, at every byte", "[events][rocks][anchor]") {
  const CrashedLedger& ledger = anchored_ledger(1);
  const bool is_every = std::getenv("TALLY_DAMAGE_ALL") != nullptr;
  for (std::size_t slot = 0; slot < events::kAnchorSlots; ++slot) {
    for (std::size_t byte = 0; byte < events::kAnchorBytes; byte += is_every ? 1 : 16) {
      INFO("slot " << slot << ", byte " << byte);
      const fs::path folder = ledger.copy();
      flip_bit(testing::anchor_beside(folder), slot * events::kAnchorSlotBytes + byte, 3);
      const auto opened = ledger.open(folder);
      INFO(opened.detail);
      CHECK_FALSE(opened.is_refused);
      // And is whole again: an opening writes into it.
      const auto anchor = testing::bytes_of(testing::anchor_beside(folder));
      CHECK(events::decode_anchor(core::as_bytes(anchor).subspan(slot * events::kAnchorSlotBytes, events::kAnchorBytes))
                .has_value());
    }
  }
}

TEST_CASE("anchored: a ledger of a release before gets its anchor at the first start", "[events][rocks][anchor]") {
  const testing::TemporaryFolder scratch;
  const fs::path folder = scratch.path() / "ledger";
  append_events(**events::open_rocks_store({.folder = folder.string()}), 3);
  {
    const auto store = events::open_rocks_store(anchored_options(folder));
    REQUIRE(store.has_value());
    const events::Anchor anchor = anchor_of(folder);
    CHECK(anchor.size == 3);
    CHECK(anchor.root == events::load_head(**store)->tree.root());
    CHECK((*store)->get(events::Family::meta, events::kAnchoredRow).value() ==
          std::string{core::as_text(anchor.ledger.bytes)});
    append_events(**store, 1);
    CHECK(anchor_of(folder).size == 4);
    CHECK(anchor_of(folder).last_row > anchor.last_row);
  }
  // A first start that ended between the file and the row.
  const fs::path other = scratch.path() / "other";
  append_events(**events::open_rocks_store({.folder = other.string()}), 4);
  events::Anchor nothing;
  nothing.ledger = testing::sample_uuid(9);
  REQUIRE(AnchorFile{testing::anchor_beside(other)}.create(nothing).has_value());
  REQUIRE(events::open_rocks_store(anchored_options(other)).has_value());
  CHECK(anchor_of(other).ledger == testing::sample_uuid(9));
  CHECK(anchor_of(other).size == 4);
}

TEST_CASE("anchored: no new ledger is made beside the anchor of one that held events", "[events][rocks][anchor]") {
  const testing::TemporaryFolder scratch;
  const fs::path folder = scratch.path() / "ledger";
  append_events(**events::open_rocks_store(anchored_options(folder)), 3);
  fs::remove_all(folder);
  const bool is_there = GENERATE(true, false);
  if (is_there) fs::create_directory(folder);
  const auto refused = events::open_rocks_store(anchored_options(folder));
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == core::Errc::corrupt);
  CHECK_THAT(refused.error().detail, Catch::Contains("is of one that held 3 events"));
  CHECK(fs::exists(folder) == is_there);
  if (is_there) CHECK(fs::is_empty(folder));
}

TEST_CASE("anchored: rows beside the log and what a rebuild promotes are anchored, too", "[events][rocks][anchor]") {
  const testing::TemporaryFolder scratch;
  const fs::path folder = scratch.path() / "ledger";
  const auto store = events::open_rocks_store(anchored_options(folder));
  append_events(**store, 1);
  const events::Anchor first = anchor_of(folder);
  const auto batch = (*store)->new_batch();
  batch->put(events::Family::session, "a", std::string(8, '\x7f'));
  REQUIRE((*store)->commit(*batch, events::Durability::synced).has_value());
  const events::Anchor second = anchor_of(folder);
  CHECK(second.last_row == first.last_row + 1);
  CHECK(second.size == 1);
  {
    const auto shadow = (*store)->make_shadow(std::array{events::Family::token});
    (*shadow)->rows().put(events::Family::token, "b", "row");
    REQUIRE((*shadow)->promote({}).has_value());
  }
  CHECK(anchor_of(folder).last_row > second.last_row);
  CHECK(anchor_of(folder).root == first.root);
  // What is buffered is anchored with what is synced after it, not before.
  const events::Anchor third = anchor_of(folder);
  batch->put(events::Family::usage, "c", "buffered");
  REQUIRE((*store)->commit(*batch, events::Durability::buffered).has_value());
  CHECK(anchor_of(folder) == third);
  batch->put(events::Family::usage, "d", "synced");
  REQUIRE((*store)->commit(*batch, events::Durability::synced).has_value());
  CHECK(anchor_of(folder).last_row == third.last_row + 2);
}

TEST_CASE("anchored: what is salvaged reaches the anchor, or nothing is", "[events][rocks][anchor]") {
  const CrashedLedger& ledger = anchored_ledger(2);
  const auto& moments = ledger.moments();
  fs::path folder = ledger.copy();
  CHECK(events::open_rocks_salvage(anchored_options(folder)).has_value());
  // Rows alone are not what a salvage is for.
  std::size_t left = moments.size() - 2;
  while (moments[left].events == moments.back().events) --left;
  fs::resize_file(folder / moments.back().log, moments[left].log_bytes);
  const auto refused = events::open_rocks_salvage(anchored_options(folder));
  REQUIRE(refused.has_error());
  CHECK_THAT(refused.error().detail, Catch::Contains("is the first that is missing"));
  // Garbage behind it keeps nothing from being read.
  folder = ledger.copy();
  const fs::path newest = folder / ledger.logs().back();
  testing::write_bytes(newest, testing::bytes_of(newest) + std::string(100, 'g'));
  const auto salvage = events::open_rocks_salvage(anchored_options(folder));
  REQUIRE(salvage.has_value());
  CHECK(events::load_head(*salvage->reader).value().tree.size() == moments.back().events);
}

}  // namespace tally
