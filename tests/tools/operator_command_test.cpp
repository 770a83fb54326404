#include <algorithm>
#include <filesystem>

#include <catch2/catch.hpp>

#include "tests/tools/support/house.hpp"
#include "tools/base/private_file.hpp"

/// An operator's password that nobody knows: `tally operator`, and what the next start makes of a prepared file.
namespace tally::tools {
namespace {

namespace fs = std::filesystem;

/// What a start would record of its own is left out: `LedgerStarted` and signing keys.
std::vector<std::string> about_people(const std::string& data_dir) {
  std::vector<std::string> names = events_in(data_dir);
  std::erase_if(names, [](const std::string& name) { return name == "LedgerStarted" || name == "SigningKeyAdded"; });
  return names;
}

std::string last_word(const std::string& line) { return line.substr(line.rfind(' ') + 1); }

/// A scene whose server is stopped, and its folder.
struct StoppedServer : Scene {
  StoppedServer() {
    house.stop();
    folder = house.data / "folder";
    reset_file = folder + "/operator-reset";
    before = about_people(folder);
  }
  Run reset(const std::vector<std::string>& more) {
    std::vector<std::string> arguments{"operator", "reset", "--data-dir", folder};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return root.run(arguments);
  }
  /// Prepares a file for `name`: the password in it.
  std::string prepare(const std::string& name) {
    const std::string out = root.must({"operator", "prepare-reset", name, "-o", reset_file});
    return last_word(out.substr(0, out.find('\n')));
  }
  /// The events about people since the beginning.
  std::vector<std::string> news() {
    auto names = about_people(folder);
    names.erase(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(before.size()));
    return names;
  }
  Exit sign_in(const std::string& username, const std::string& password) {
    Person person{house.url()};
    person.environment["TALLY_PASSWORD"] = password;
    return person.run({"login", username}).exit;
  }
  /// Of a start that is refused before it writes anything.
  core::Error refused_start() {
    const auto events = events_in(folder).size();
    const auto started = Application::start(quiet_settings(folder), {});
    REQUIRE(started.has_error());
    CHECK(started.error().code == core::Errc::bad_configuration);
    CHECK(events_in(folder).size() == events);
    CHECK(fs::exists(reset_file));
    return started.error();
  }

  std::string folder;
  std::string reset_file;
  std::vector<std::string> before;
};

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("tally operator reset: gives a forgotten account back, and ends its sessions", "[tools][operator]") {
  StoppedServer scene;
  const Run done = scene.reset({"operator"});
  REQUIRE(done.exit == Exit::done);
  const std::string password = last_word(done.out.substr(0, done.out.find('\n')));
  CHECK(scene.news() == Names{"OperatorRecovered", "PasswordChanged"});
  CHECK(scene.root.run({"replay", "--check", "--data-dir", scene.folder}).exit == Exit::done);
  scene.house.start();
  scene.root.environment["TALLY_URL"] = scene.house.url();
  CHECK(scene.sign_in("operator", kOperatorPassword) == Exit::not_allowed);
  CHECK(scene.sign_in("operator", password) == Exit::done);
  scene.house.stop();
  CHECK(scene.root.run({"replay", "--check", "--data-dir", scene.folder}).exit == Exit::done);
}

TEST_CASE("tally operator reset: who is no operator becomes break-glass, and who is nobody is made if asked for",
          "[tools][operator]") {
  StoppedServer scene;
  CHECK(scene.reset({"ada"}).exit == Exit::done);
  CHECK(scene.news() == Names{"OperatorRecovered", "OperatorChanged", "PasswordChanged"});
  const Run unknown = scene.reset({"grace"});
  CHECK(unknown.exit == Exit::refused);
  CHECK_THAT(unknown.err, Catch::Contains("no such user") && Catch::Contains("nothing was changed"));
  CHECK(unknown.out.empty());
  const auto size = events_in(scene.folder).size();
  CHECK(scene.reset({"ghost"}).exit == Exit::refused);
  CHECK(events_in(scene.folder).size() == size);
  const Run made = scene.reset({"grace", "--create", "--json"});
  REQUIRE(made.exit == Exit::done);
  scene.house.start();
  Person grace{scene.house.url()};
  grace.environment["TALLY_PASSWORD"] = member_of(made.out, "password");
  grace.must({"login", member_of(made.out, "username")});
  CHECK_THAT(grace.must({"whoami"}), Catch::Contains("break_glass"));
}

TEST_CASE("tally operator reset: a deactivated person is refused, and a running server keeps its folder",
          "[tools][operator]") {
  Scene running;
  running.root.must({"user", "deactivate", "ada"});
  const std::vector<std::string> ada{"operator", "reset", "ada", "--data-dir", running.house.data / "folder"};
  const Run locked = running.root.run(ada);
  CHECK(locked.exit == Exit::unreachable);
  CHECK_THAT(locked.err, Catch::Contains("stop the server"));
  running.house.stop();
  const auto size = events_in(running.house.data / "folder").size();
  const Run refused = running.root.run(ada);
  CHECK(refused.exit == Exit::refused);
  CHECK_THAT(refused.err, Catch::Contains("deactivated"));
  CHECK(refused.out.empty());
  CHECK(events_in(running.house.data / "folder").size() == size);
}

TEST_CASE("tally operator reset: changes nothing unless the password was shown", "[tools][operator]") {
  StoppedServer scene;
  scene.root.out_is_broken = true;
  const auto size = events_in(scene.folder).size();
  CHECK(scene.reset({"operator"}).exit == Exit::refused);
  CHECK(events_in(scene.folder).size() == size);
  CHECK(scene.root.run({"operator", "prepare-reset", "operator", "-o", scene.reset_file}).exit == Exit::refused);
  CHECK_FALSE(fs::exists(scene.reset_file));
}

TEST_CASE("tally operator reset: takes the password from a file that others can not read", "[tools][operator]") {
  StoppedServer scene;
  const std::string file = scene.house.data / "password";
  write_text(file, "a password that was chosen\n");
  fs::permissions(file, fs::perms{0644});
  CHECK(scene.reset({"operator", "--password-file", file}).exit == Exit::usage);
  CHECK(scene.news().empty());
  fs::permissions(file, fs::perms{0600});
  const Run done = scene.reset({"operator", "--password-file", file});
  CHECK(done.exit == Exit::done);
  CHECK(done.out.find("a password that was chosen") == std::string::npos);
  write_text(file, "short\n");
  CHECK(scene.reset({"operator", "--password-file", file}).exit == Exit::usage);
  scene.house.start();
  CHECK(scene.sign_in("operator", "a password that was chosen") == Exit::done);
}

TEST_CASE("tally operator reset: a ledger that is not the one that was signed is left as it is", "[tools][operator]") {
  StoppedServer scene;
  const std::string ledger = scene.folder + "/ledger";
  fs::copy(ledger, scene.house.data / "older", fs::copy_options::recursive);
  scene.house.start();
  scene.house.stop();
  fs::remove_all(ledger);
  fs::rename(scene.house.data / "older", ledger);
  CHECK(scene.reset({"operator"}).exit == Exit::damaged);
  CHECK(scene.news().empty());
}

TEST_CASE("tally operator reset: needs the master key of the folder", "[tools][operator]") {
  StoppedServer scene;
  const std::string key = scene.house.data / "master.key";
  REQUIRE(write_private_file(key, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n").has_value());
  scene.root.must({"keys", "rewrap", "--data-dir", scene.folder, "--new-master-key-file", key});
  CHECK(scene.reset({"operator"}).exit != Exit::done);
  CHECK(scene.news().empty());
  CHECK(scene.reset({"operator", "--master-key-file", key}).exit == Exit::done);
}

TEST_CASE("tally operator prepare-reset: the next start does it once, and removes the file", "[tools][operator]") {
  StoppedServer scene;
  const std::string password = scene.prepare("operator");
  CHECK(mode_of(scene.reset_file) == 0600);
  const std::string text = read_text(scene.reset_file);
  CHECK(text.find(password) == std::string::npos);
  CHECK(scene.root.run({"operator", "prepare-reset", "operator", "-o", scene.reset_file}).exit == Exit::refused);
  scene.house.start();
  CHECK_FALSE(fs::exists(scene.reset_file));
  CHECK(scene.sign_in("operator", password) == Exit::done);
  CHECK(scene.sign_in("operator", kOperatorPassword) == Exit::not_allowed);
  scene.house.stop();
  const Names done = scene.news();
  CHECK(std::ranges::count(done, "OperatorRecovered") == 1);

  // The file is still there, as after a power cut before its removal reached the disk.
  REQUIRE(write_private_file(scene.reset_file, text).has_value());
  scene.house.start();
  CHECK_FALSE(fs::exists(scene.reset_file));
  scene.house.stop();
  CHECK(scene.news() == done);
  CHECK(scene.root.run({"replay", "--check", "--data-dir", scene.folder}).exit == Exit::done);
}

TEST_CASE("reset file: of a name that nobody has, or of who is gone, the server does not start", "[tools][operator]") {
  Scene running;
  running.root.must({"user", "deactivate", "ada"});
  running.house.stop();
  StoppedServer other;  // for its helpers, over the other folder
  other.folder = running.house.data / "folder";
  other.reset_file = other.folder + "/operator-reset";
  const auto name = GENERATE(as<std::string>{}, "ghost", "ada");
  other.prepare(name);
  CHECK_THAT(other.refused_start().detail, Catch::Contains(name) && Catch::Contains("nothing was changed"));
}

TEST_CASE("reset file: it is the folder's owner's alone, or the server does not start", "[tools][operator]") {
  StoppedServer scene;
  scene.prepare("operator");
  for (const unsigned mode : {0640U, 0604U, 0620U, 0602U}) {
    fs::permissions(scene.reset_file, fs::perms{mode});
    CHECK_THAT(scene.refused_start().detail, Catch::Contains("operator-reset") && Catch::Contains("others"));
  }
  fs::permissions(scene.reset_file, fs::perms{0600});
  // A link could lead to what somebody else wrote.
  fs::rename(scene.reset_file, scene.house.data / "elsewhere");
  fs::create_symlink(scene.house.data / "elsewhere", scene.reset_file);
  scene.refused_start();
  fs::remove(scene.reset_file);
  write_text(scene.reset_file, "tally operator reset v1\n");
  fs::permissions(scene.reset_file, fs::perms{0600});
  scene.refused_start();
}

}  // namespace tally::tools
