#include <filesystem>

#include <catch2/catch.hpp>

#include "core/crypto/system_random.hpp"
#include "events/ledger/transaction.hpp"
#include "projections/fold/projections.hpp"
#include "tests/tools/support/house.hpp"
#include "tools/folder/ledger_folder.hpp"

/// `tally clock accept`, and the server before and after it.
namespace tally::tools {
namespace {

using namespace std::chrono_literals;

/// A scene whose server is stopped.
struct Stopped : Scene {
  Stopped() {
    house.stop();
    folder = house.data / "folder";
  }
  /// An event that a clock so far ahead has written.
  void write_ahead(core::Duration ahead) {
    const auto store = open_ledger_folder({folder}, LedgerUse::as_it_is, {});
    REQUIRE(store.has_value());
    const projections::InlineProjections projections;
    events::Transaction transaction{**store, *events::load_head(**store), projections.all()};
    core::CommandContext context;
    context.at = http::SystemClock{}.now() + ahead;
    const core::NewEvent event{std::nullopt, {}, 0, core::AuditRead{"written by a wrong clock", 1}};
    REQUIRE(transaction.append(context, event).has_value());
    REQUIRE(transaction.commit().has_value());
  }
  Run accept(const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{"clock", "accept", "--data-dir", folder};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return root.run(arguments);
  }
  /// A command that a server takes, or does not.
  Run sign_in() {
    Person person{house.url()};
    person.environment["TALLY_PASSWORD"] = kAdaPassword;
    return person.run({"login", "ada"});
  }
  std::string folder;
};

}  // namespace

TEST_CASE("tally clock accept: a server that takes no command takes them after it", "[tools][clock]") {
  Stopped scene;
  scene.write_ahead(2h);
  scene.house.start();
  const Run refused = scene.sign_in();
  CHECK(refused.exit == Exit::unreachable);
  CHECK(refused.err.find("clock is in doubt") != std::string::npos);
  CHECK(scene.accept().exit == Exit::unreachable);  // while the server has the folder
  scene.house.stop();

  const Run done = scene.accept();
  CHECK(done.exit == Exit::done);
  CHECK(done.out.find("The clock says") != std::string::npos);
  CHECK(done.out.find("in 2 hours") != std::string::npos);
  CHECK(done.out.find("0 tokens that were made meanwhile are disabled") != std::string::npos);
  const auto names = events_in(scene.folder);
  REQUIRE(names.size() > 3);
  CHECK(std::vector<std::string>(names.end() - 3, names.end()) ==
        std::vector<std::string>{"LedgerStarted", "ClockAccepted", "ClockAcceptanceCompleted"});
  CHECK(scene.root.run({"replay", "--check", "--data-dir", scene.folder}).exit == Exit::done);
  scene.house.start();
  CHECK(scene.sign_in().exit == Exit::done);
}

TEST_CASE("tally clock accept: a reset file is left for a start whose clock is good", "[tools][clock]") {
  Stopped scene;
  const std::string reset_file = scene.folder + "/operator-reset";
  scene.root.must({"operator", "prepare-reset", "operator", "-o", reset_file});
  scene.write_ahead(2h);
  scene.house.start();
  CHECK(std::filesystem::exists(reset_file));
  scene.house.stop();
  CHECK(scene.accept().exit == Exit::done);
  scene.house.start();
  CHECK_FALSE(std::filesystem::exists(reset_file));
}

TEST_CASE("tally clock accept: with nothing ahead it changes nothing", "[tools][clock]") {
  Stopped scene;
  const auto before = events_in(scene.folder);
  const Run text = scene.accept();
  CHECK(text.exit == Exit::done);
  CHECK(text.out.find("nothing was changed") != std::string::npos);
  const Run json = scene.accept({"--json"});
  CHECK(json.out.find("\"accepted\":false") != std::string::npos);
  CHECK(member_of(json.out, "events_ahead") == "0");
  CHECK(events_in(scene.folder) == before);
}

TEST_CASE("tally clock accept: a ledger that is not the signed one is refused and left alone", "[tools][clock]") {
  Stopped scene;
  scene.write_ahead(2h);
  const auto before = events_in(scene.folder);
  CHECK(scene.accept({"--master-key-file", scene.folder + "/none"}).exit == Exit::usage);
  CHECK(scene.root.run({"clock", "accept", "--data-dir", scene.folder + "/elsewhere"}).exit == Exit::unreachable);
  CHECK(events_in(scene.folder) == before);
}

}  // namespace tally::tools
