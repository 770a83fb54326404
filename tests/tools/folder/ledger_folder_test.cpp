#include "tools/folder/ledger_folder.hpp"

#include <filesystem>
#include <map>

#include <catch2/catch.hpp>

#include "events/log/keys.hpp"
#include "events/log/meta_rows.hpp"
#include "tests/tools/support/house.hpp"
#include "tests/tools/support/scratch_folder.hpp"

namespace tally::tools {
namespace {

using events::Family;

/// Whatever has written there.
std::unique_ptr<events::Store> open_as_anybody(const std::string& data_dir) {
  events::RocksOptions options;
  options.folder = data_dir + "/ledger";
  options.now = [] { return core::Timestamp{}; };
  auto store = events::open_rocks_store(options);
  REQUIRE(store.has_value());
  return std::move(*store);
}

void change_meta(const std::string& data_dir, std::string_view name, std::optional<std::uint32_t> version) {
  const auto store = open_as_anybody(data_dir);
  const auto batch = store->new_batch();
  std::string row;
  if (version) {
    events::append_be32(row, *version);
    batch->put(Family::meta, name, row);
  } else {
    batch->erase(Family::meta, name);
  }
  REQUIRE(store->commit(*batch, events::Durability::synced).has_value());
}

std::map<std::string, std::string> meta_of(const std::string& data_dir) {
  const auto store = open_as_anybody(data_dir);
  std::map<std::string, std::string> rows;
  for (const auto cursor = store->scan(Family::meta, {}); cursor->valid(); cursor->next()) {
    rows.emplace(cursor->key(), cursor->value());
  }
  return rows;
}

/// Every command that opens a data folder.
std::vector<std::vector<std::string>> commands_on(const std::string& data_dir) {
  return {{"replay", "--data-dir", data_dir},
          {"replay", "--check", "--data-dir", data_dir},
          {"replay", "--until", "1", "--data-dir", data_dir},
          {"keys", "rewrap", "--data-dir", data_dir, "--new-master-key-file", data_dir + "/none"}};
}

}  // namespace

TEST_CASE("ledger folder: a later release's is refused at every door and left as it is", "[tools][application][cli]") {
  House house;
  house.stop();
  const std::string folder = house.data / "folder";
  const bool by_projection = GENERATE(true, false);
  if (by_projection) {
    change_meta(folder, "projection:of_a_later_release", 1);
  } else {
    change_meta(folder, events::kSchemaRow, events::kStorageVersion + 1);
  }
  const auto before = meta_of(folder);
  const auto started = Application::start(quiet_settings(folder), {});
  REQUIRE(started.has_error());
  CHECK(started.error().code == core::Errc::unknown_event);
  CHECK_THAT(started.error().detail, Catch::Contains("a later one"));
  Person person{"http://127.0.0.1:1"};
  for (const auto& command : commands_on(folder)) {
    const Run run = person.run(command);
    INFO(command[0] << ' ' << command[1] << ": " << run.err);
    CHECK(run.exit == Exit::later_release);
    CHECK_THAT(run.err, Catch::Contains("a later one"));
  }
  CHECK(meta_of(folder) == before);
}

namespace {

/// Every file of a folder, with what is in it.
std::map<std::string, std::string> files_of(const std::string& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{folder}) {
    if (entry.is_regular_file()) files.emplace(entry.path().string(), read_text(entry.path().string()));
  }
  return files;
}

void check_names_the_way(const std::string& refusal) {
  CHECK_THAT(refusal, Catch::Contains("storage version 1") && Catch::Contains("no way back") &&
                          Catch::Contains("a copy of the data folder") && Catch::Contains("tallyd --upgrade-storage"));
}

/// A copy of what the last release of storage version 1 has left.
std::string copy_storage_1(const ScratchFolder& scratch) {
  std::string folder = scratch / "storage-1";
  std::filesystem::copy(TALLY_GOLDEN_FOLDER "/storage-1/data", folder, std::filesystem::copy_options::recursive);
  std::filesystem::permissions(folder + "/keys/master.key", std::filesystem::perms::owner_read);
  return folder;
}

}  // namespace

TEST_CASE("ledger folder: an earlier storage version is left as it is at every door, until its upgrade is asked for",
          "[tools][application][cli][upgrade]") {
  const ScratchFolder scratch;
  const std::string folder = copy_storage_1(scratch);
  const auto before = files_of(folder);
  Person person{"http://127.0.0.1:1"};
  auto commands = commands_on(folder);
  commands.push_back({"replay", "--data-dir", folder, "--into", scratch / "into"});
  commands.push_back({"verify", "--data-dir", folder});
  commands.push_back({"verify", "--rows", "--data-dir", folder});
  commands.push_back({"clock", "accept", "--data-dir", folder});
  commands.push_back({"operator", "reset", "operator", "--data-dir", folder});
  commands.push_back({"recover", "--data-dir", folder});
  commands.push_back({"recover", "--accept-loss", "--data-dir", folder});
  for (const auto& command : commands) {
    const Run run = person.run(command);
    INFO(command[0] << ' ' << command[1] << ": " << run.err);
    CHECK(run.exit == Exit::refused);
    check_names_the_way(run.err);
  }
  CHECK_FALSE(std::filesystem::exists(scratch / "into"));
  Settings settings = quiet_settings(folder);
  const auto refused = Application::start(settings, {});
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == core::Errc::conflict);
  check_names_the_way(refused.error().detail);
  for (const auto& [path, content] : files_of(folder)) {
    INFO(path);
    CHECK((before.contains(path) && before.at(path) == content));
  }
  CHECK(files_of(folder).size() == before.size());

  settings.upgrades_storage = true;
  {
    const auto upgraded = Application::start(settings, {});
    INFO((upgraded.has_error() ? upgraded.error().detail : ""));
    REQUIRE(upgraded.has_value());
  }
  // It may stay on the command line, and does nothing more.
  REQUIRE(Application::start(settings, {}).has_value());
  settings.upgrades_storage = false;
  REQUIRE(Application::start(settings, {}).has_value());
  CHECK_THAT(person.must({"replay", "--check", "--data-dir", folder}), Catch::Contains("byte by byte"));
}

TEST_CASE("ledger folder: rows of another release are made anew by tally replay, and by a start",
          "[tools][application][cli]") {
  House house;
  house.stop();
  const std::string folder = house.data / "folder";
  const auto current = meta_of(folder);
  change_meta(folder, "projection:people", std::nullopt);
  const auto before = meta_of(folder);
  Person person{"http://127.0.0.1:1"};
  for (const auto& command : commands_on(folder)) {
    if (command.size() == 3) continue;
    const Run run = person.run(command);
    INFO(command[0] << ' ' << command[1] << ": " << run.err);
    CHECK(run.exit == Exit::refused);
    CHECK_THAT(run.err, Catch::Contains("start tallyd once, or run tally replay"));
  }
  CHECK(meta_of(folder) == before);

  const bool by_start = GENERATE(true, false);
  if (by_start) {
    house.start();
    house.stop();
  } else {
    CHECK_THAT(person.must({"replay", "--data-dir", folder}), Catch::Contains("another release's"));
  }
  const auto after = meta_of(folder);
  CHECK(after.at("projection:people") == current.at("projection:people"));
  CHECK_THAT(person.must({"replay", "--check", "--data-dir", folder}), Catch::Contains("byte by byte"));
  CHECK_THAT(person.must({"replay", "--data-dir", folder}), Catch::Contains("byte by byte"));
}

TEST_CASE("ledger folder: a ledger that is not the one that was signed is refused before its rows are made anew",
          "[tools][application]") {
  House house;
  house.stop();
  const std::string folder = house.data / "folder";
  const std::string older = house.data / "older";
  std::filesystem::copy(folder + "/ledger", older, std::filesystem::copy_options::recursive);
  house.start();
  house.stop();
  std::filesystem::remove_all(folder + "/ledger");
  std::filesystem::rename(older, folder + "/ledger");
  change_meta(folder, "projection:people", std::nullopt);
  const auto before = meta_of(folder);
  const auto started = Application::start(quiet_settings(folder), {});
  REQUIRE(started.has_error());
  CHECK(started.error().code == core::Errc::corrupt);
  CHECK(meta_of(folder) == before);
}

TEST_CASE("ledger folder: one that falls short of its anchor is refused at every door, until the loss is accepted",
          "[tools][application][cli][anchor]") {
  namespace fs = std::filesystem;
  House house;
  house.stop();
  const std::string folder = house.data / "folder";
  const std::string older = house.data / "older";
  fs::copy(folder, older, fs::copy_options::recursive);
  house.start();
  house.stop();
  // Only the anchor is newer.
  fs::remove_all(folder + "/ledger");
  fs::rename(older + "/ledger", folder + "/ledger");
  fs::rename(older + "/checkpoint", folder + "/checkpoint");
  const std::string anchor = read_text(folder + "/anchor");

  Person person{"http://127.0.0.1:1"};
  auto commands = commands_on(folder);
  commands.push_back({"replay", "--data-dir", folder, "--into", house.data / "into"});
  commands.push_back({"clock", "accept", "--data-dir", folder});
  commands.push_back({"operator", "reset", "operator", "--data-dir", folder});
  commands.push_back({"recover", "--data-dir", folder});
  for (const auto& command : commands) {
    const Run run = person.run(command);
    INFO(command[0] << ' ' << command[1] << ": " << run.err);
    CHECK(run.exit == Exit::damaged);
    CHECK_THAT(run.err, Catch::Contains("is the first that is missing") && Catch::Contains("docs/operations.md"));
  }
  const auto started = Application::start(quiet_settings(folder), {});
  REQUIRE(started.has_error());
  CHECK(started.error().code == core::Errc::corrupt);
  CHECK(read_text(folder + "/anchor") == anchor);
  CHECK_FALSE(fs::exists(house.data / "into"));

  CHECK_THAT(person.must({"recover", "--accept-loss", "--data-dir", folder}),
             Catch::Contains("is the first that is missing") && Catch::Contains("a LedgerRecovered event says so"));
  CHECK_THAT(person.must({"recover", "--accept-loss", "--data-dir", folder, "--json"}),
             Catch::Contains("\"accepted\":false"));
  CHECK_THAT(person.must({"replay", "--check", "--data-dir", folder}), Catch::Contains("byte by byte"));
  house.start();
}

TEST_CASE("ledger folder: an anchor that is elsewhere is named to every command, or missed",
          "[tools][application][cli][anchor]") {
  ScratchFolder scratch;
  const std::string folder = scratch / "folder";
  const std::string elsewhere = scratch / "elsewhere";
  Settings settings = quiet_settings(folder);
  settings.anchor_file = elsewhere;
  settings.anchor = GENERATE(events::AnchorSync::each_second, events::AnchorSync::each_batch);
  REQUIRE(Application::start(settings, {}).has_value());
  CHECK(mode_of(elsewhere) == 0600);
  CHECK_FALSE(std::filesystem::exists(folder + "/anchor"));
  Person person{"http://127.0.0.1:1"};
  const Run run = person.run({"replay", "--check", "--data-dir", folder});
  CHECK(run.exit == Exit::damaged);
  CHECK_THAT(run.err, Catch::Contains("/anchor is missing, though this ledger has one"));
  CHECK_FALSE(std::filesystem::exists(folder + "/anchor"));
  CHECK_THAT(person.must({"replay", "--check", "--data-dir", folder, "--anchor-file", elsewhere}),
             Catch::Contains("byte by byte"));
}

}  // namespace tally::tools
