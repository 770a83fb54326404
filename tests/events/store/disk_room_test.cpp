#include "events/store/disk_room.hpp"

#include <filesystem>

#include <catch2/catch.hpp>

#include "events/ledger/sequencer.hpp"
#include "events/rocks/rocks_store.hpp"
#include "tests/events/sample_events.hpp"
#include "tests/events/test_works.hpp"
#include "tests/support/temporary_folder.hpp"

namespace tally {
namespace {

using events::Family;
using events::Room;
using testing::sample_context;
using testing::sample_new_event;
using testing::Told;
using testing::work;

constexpr std::uint64_t kMebibyte = 1 << 20;
constexpr events::RoomLimits kLimits{64 * kMebibyte, 4 * kMebibyte, 16 * kMebibyte};

/// A disk of which the test says how much is free, without what the ledger has set aside.
struct Disk {
  std::uint64_t others_leave = 1'024 * kMebibyte;
  testing::TemporaryFolder folder;

  [[nodiscard]] std::uint64_t reserved() const {
    std::error_code error;
    const auto size = std::filesystem::file_size(folder.path() / "reserve", error);
    return error ? 0 : size;
  }
  [[nodiscard]] std::uint64_t free() const { return others_leave - std::min(others_leave, reserved()); }
  [[nodiscard]] events::FreeBytes ask() const {
    return [this] { return std::optional{free()}; };
  }
};

/// Asks anew each time: so many bytes are due.
core::Result<void> allow(events::DiskRoom& room) { return room.allow(8 * kMebibyte); }

core::NewEvent stop() {
  core::NewEvent event = sample_new_event(1);
  event.payload = core::TokenDisabled{core::DisableCause::requested, core::AccessFate::keep, {}};
  return event;
}

}  // namespace

TEST_CASE("disk room: blocks are set aside while there is room, and given back to stops when there is none",
          "[events][room]") {
  Disk disk;
  events::DiskRoom room{disk.folder.str(), kLimits, disk.ask()};
  CHECK(room.room() == Room::ample);
  CHECK(disk.reserved() == kLimits.reserve);

  disk.others_leave = 63 * kMebibyte + kLimits.reserve;
  REQUIRE(allow(room).has_value());
  CHECK(room.room() == Room::stops_only);
  CHECK(disk.reserved() == kLimits.reserve);

  disk.others_leave = kLimits.reserve;  // others have taken all that they can
  REQUIRE(allow(room).has_value());
  CHECK(room.room() == Room::stops_only);
  CHECK(disk.reserved() == 0);
  CHECK(disk.free() == kLimits.reserve);

  disk.others_leave = kLimits.last - 1;
  const auto refused = allow(room);
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == core::Errc::no_space);
  CHECK(room.room() == Room::none);

  disk.others_leave = 79 * kMebibyte;
  REQUIRE(allow(room).has_value());
  CHECK(room.room() == Room::stops_only);  // what was given back is not for everybody
  disk.others_leave = 81 * kMebibyte;
  REQUIRE(allow(room).has_value());
  CHECK(room.room() == Room::ample);
  CHECK(disk.reserved() == 0);  // not at once: it would be given back again soon
  disk.others_leave = 1'024 * kMebibyte;
  REQUIRE(allow(room).has_value());
  CHECK(disk.reserved() == kLimits.reserve);
}

TEST_CASE("disk room: a start on a full disk takes the reserve, which an earlier process set aside", "[events][room]") {
  Disk disk;
  REQUIRE(events::DiskRoom{disk.folder.str(), kLimits, disk.ask()}.room() == Room::ample);
  REQUIRE(disk.reserved() == kLimits.reserve);
  disk.others_leave = kLimits.reserve + 1;
  events::DiskRoom room{disk.folder.str(), kLimits, disk.ask()};
  CHECK(room.prepare_to_open().value());
  CHECK(disk.reserved() == 0);
  CHECK(room.room() == Room::stops_only);
  disk.others_leave = 1'024 * kMebibyte;
  events::DiskRoom roomy{disk.folder.str(), kLimits, disk.ask()};
  CHECK_FALSE(roomy.prepare_to_open().value());
}

TEST_CASE("disk room: a restart with little left gives the reserve to nobody", "[events][room]") {
  Disk disk;
  REQUIRE(events::DiskRoom{disk.folder.str(), kLimits, disk.ask()}.room() == Room::ample);
  disk.others_leave = 60 * kMebibyte + kLimits.reserve;
  events::DiskRoom room{disk.folder.str(), kLimits, disk.ask()};
  CHECK(room.prepare_to_open().value());
  CHECK(disk.reserved() == kLimits.reserve);
  CHECK(room.room() == Room::stops_only);
}

TEST_CASE("disk room: a ledger is not opened where nothing is left, and no batch is begun that has no room",
          "[events][room]") {
  Disk disk;
  disk.others_leave = kLimits.last - 1;
  events::DiskRoom room{disk.folder.str(), kLimits, disk.ask()};
  CHECK(room.prepare_to_open().error().code == core::Errc::no_space);
  events::RocksOptions options;
  options.folder = disk.folder.str();
  options.free_bytes = disk.ask();
  CHECK(events::open_rocks_store(options).error().code == core::Errc::no_space);

  disk.others_leave = 10 * kMebibyte;
  CHECK(room.allow(7 * kMebibyte).error().code == core::Errc::no_space);
  CHECK(room.allow(5 * kMebibyte).has_value());
}

TEST_CASE("disk room: a disk that does not answer is not held to be full", "[events][room]") {
  const testing::TemporaryFolder folder;
  events::DiskRoom room{folder.str(), kLimits, [] { return std::optional<std::uint64_t>{}; }};
  CHECK(room.room() == Room::ample);
  CHECK(allow(room).has_value());
  CHECK_FALSE(std::filesystem::exists(folder.path() / "reserve"));
}

TEST_CASE("sequencer: on a disk that is nearly full stops are taken, in whatever company, and nothing else",
          "[events][room]") {
  Disk disk;
  events::RocksOptions options;
  options.folder = disk.folder.str();
  options.free_bytes = disk.ask();
  disk.others_leave = 32 * kMebibyte;
  const auto opened = events::open_rocks_store(options);
  REQUIRE(opened.has_value());
  events::Store& store = **opened;
  CHECK(store.room() == Room::stops_only);
  events::Sequencer sequencer{store, {}, {}, {}};
  const auto outcome = [&](std::function<void(events::Transaction&)> run) {
    Told told;
    auto one = work(told, std::move(run));
    REQUIRE(sequencer.submit(one).has_value());
    return told.wait();
  };
  const auto appending = [](std::vector<core::NewEvent> events) {
    return [events](events::Transaction& transaction) {
      static_cast<void>(transaction.append(sample_context(1'000), events));
    };
  };
  core::NewEvent other = sample_new_event(1);
  other.payload = core::AuditRead{"tokens", 1};
  REQUIRE_FALSE(core::is_stop(core::type_of(other.payload)));
  CHECK(outcome(appending({other})) == core::Errc::no_space);
  CHECK(outcome(appending({stop(), other})) == core::Errc::no_space);
  CHECK(outcome([](events::Transaction& transaction) { transaction.put(Family::usage, "t", "x"); }) ==
        core::Errc::no_space);
  CHECK(outcome(appending({stop()})) == Told::kDurable);
  CHECK(outcome([&](events::Transaction& transaction) {
          appending({stop()})(transaction);
          transaction.put(Family::session, "s", "x");  // what a stop keeps beside it
        }) == Told::kDurable);
  CHECK(outcome([](events::Transaction& transaction) { transaction.erase(Family::session, "s"); }) == Told::kDurable);

  // In one batch.
  testing::Gate gate;
  Told held;
  Told refused;
  Told taken;
  auto first = work(held, gate.work());
  auto second = work(refused, appending({other}));
  auto third = work(taken, appending({stop()}));
  REQUIRE(sequencer.submit(first).has_value());
  gate.wait_entered();
  REQUIRE(sequencer.submit(second).has_value());
  REQUIRE(sequencer.submit(third).has_value());
  gate.open();
  CHECK(refused.wait() == core::Errc::no_space);
  CHECK(taken.wait() == Told::kDurable);
  CHECK(held.wait() == Told::kDurable);
  sequencer.stop();
  CHECK(events::load_head(store)->tree.size() == 3);
}

TEST_CASE("rocks: a ledger is opened on a full disk again and again, and nothing of it is lost", "[events][room]") {
  Disk disk;
  events::RocksOptions options;
  options.folder = disk.folder.str();
  options.free_bytes = disk.ask();
  options.room = kLimits;
  std::uint64_t size = 0;
  for (const std::uint64_t left : {1'024U, 12U, 12U, 1'024U, 12U, 1'024U}) {
    disk.others_leave = left * kMebibyte;
    const auto store = events::open_rocks_store(options);
    REQUIRE(store.has_value());
    events::Transaction transaction{**store, *events::load_head(**store), {}};
    REQUIRE(transaction.head().tree.size() == size);
    const core::NewEvent event = stop();
    REQUIRE(transaction.append(sample_context(1'000), event).has_value());
    REQUIRE(transaction.commit().has_value());
    ++size;
    events::LogCursor log{**store, core::Sequence{0}};
    for (std::uint64_t sequence = 0; sequence < size; ++sequence) CHECK(log.next()->has_value());
  }
}

TEST_CASE("rocks: a rebuild on a disk that is nearly full is no hole in the logs", "[events][room]") {
  Disk disk;
  events::RocksOptions options;
  options.folder = disk.folder.str();
  options.free_bytes = disk.ask();
  const auto open = [&] {
    auto store = events::open_rocks_store(options);
    REQUIRE(store.has_value());
    return std::move(*store);
  };
  const auto append = [](events::Store& store) {
    events::Transaction transaction{store, *events::load_head(store), {}};
    const core::NewEvent event = stop();
    REQUIRE(transaction.append(sample_context(1'000), event).has_value());
    REQUIRE(transaction.commit().has_value());
  };
  append(*open());
  disk.others_leave = 32 * kMebibyte;
  {
    // Rows that no log holds, and no batch after them.
    const auto store = open();
    append(*store);
    const auto twins = store->make_shadow(std::vector{Family::secret});
    REQUIRE(twins.has_value());
    for (int round = 0; round < 3; ++round) {
      // Files whose keys overlap take row numbers of the database, which no log knows of.
      for (const char* end : {"a", "z"}) (*twins)->rows().put(Family::secret, end + std::to_string(round), "row");
      REQUIRE((*twins)->flush().has_value());
    }
  }
  append(*open());
  append(*open());
  disk.others_leave = 1'024 * kMebibyte;
  CHECK(events::load_head(*open())->tree.size() == 4);
}

}  // namespace tally
