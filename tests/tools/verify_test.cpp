#include <filesystem>

#include <catch2/catch.hpp>

#include "core/crypto/signing_key.hpp"
#include "core/crypto/system_random.hpp"
#include "core/ledger/checkpoint.hpp"
#include "events/log/keys.hpp"
#include "events/log/meta_rows.hpp"
#include "events/log/tile_rows.hpp"
#include "tests/tools/support/evidence.hpp"

/// `tally verify`: what it says of a folder, whole or damaged.
namespace tally::tools {
namespace {

namespace fs = std::filesystem;
using Catch::Contains;
using events::Family;

}  // namespace

TEST_CASE("tally verify: a whole folder agrees, and what that does not say is said; no file is changed",
          "[tools][verify]") {
  Evidence evidence;
  const auto before = files_with_times(evidence.folder);
  const Run run = evidence.verify();
  INFO(run.err);
  REQUIRE(run.exit == Exit::done);
  const std::string events = evidence.number(0) + " events";
  CHECK_THAT(run.out, Contains(events + ": agrees with its own checkpoint (" + events + ", signed ") &&
                          Contains("); a folder put back whole looks the same: --against a note kept elsewhere") &&
                          !Contains("Not known"));
  CHECK(run.err.empty());
  const std::string kept = evidence.kept(evidence.note);
  const std::string kept_size = std::to_string(core::parse_checkpoint(evidence.note)->checkpoint.tree.size);
  const Run against = evidence.verify({"--against", kept});
  CHECK(against.exit == Exit::done);
  CHECK_THAT(against.out,
             Contains(", and with " + kept + " (" + kept_size + " events)") && !Contains("looks the same"));
  const Run by_key = evidence.verify({"--against", kept, "--key", evidence.key});
  CHECK(by_key.exit == Exit::done);
  CHECK((files_with_times(evidence.folder) == before));
}

TEST_CASE("tally verify: JSON is one document", "[tools][verify]") {
  Evidence evidence;
  const std::string json = evidence.verify({"--json", "--rows"}).out;
  CHECK(member_of(json, "events") == evidence.number(0));
  CHECK(member_of(json, "tree.size") == evidence.number(0));
  CHECK(member_of(json, "findings") == "0");
  CHECK_FALSE(member_of(json, "rows").empty());
  CHECK_THAT(json,
             Contains("\"signatures_checked\":true") && Contains("\"agrees\":true") && Contains("\"unknown\":[]"));
  OpenLog{evidence.folder}.remove(4);
  const Run damaged = evidence.verify({"--json"});
  CHECK(damaged.exit == Exit::damaged);
  CHECK_THAT(damaged.out, Contains(R"({"kind":"missing","sequence":4,"sentence":"event 4 is missing"})"));
  CHECK(member_of(damaged.out, "findings") != "0");
}

TEST_CASE("tally verify: events that were changed, removed, doubled, swapped or renumbered are named",
          "[tools][verify]") {
  Evidence evidence;
  const std::uint64_t place = evidence.size - 2;
  const std::string number = std::to_string(place);
  SECTION("changed") {
    {
      OpenLog log{evidence.folder};
      core::Event event = log.event_at(place);
      event.origin.request_id = "another";
      log.put(place, event);
    }
    evidence.must_find("root at " + evidence.number(0) + " is not the signed one (checkpoint signed " +
                       evidence.number(0) + " at ");
    evidence.must_find("root at " + evidence.number(0) + " is not the one of the ledger's head: one of the events ");
  }
  SECTION("no event any more") {
    OpenLog{evidence.folder}.put(place, "no event");
    evidence.must_find("event " + number + " can not be decoded: ");
  }
  SECTION("removed") {
    OpenLog{evidence.folder}.remove(place);
    evidence.must_find("event " + number + " is missing");
  }
  SECTION("doubled") {
    {
      OpenLog log{evidence.folder};
      log.put(place, log.bytes_of(place - 1));
    }
    evidence.must_find("event " + number + " says that it is " + evidence.number(3));
  }
  SECTION("swapped") {
    {
      OpenLog log{evidence.folder};
      const std::string bytes = log.bytes_of(place);
      log.put(place, log.bytes_of(place - 1));
      log.put(place - 1, bytes);
    }
    evidence.must_find("event " + number + " says that it is " + evidence.number(3));
    evidence.must_find("event " + evidence.number(3) + " says that it is " + number);
  }
  SECTION("renumbered in its workspace, and older") {
    std::uint64_t of_workspace = evidence.size;
    std::string workspace;
    {
      OpenLog log{evidence.folder};
      core::Event event;
      while (!event.workspace || event.workspace_sequence == 0) event = log.event_at(--of_workspace);
      workspace = event.workspace->str();
      event.workspace_sequence += 5;
      event.recorded_at -= std::chrono::hours{1};
      event.read_at.reset();
      log.put(of_workspace, event);
    }
    evidence.must_find("workspace " + workspace + ": event " + std::to_string(of_workspace) + " has number ");
    evidence.must_find("event " + std::to_string(of_workspace) + " is older than the one before");
  }
}

TEST_CASE(
    "tally verify: a ledger that has lost its end says the first event that is missing, under its checkpoint and a "
    "kept note",
    "[tools][verify]") {
  Evidence evidence;
  const std::string newest = evidence.kept(read_text(evidence.folder + "/checkpoint"));
  {
    OpenLog log{evidence.folder};
    log.remove(evidence.size - 1);
    log.remove(evidence.size - 2);
  }
  const std::string held = "the ledger holds " + evidence.number(2) + " events";
  const std::string missing = ": event " + evidence.number(2) + " is the first that is missing";
  evidence.must_find(held + "; checkpoint signed " + evidence.number(0) + " at ");
  evidence.must_find(missing);
  evidence.must_find(held + ", its head says " + evidence.number(0) + missing);
  evidence.must_find(newest + " signed " + evidence.number(0), {"--against", newest});
  for (const std::vector<std::string>& mode :
       {std::vector<std::string>{}, {"--check"}, {"--until", "3"}, {"--until", "0s"}}) {
    std::vector<std::string> arguments{"replay", "--data-dir", evidence.folder};
    arguments.insert(arguments.end(), mode.begin(), mode.end());
    const auto before = read_text(evidence.folder + "/ledger/CURRENT");
    const Run run = evidence.person().run(arguments);
    INFO(run.out << run.err);
    CHECK(run.exit == Exit::damaged);
    CHECK(run.out.empty());
    CHECK_THAT(run.err, Contains(held) && Contains(missing));
  }
}

TEST_CASE("tally verify: an older ledger under a newer note is told, though it agrees with itself", "[tools][verify]") {
  Evidence evidence;
  fs::copy(evidence.folder, evidence.scene().house.data / "older", fs::copy_options::recursive);
  evidence.scene().house.start();
  evidence.scene().house.stop();
  const std::string newer = read_text(evidence.folder + "/checkpoint");
  const std::string newer_size = std::to_string(evidence.signed_size());
  evidence.folder = evidence.scene().house.data / "older";
  CHECK(evidence.verify().exit == Exit::done);
  evidence.must_find("the ledger holds " + evidence.number(0) + " events; ", {"--against", evidence.kept(newer)});
  evidence.must_find(" signed " + newer_size + ": event " + evidence.number(0) + " is the first that is missing",
                     {"--against", evidence.kept(newer)});
}

TEST_CASE("tally verify: a note or key that is none, cut, or another ledger's is a mistake of usage",
          "[tools][verify]") {
  Evidence evidence;
  const auto refusal = [&](const std::vector<std::string>& more) {
    const Run run = evidence.verify(more);
    CHECK(run.exit == Exit::usage);
    CHECK(run.out.empty());
    return run.err;
  };
  CHECK_THAT(refusal({"--against", evidence.kept("not a note\n")}),
             Contains("--against: ") && Contains("is no note: "));
  CHECK_THAT(refusal({"--against", evidence.kept(evidence.note.substr(0, evidence.note.size() / 2))}),
             Contains("is no note: "));
  CHECK_THAT(refusal({"--against", evidence.kept(evidence.note + std::string(10'000, 'x'))}),
             Contains("is larger than"));
  CHECK_THAT(refusal({"--against", evidence.kept("") + "-none"}), Contains("there is no file "));
  CHECK_THAT(refusal({"--key", "what"}), Contains("--key: ") && Contains("as tally ledger key shows it"));
  core::crypto::SystemRandom random;
  const auto other = core::crypto::SigningKey::generate(random);
  const auto read = core::parse_checkpoint(evidence.note)->checkpoint;
  CHECK_THAT(refusal({"--against", evidence.kept(core::sign_checkpoint(read, other))}),
             Contains("is not signed by ") && Contains("another ledger's"));
}

TEST_CASE("tally verify: the checkpoint is of the folder's own key, and there", "[tools][verify]") {
  Evidence evidence;
  const std::string path = evidence.folder + "/checkpoint";
  const std::string whole = read_text(path);
  core::crypto::SystemRandom random;
  SECTION("signed by another") {
    const auto other = core::crypto::SigningKey::generate(random);
    write_text(path, core::sign_checkpoint(core::parse_checkpoint(whole)->checkpoint, other));
    evidence.must_find("with " + evidence.number(0) + " events is not signed by ");
  }
  SECTION("no note") {
    write_text(path, "not a note\n");
    evidence.must_find("the checkpoint can not be read: " + path);
  }
  SECTION("gone") {
    fs::remove(path);
    evidence.must_find(path + " is missing, though ");
  }
  SECTION("another key given") {
    const auto other = core::crypto::SigningKey::generate(random);
    const core::NoteVerifier given{core::parse_checkpoint(whole)->checkpoint.origin, other.public_key()};
    evidence.must_find("events is not signed by " + given.str(), {"--key", given.str()});
  }
  SECTION("without the master key nobody knows") {
    fs::rename(evidence.folder + "/keys/master.key", evidence.person().folder / "master.key");
    const Run unknown = evidence.verify();
    CHECK(unknown.exit == Exit::done);
    CHECK_THAT(unknown.out, Contains("Not known: whether signatures are good: no master key is in "));
    CHECK_THAT(evidence.verify({"--master-key-file", evidence.person().folder / "master.key"}).out,
               !Contains("Not known"));
    CHECK(evidence.verify({"--master-key-file", evidence.person().folder / "none"}).exit == Exit::usage);
    fs::remove(evidence.folder + "/keys/ledger.key");
    CHECK_THAT(evidence.verify().out, Contains("Not known: whether signatures are good: there is no "));
  }
}

TEST_CASE("tally verify --rows: rows that the log does not give are told, and nothing stays behind",
          "[tools][verify]") {
  Evidence evidence;
  {
    OpenLog log{evidence.folder};
    std::string key;
    std::string value;
    {
      const auto cursor = log.store().scan(Family::token, {});
      REQUIRE(cursor->valid());
      key = cursor->key();
      value = cursor->value();
    }
    value.back() = static_cast<char>(value.back() + 1);
    log.change(Family::token, key, value);
  }
  const auto before = files_with_times(evidence.folder);
  CHECK(evidence.verify().exit == Exit::done);
  evidence.must_find("a row of token is changed: ", {"--rows"});
  CHECK((files_with_times(evidence.folder) == before));
  OpenLog{evidence.folder}.remove(4);
  CHECK_THAT(evidence.verify({"--rows"}).out,
             Contains("Not known: whether the rows are those of the log: the log is not whole"));
}

TEST_CASE("tally verify: whichever file of the store is gone, it is named, and what is left is looked at",
          "[tools][verify]") {
  Evidence evidence;
  {
    const OpenLog settled{evidence.folder};
  }
  std::vector<fs::path> tables;
  for (const auto& entry : fs::directory_iterator{evidence.folder + "/ledger"}) {
    if (entry.path().extension() == ".sst") tables.push_back(entry.path());
  }
  REQUIRE(tables.size() > 5);
  const std::string aside = evidence.folder + "/aside";
  for (const fs::path& table : tables) {
    fs::rename(table, aside);
    const Run run = evidence.verify();
    INFO(table.string() << "\n" << run.out << run.err);
    CHECK(run.exit == Exit::damaged);
    CHECK_THAT(run.out, Contains(table.stem().string()));
    fs::rename(aside, table);
  }
}

TEST_CASE("tally verify: files of the store are held against their checksums", "[tools][verify]") {
  Evidence evidence;
  {
    const OpenLog settled{evidence.folder};
  }
  std::string damaged;
  for (const auto& entry : fs::directory_iterator{evidence.folder + "/ledger"}) {
    if (entry.path().extension() == ".sst" && entry.file_size() > 600) damaged = entry.path().string();
  }
  REQUIRE_FALSE(damaged.empty());
  std::string bytes = read_text(damaged);
  bytes[20] = static_cast<char>(bytes[20] ^ 4);
  write_text(damaged, bytes);
  evidence.must_find(damaged + " is damaged: its checksum is not that of what was written");
}

TEST_CASE("tally verify: folders that are none, unfinished or a server's are refused, and none is made",
          "[tools][verify]") {
  const ScratchFolder folder;
  Person person{"http://127.0.0.1:1"};
  const auto refusal = [&](const std::string& data_dir) {
    const Run run = person.run({"verify", "--data-dir", data_dir});
    CHECK(run.exit == Exit::unreachable);
    CHECK(run.out.empty());
    return run.err;
  };
  CHECK_THAT(refusal(folder / "nothing"), Contains("there is no ledger in "));
  CHECK_FALSE(fs::exists(folder / "nothing"));
  fs::create_directories(folder / "unfinished/ledger.new");
  CHECK_THAT(refusal(folder / "unfinished"), Contains("ledger.new is of a first start that was cut short"));
  fs::create_directories(folder / "empty/ledger");
  CHECK_THAT(refusal(folder / "empty"), Contains("there is no ledger in "));
  CHECK(fs::is_empty(folder / "empty/ledger"));
  const House house;
  CHECK_THAT(refusal(house.data / "folder"), Contains("in use by another process; stop the server first"));
}

TEST_CASE("tally verify: a ledger without its file CURRENT is damaged, and a later release's is left to it",
          "[tools][verify]") {
  Evidence evidence;
  SECTION("CURRENT") {
    fs::remove(evidence.folder + "/ledger/CURRENT");
    evidence.must_find("holds a ledger without its file CURRENT");
  }
  SECTION("a later release") {
    std::string row;
    events::append_be32(row, events::kStorageVersion + 1);
    OpenLog{evidence.folder}.change(Family::meta, events::kSchemaRow, row);
    CHECK(evidence.verify().exit == Exit::later_release);
  }
}

TEST_CASE("tally verify --repair-tiles: trees are mended from a log that is whole, and from no other",
          "[tools][verify]") {
  Evidence evidence;
  const std::string key = events::workspace_row(events::kWorkspaceSizePrefix, {});
  const std::string extra = events::tile_key(0, 7);
  std::string value;
  {
    OpenLog log{evidence.folder};
    value = *log.store().get(Family::meta, key).value();
    std::string other = value;
    other.back() = static_cast<char>(other.back() ^ 1);
    log.change(Family::meta, key, other);
    log.change(Family::tile, extra, "x");
  }
  const std::string way_out = "; the log is whole: tally verify --repair-tiles";
  evidence.must_find("events are damaged" + way_out);
  evidence.must_find("tile 0/7 is there, and the log gives none" + way_out);
  SECTION("whole") {
    const Run run = evidence.verify({"--repair-tiles"});
    INFO(run.out << run.err);
    CHECK(run.exit == Exit::done);
    CHECK_THAT(run.out, Contains("Written anew from the log: 2 rows."));
    OpenLog log{evidence.folder};
    CHECK(*log.store().get(Family::meta, key).value() == value);
    CHECK_FALSE(log.store().get(Family::tile, extra).value());
  }
  SECTION("and a second time there is nothing to do") {
    CHECK(member_of(evidence.verify({"--repair-tiles", "--json"}).out, "repaired") == "2");
    const auto before = files_with_times(evidence.folder);
    CHECK(member_of(evidence.verify({"--repair-tiles", "--json"}).out, "repaired") == "0");
    CHECK((files_with_times(evidence.folder) == before));
    CHECK(evidence.verify({"--rows"}).exit == Exit::done);
  }
  SECTION("a log that is damaged") {
    OpenLog{evidence.folder}.remove(4);
    const auto before = files_with_times(evidence.folder);
    const Run run = evidence.verify({"--repair-tiles"});
    CHECK(run.exit == Exit::damaged);
    CHECK_THAT(run.out, Contains("event 4 is missing") && !Contains("--repair-tiles"));
    CHECK_THAT(run.err, Contains("only tiles can be repaired: nothing was written"));
    CHECK((files_with_times(evidence.folder) == before));
  }
  SECTION("a checkpoint of another log") {
    fs::remove(evidence.folder + "/checkpoint");
    CHECK(evidence.verify({"--repair-tiles"}).exit == Exit::damaged);
  }
}

}  // namespace tally::tools
