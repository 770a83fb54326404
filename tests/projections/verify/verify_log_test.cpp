#include "projections/verify/verify_log.hpp"

#include <catch2/catch.hpp>

#include "events/log/meta_rows.hpp"
#include "events/log/storage_marks.hpp"
#include "tests/projections/verify/handled_ledger.hpp"

using namespace tally;
using events::Family;
using projections::Finding;
using projections::Findings;
using testing::event_number;
using testing::HandledLedger;
using testing::tells;
using testing::value_of;
using testing::Verified;

TEST_CASE("verify log: what was written agrees with its head, its starts and what was signed",
          "[projections][verify]") {
  HandledLedger ledger;
  const Verified verified = ledger.verify(
      {{"checkpoint", ledger.tree_at(ledger.size)}, {"note", ledger.tree_at(5)}, {"nothing", ledger.tree_at(0)}});
  INFO(testing::all_of(verified.findings));
  CHECK(verified.findings.count() == 0);
  CHECK_FALSE(verified.findings.are_of_a_later_release());
  CHECK(verified.log.walked.events == ledger.size);
  CHECK(verified.log.walked.size == ledger.size);
  CHECK(verified.log.tree == ledger.tree_at(ledger.size));
  CHECK(verified.log.agrees == std::vector<bool>{true, true, true});
  CHECK(verified.log.events_unnumbered == 0);
}

TEST_CASE("verify log: an empty ledger has nothing wrong, unless somebody has signed more", "[projections][verify]") {
  const auto store = events::make_memory_store();
  Findings findings;
  value_of(projections::verify_log(*store, {}, findings, {}));
  CHECK(findings.count() == 0);
  const std::vector<core::Commitment> signed_by{{"checkpoint", {3, {}}}};
  value_of(projections::verify_log(*store, signed_by, findings, {}));
  CHECK(tells(findings, Finding::Kind::shortened,
              "the ledger holds 0 events; checkpoint signed 3: event 0 is the first that is missing"));
}

TEST_CASE("verify log: any byte of an event that has changed is found", "[projections][verify]") {
  HandledLedger ledger;
  const std::uint64_t place = GENERATE(as<std::uint64_t>{}, 0, 4, 9);
  const std::string whole = ledger.bytes_of(place);
  for (std::size_t index = 0; index < whole.size(); ++index) {
    std::string bytes = whole;
    bytes[index] = static_cast<char>(bytes[index] ^ 1);
    ledger.put(place, bytes);
    const Verified verified = ledger.verify();
    INFO("byte " << index << ": " << testing::all_of(verified.findings));
    CHECK(verified.findings.count() > 0);
    CHECK(tells(verified.findings, Finding::Kind::head, "is not the one of the ledger's head"));
  }
  ledger.put(place, whole);
  CHECK(ledger.verify().findings.count() == 0);
}

TEST_CASE("verify log: a change lies between the last root that agrees and the first that does not",
          "[projections][verify]") {
  HandledLedger ledger;
  const std::uint64_t start = ledger.second_start();
  const std::vector<core::Commitment> signed_by{{"note", ledger.tree_at(4)},
                                                {"checkpoint", ledger.tree_at(ledger.size)}};
  core::Event event = ledger.event_at(start - 1);
  event.origin.request_id = "another";
  ledger.put(start - 1, event);
  const Verified before = ledger.verify(signed_by);
  INFO(testing::all_of(before.findings));
  const std::string events = ": one of the events 4 to ";
  CHECK(before.findings.count() == 3);
  CHECK(before.log.agrees == std::vector<bool>{true, false});
  CHECK(tells(before.findings, Finding::Kind::root,
              "root at " + std::to_string(start) + " is not the one that event " + std::to_string(start) +
                  " (LedgerStarted) found" + events + std::to_string(start - 1) + " is not as it was written"));
  CHECK(tells(before.findings, Finding::Kind::root,
              "is not the signed one (checkpoint signed " + std::to_string(ledger.size) + ")" + events +
                  std::to_string(ledger.size - 1)));
  CHECK(tells(before.findings, Finding::Kind::head, events));
}

TEST_CASE("verify log: where everybody but one agrees, the one is named", "[projections][verify]") {
  HandledLedger ledger;
  SECTION("the head's tree") {
    auto head = value_of(events::load_head(ledger.store()));
    std::vector<core::Digest> roots = head.tree.roots();
    roots.front().bytes[0] ^= 1;
    head.tree = value_of(events::CompactRange::from_parts(head.tree.size(), roots));
    ledger.put_row(Family::meta, events::kHeadRow, events::encode_head(head));
    const Verified verified = ledger.verify({{"checkpoint", ledger.tree_at(ledger.size)}});
    CHECK(verified.findings.count() == 1);
    CHECK(tells(
        verified.findings, Finding::Kind::head,
        "root at " + std::to_string(ledger.size) + " is not the one of the ledger's head, and is that of checkpoint"));
  }
  SECTION("the head's time") {
    auto head = value_of(events::load_head(ledger.store()));
    head.last_recorded_at += std::chrono::seconds{1};
    ledger.put_row(Family::meta, events::kHeadRow, events::encode_head(head));
    CHECK(tells(ledger.verify().findings, Finding::Kind::head, "the ledger's head says another time"));
  }
  SECTION("a head that can not be read") {
    ledger.put_row(Family::meta, events::kHeadRow, "x");
    const Verified verified = ledger.verify();
    CHECK(verified.findings.count() == 1);
    CHECK(tells(verified.findings, Finding::Kind::head, "the ledger's head can not be read: "));
  }
  SECTION("a head of before") {
    auto head = value_of(events::load_head(ledger.store()));
    head.tree = {};
    ledger.put_row(Family::meta, events::kHeadRow, events::encode_head(head));
    CHECK(tells(ledger.verify().findings, Finding::Kind::head,
                "the ledger's head says that there are 0 events, and the log goes on with event 0"));
  }
  SECTION("a note that is not of this ledger") {
    core::TreeHead other = ledger.tree_at(5);
    other.root.bytes[0] ^= 1;
    const Verified verified = ledger.verify({{"note", other}});
    CHECK(verified.findings.count() == 1);
    CHECK(tells(verified.findings, Finding::Kind::root, "root at 5 is not the signed one (note signed 5)"));
  }
}

TEST_CASE("verify log: events that are missing, doubled, swapped or renumbered are named", "[projections][verify]") {
  HandledLedger ledger;
  SECTION("one removed") {
    ledger.remove(5);
    const Verified verified = ledger.verify({{"checkpoint", ledger.tree_at(5)}});
    INFO(testing::all_of(verified.findings));
    CHECK(tells(verified.findings, Finding::Kind::missing, "event 5 is missing"));
    CHECK(verified.log.walked.events == ledger.size - 1);
    CHECK(verified.log.walked.size == ledger.size);
    CHECK(verified.log.tree.size == 5);
    CHECK(verified.log.agrees == std::vector<bool>{true});
  }
  SECTION("the first ones removed") {
    ledger.remove(0);
    ledger.remove(1);
    CHECK(tells(ledger.verify().findings, Finding::Kind::missing, "events 0 to 1 are missing"));
  }
  SECTION("one doubled") {
    ledger.put(6, ledger.bytes_of(5));
    CHECK(tells(ledger.verify().findings, Finding::Kind::misplaced, "event 6 says that it is 5"));
  }
  SECTION("one more than there were") {
    ledger.put(ledger.size, ledger.bytes_of(5));
    const Verified verified = ledger.verify();
    CHECK(tells(verified.findings, Finding::Kind::misplaced, event_number(ledger.size) + " says that it is 5"));
    CHECK(tells(verified.findings, Finding::Kind::head, "and the log goes on with " + event_number(ledger.size)));
  }
  SECTION("two swapped") {
    const std::string other = ledger.bytes_of(6);
    ledger.put(6, ledger.bytes_of(5));
    ledger.put(5, other);
    const Verified verified = ledger.verify();
    CHECK(tells(verified.findings, Finding::Kind::misplaced, "event 5 says that it is 6"));
    CHECK(tells(verified.findings, Finding::Kind::misplaced, "event 6 says that it is 5"));
  }
  SECTION("all behind one put a place earlier, and made to say so") {
    for (std::uint64_t place = 5; place + 1 < ledger.size; ++place) {
      core::Event event = ledger.event_at(place + 1);
      event.sequence.value = place;
      ledger.put(place, event);
    }
    ledger.remove(ledger.size - 1);
    const Verified verified = ledger.verify();
    INFO(testing::all_of(verified.findings));
    CHECK(tells(verified.findings, Finding::Kind::shortened,
                event_number(ledger.size - 1) + " is the first that is missing"));
    CHECK(tells(verified.findings, Finding::Kind::root, "(LedgerStarted) found"));
  }
  SECTION("a key that is no sequence") {
    ledger.put_row(Family::log, events::key_of({5}) + "x", "y");
    CHECK(tells(ledger.verify().findings, Finding::Kind::misplaced, "before event 6 has a key that is no sequence"));
  }
}

TEST_CASE("verify log: a ledger that has lost its end says the first event that is missing", "[projections][verify]") {
  HandledLedger ledger;
  const core::TreeHead whole = ledger.tree_at(ledger.size);
  ledger.remove(ledger.size - 1);
  ledger.remove(ledger.size - 2);
  const std::string left = std::to_string(ledger.size - 2);
  const std::string missing = ": event " + left + " is the first that is missing";
  const Verified verified =
      ledger.verify({{"checkpoint", whole, ledger.event_at(0).recorded_at}, {"note", ledger.tree_at(3)}});
  INFO(testing::all_of(verified.findings));
  CHECK(tells(verified.findings, Finding::Kind::shortened,
              "the ledger holds " + left + " events; checkpoint signed " + std::to_string(whole.size) +
                  " at 2027-01-15T08:00:00.000000Z" + missing));
  CHECK(tells(verified.findings, Finding::Kind::shortened,
              "the ledger holds " + left + " events, its head says " + std::to_string(whole.size) + missing));
  CHECK(verified.log.agrees == std::vector<bool>{false, true});
}

TEST_CASE("verify log: time goes back at a ClockAccepted only", "[projections][verify]") {
  HandledLedger ledger;
  const std::uint64_t place = ledger.size - 1;
  core::Event event = ledger.event_at(place);
  event.recorded_at -= std::chrono::hours{1};
  ledger.put(place, event);
  CHECK(tells(ledger.verify().findings, Finding::Kind::time, event_number(place) + " is older than the one before"));
  event.workspace.reset();
  event.workspace_sequence = 0;
  event.payload = core::ClockAccepted{core::Sequence{place}, ledger.event_at(place - 1).recorded_at, {}};
  ledger.put(place, event);
  const Verified accepted = ledger.verify();
  INFO(testing::all_of(accepted.findings));
  CHECK_FALSE(tells(accepted.findings, Finding::Kind::time, "older"));
}

TEST_CASE("verify log: a number in a workspace is there once", "[projections][verify]") {
  HandledLedger ledger;
  const std::uint64_t place = ledger.last_of_workspace();
  core::Event event = ledger.event_at(place);
  const std::uint64_t number = event.workspace_sequence;
  std::uint64_t before = place - 1;
  while (!ledger.event_at(before).workspace) --before;
  const std::string about = "workspace " + ledger.workspace().str() + ": " + event_number(place) + " has number ";
  SECTION("the one before it has it already") {
    event.workspace_sequence = number - 1;
    ledger.put(place, event);
    const Verified verified = ledger.verify();
    CHECK(tells(verified.findings, Finding::Kind::workspace,
                about + std::to_string(number - 1) + ", which " + event_number(before) + " has already"));
    CHECK(tells(
        verified.findings, Finding::Kind::workspace,
        "the log numbers " + std::to_string(number) + " events, and the ledger says " + std::to_string(number + 1)));
  }
  SECTION("an earlier one has it") {
    event.workspace_sequence = 0;
    ledger.put(place, event);
    CHECK(tells(ledger.verify().findings, Finding::Kind::workspace,
                about + "0 where " + std::to_string(number) + " follows"));
  }
  SECTION("one is left out") {
    event.workspace_sequence = number + 1;
    ledger.put(place, event);
    CHECK(tells(ledger.verify().findings, Finding::Kind::workspace,
                about + std::to_string(number + 1) + " where " + std::to_string(number) + " follows"));
  }
  SECTION("the ledger says another number of events, or none") {
    std::string key{events::kWorkspaceSizePrefix};
    events::append_uuid(key, ledger.workspace().uuid());
    std::string row;
    events::append_be64(row, number);
    ledger.put_row(Family::meta, key, row);
    const std::string held = "the log numbers " + std::to_string(number + 1) + " events, and the ledger says ";
    CHECK(tells(ledger.verify().findings, Finding::Kind::tile, held + std::to_string(number)));
    ledger.put_row(Family::meta, key, "x");
    CHECK(tells(ledger.verify().findings, Finding::Kind::tile, held + "nothing that can be read"));
    ledger.remove_row(Family::meta, key);
    CHECK(tells(ledger.verify().findings, Finding::Kind::tile, held + "nothing"));
    key.back() = static_cast<char>(key.back() ^ 1);
    ledger.put_row(Family::meta, key, row);
    CHECK(tells(ledger.verify().findings, Finding::Kind::tile,
                "the log numbers 0 events, and the ledger says " + std::to_string(number)));
  }
}

TEST_CASE("verify log: events of no workspace are counted by their order, where the ledger counts them",
          "[projections][verify]") {
  HandledLedger ledger;
  const std::string key = events::workspace_row(events::kWorkspaceSizePrefix, {});
  std::uint64_t count = 0;
  for (std::uint64_t place = 0; place < ledger.size; ++place) count += ledger.event_at(place).workspace ? 0 : 1;
  REQUIRE(count > 1);
  const std::string held = "no workspace: the log numbers " + std::to_string(count) + " events, and the ledger says ";
  SECTION("another number") {
    std::string row;
    events::append_be64(row, count + 1);
    ledger.put_row(Family::meta, key, row);
    CHECK(tells(ledger.verify().findings, Finding::Kind::tile, held + std::to_string(count + 1)));
  }
  SECTION("none, which a ledger without tiles may have") {
    ledger.remove_row(Family::meta, key);
    CHECK(tells(ledger.verify().findings, Finding::Kind::tile, held + "nothing"));
    const auto before = events::storage_mark(events::kStorageVersionOfTiles - 1);
    ledger.put_row(Family::meta, before.name, before.value);
    const Verified verified = ledger.verify();
    INFO(testing::all_of(verified.findings));
    CHECK(verified.findings.count() == 0);
  }
}
