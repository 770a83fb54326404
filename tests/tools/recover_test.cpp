#include <filesystem>

#include <catch2/catch.hpp>

#include "core/ledger/checkpoint.hpp"
#include "tests/tools/support/evidence.hpp"

/// `tally recover`: a ledger of which something is lost for good.
namespace tally::tools {
namespace {

namespace fs = std::filesystem;
using Catch::Contains;
using Catch::EndsWith;

/// A stopped server's folder whose ledger is older than what was signed and anchored of it.
class Rollback {
 public:
  Rollback() {
    const std::string older = evidence.scene().house.data / "older";
    fs::copy(evidence.folder + "/ledger", older, fs::copy_options::recursive);
    evidence.restart();
    evidence.scene().ada.must({"token", "generate", "lost", "--days", "30"});
    evidence.scene().house.stop();
    known = evidence.signed_size();
    checkpoint = read_text(evidence.folder + "/checkpoint");
    fs::remove_all(evidence.folder + "/ledger");
    fs::copy(older, evidence.folder + "/ledger", fs::copy_options::recursive);
  }

  [[nodiscard]] Run recover(const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{"recover", "--data-dir", evidence.folder};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return evidence.person().run(arguments);
  }

  Evidence evidence;
  std::uint64_t known = 0;  ///< Events that were signed.
  std::string checkpoint;
};

/// Of a verifier key, without the name that it signs under: a server of a test is called by its port.
std::string key_of(const std::string& verifier) { return verifier.substr(verifier.rfind('+')); }

std::string without_anchor(const std::string& folder) {
  fs::remove(folder + "/anchor");
  return folder;
}

}  // namespace

TEST_CASE("tally recover: an older ledger under a newer anchor and checkpoint is refused by every command, unchanged",
          "[tools][recover]") {
  Rollback rollback;
  const std::string folder = rollback.evidence.folder;
  const auto before = files_with_times(folder);
  const std::string held = "the ledger holds " + std::to_string(rollback.evidence.size) +
                           " events; checkpoint signed " + std::to_string(rollback.known) + " at ";
  const std::string missing = ": event " + std::to_string(rollback.evidence.size) + " is the first that is missing";
  for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
           {"recover"}, {"replay"}, {"replay", "--check"}, {"replay", "--until", "1"}, {"clock", "accept"}}) {
    std::vector<std::string> arguments = command;
    arguments.insert(arguments.end(), {"--data-dir", folder});
    const Run run = rollback.evidence.person().run(arguments);
    INFO(run.out << run.err);
    CHECK(run.exit == Exit::damaged);
    CHECK_THAT(run.err,
               Contains(held) && Contains(", anchor " + std::to_string(rollback.known) + " at ") && Contains(missing));
  }
  const auto started = Application::start(quiet_settings(folder), {});
  REQUIRE(started.has_error());
  CHECK_THAT(started.error().detail, Contains(held) && Contains(missing));
  for (const auto& [path, content] : files_with_times(folder)) {
    INFO(path);
    CHECK((before.contains(path) && before.at(path) == content));
  }
}

TEST_CASE("tally recover: what is given up is said in the ledger, which goes on under a new key and name",
          "[tools][recover]") {
  Rollback rollback;
  Evidence& evidence = rollback.evidence;
  const std::string folder = evidence.folder;
  const std::string json = rollback.recover({"--accept-loss", "--json"}).out;
  CHECK(member_of(json, "events") == std::to_string(evidence.size));
  CHECK(member_of(json, "known_events") == std::to_string(rollback.known));
  CHECK(member_of(json, "fork") == "1");
  CHECK_THAT(member_of(json, "old_key"), EndsWith(key_of(evidence.key)));
  CHECK_THAT(member_of(json, "missing"), Contains("is the first that is missing"));
  CHECK(read_text(folder + "/keys/former/1-checkpoint") == rollback.checkpoint);
  CHECK(member_of(json, "old_key_file") == folder + "/keys/former/1-ledger.key");
  CHECK(fs::exists(folder + "/keys/former/1-ledger.key"));
  CHECK_FALSE(fs::exists(folder + "/keys/ledger.key"));
  const auto events = events_in(folder);
  REQUIRE(events.size() == evidence.size + 1);
  CHECK(events.back() == "LedgerRecovered");

  evidence.restart();
  const std::string key = evidence.scene().house.application->ledger_key();
  CHECK_THAT(core::NoteVerifier::parse(key)->name().str(), EndsWith("/r1"));
  CHECK(key_of(key) != key_of(evidence.key));
  const std::string tokens = evidence.scene().ada.must({"token", "list", "-w", "Orders"});
  CHECK_THAT(tokens, Contains("robot") && !Contains("lost"));
  evidence.scene().house.stop();
  const Run verified = evidence.verify({"--rows"});
  INFO(verified.out << verified.err);
  CHECK(verified.exit == Exit::done);
  const Run again = rollback.recover({"--accept-loss"});
  CHECK(again.exit == Exit::done);
  CHECK_THAT(again.out, Contains("nothing of it is missing: nothing was accepted"));
}

TEST_CASE("tally recover: a recovery that was cut short before its event leaves the folder refused",
          "[tools][recover]") {
  Rollback rollback;
  // The key can not be opened: after the ledger was.
  const std::string master = rollback.evidence.folder + "/keys/master.key";
  const std::string kept = read_text(master);
  std::string other = kept;
  other[3] = other[3] == 'a' ? 'b' : 'a';
  write_text(master, other);
  CHECK(rollback.recover({"--accept-loss"}).exit != Exit::done);
  write_text(master, kept);
  const Run run = rollback.recover();
  CHECK(run.exit == Exit::damaged);
  CHECK_THAT(run.err, Contains("is the first that is missing"));
  CHECK(rollback.recover({"--accept-loss"}).exit == Exit::done);
}

TEST_CASE("tally recover: an anchor that is gone is refused; nothing that was signed is contradicted without it",
          "[tools][recover]") {
  Evidence evidence;
  const std::string folder = without_anchor(evidence.folder);
  const auto run = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments{"recover", "--data-dir", folder};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return evidence.person().run(arguments);
  };
  const auto before = files_with_times(folder);
  CHECK(run({}).exit == Exit::damaged);
  CHECK((files_with_times(folder) == before));
  const Run accepted = run({"--accept-loss"});
  INFO(accepted.out << accepted.err);
  CHECK(accepted.exit == Exit::done);
  CHECK_THAT(accepted.out, Contains("the key and the checkpoint stay"));
  CHECK(fs::exists(folder + "/anchor"));
  CHECK(fs::exists(folder + "/keys/ledger.key"));
  evidence.restart();
  CHECK(key_of(evidence.scene().house.application->ledger_key()) == key_of(evidence.key));
}

TEST_CASE("tally recover: a checkpoint that is gone beside its key may have said more: history forks",
          "[tools][recover]") {
  Evidence evidence;
  fs::remove(evidence.folder + "/checkpoint");
  std::vector<std::string> arguments{"recover", "--accept-loss", "--data-dir", evidence.folder, "--json"};
  const Run run = evidence.person().run(arguments);
  INFO(run.out << run.err);
  CHECK(run.exit == Exit::done);
  CHECK(member_of(run.out, "fork") == "1");
  evidence.restart();
  CHECK_THAT(evidence.scene().house.application->ledger_key(), Contains("/r1+"));
}

}  // namespace tally::tools
