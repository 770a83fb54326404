#include <filesystem>

#include <catch2/catch.hpp>

#include "core/base/time.hpp"
#include "events/log/log.hpp"
#include "events/log/meta_rows.hpp"
#include "events/rocks/rocks_store.hpp"
#include "events/store/family.hpp"
#include "tests/tools/support/house.hpp"

namespace tally::tools {
namespace {

std::unique_ptr<events::Store> open_store(const std::string& data_dir) {
  events::RocksOptions options;
  options.folder = data_dir + "/ledger";
  options.now = [] { return core::Timestamp{}; };
  auto store = events::open_rocks_store(options);
  REQUIRE(store.has_value());
  return std::move(*store);
}

/// Spoils one projected row behind the ledger's back.
void spoil_a_token(const std::string& data_dir) {
  const auto store = open_store(data_dir);
  const auto cursor = store->scan(events::Family::token, {});
  REQUIRE(cursor->valid());
  std::string value{cursor->value()};
  value.back() = static_cast<char>(value.back() + 1);
  const auto batch = store->new_batch();
  batch->put(events::Family::token, cursor->key(), value);
  REQUIRE(store->commit(*batch, events::Durability::synced).has_value());
}

}  // namespace

TEST_CASE("tally replay: a running server keeps its folder", "[tools][replay]") {
  const House house;
  Person person{house.url()};
  const Run run = person.run({"replay", "--check", "--data-dir", house.data / "folder"});
  CHECK(run.exit == Exit::unreachable);
  CHECK_THAT(run.err, Catch::Contains("stop the server"));
}

TEST_CASE("tally replay: a folder without a ledger is refused, and none is made", "[tools][replay]") {
  const ScratchFolder folder;
  Person person{"http://127.0.0.1:1"};
  CHECK(person.run({"replay", "--data-dir", folder / "nothing"}).exit == Exit::unreachable);
  CHECK_FALSE(std::filesystem::exists(folder / "nothing"));
}

TEST_CASE("tally replay --check: agrees after work, finds a spoiled row, and replay puts it right", "[tools][replay]") {
  Scene scene;
  scene.ada.must({"token", "generate", "robot", "--days", "30"});
  scene.house.stop();
  const std::string folder = scene.house.data / "folder";
  const std::vector<std::string> check{"replay", "--check", "--data-dir", folder};
  CHECK_THAT(scene.ada.must(check), Catch::Contains("byte by byte"));

  spoil_a_token(folder);
  const Run spoiled = scene.ada.run(check);
  CHECK(spoiled.exit == Exit::damaged);
  CHECK_THAT(spoiled.out, Catch::Contains("1 rows differ") && Catch::Contains("token") && Catch::Contains("changed"));

  const std::string repaired = scene.ada.must({"replay", "--data-dir", folder, "--json"});
  CHECK(member_of(repaired, "differences") == "1");
  CHECK(member_of(scene.ada.must({"replay", "--check", "--data-dir", folder, "--json"}), "differences") == "0");
  scene.house.start();
  scene.ada.environment["TALLY_URL"] = scene.house.url();
  scene.ada.must({"login", "ada"});
  CHECK_THAT(scene.ada.must({"token", "list"}), Catch::Contains("robot"));
}

TEST_CASE("tally replay --until: prints the state as it stood, and changes nothing", "[tools][replay]") {
  Scene scene;
  const std::string generated = scene.ada.must({"token", "generate", "robot", "--days", "30", "--json"});
  const std::string token = member_of(generated, "token.id");
  scene.ada.must({"token", "disable", token});
  const std::string events = scene.ada.must({"audit", "--token", token, "--type", "TokenDisabled", "--json"});
  scene.house.stop();
  const std::size_t at = events.find("\"sequence\":") + 11;
  const std::uint64_t disabled_at = std::stoull(events.substr(at));

  const std::string folder = scene.house.data / "folder";
  const auto state_until = [&](std::uint64_t sequence) {
    return scene.ada.must({"replay", "--until", std::to_string(sequence), "--data-dir", folder});
  };
  CHECK_THAT(state_until(disabled_at), Catch::Contains(token + "  disabled"));
  CHECK_THAT(state_until(disabled_at - 1), Catch::Contains(token + "  active") && Catch::Contains("ada"));
  CHECK_THAT(state_until(0), Catch::Contains("State after 1 events") && Catch::Contains("Nobody."));
  const std::string by_time = scene.ada.must({"replay", "--until", "0s", "--data-dir", folder, "--json"});
  CHECK_THAT(by_time, Catch::Contains(token) && Catch::Contains("\"status\":\"disabled\""));
  CHECK(scene.ada.run({"replay", "--until", "999999", "--data-dir", folder}).exit == Exit::refused);
  CHECK_THAT(scene.ada.must({"replay", "--check", "--data-dir", folder}), Catch::Contains("byte by byte"));
}

TEST_CASE("tally replay --check: a ledger that is not the one that was signed is damaged", "[tools][replay]") {
  House house;
  house.stop();
  const std::string folder = house.data / "folder";
  const std::vector<std::string> check{"replay", "--check", "--data-dir", folder};
  Person person{"http://127.0.0.1:1"};
  CHECK_THAT(person.must(check), Catch::Contains("are those that the checkpoint names"));
  CHECK(member_of(person.must({"replay", "--check", "--data-dir", folder, "--json"}), "signed_events") != "");

  SECTION("an older ledger under a newer checkpoint") {
    std::filesystem::copy(folder + "/ledger", house.data / "older", std::filesystem::copy_options::recursive);
    house.start();
    house.stop();
    std::filesystem::remove_all(folder + "/ledger");
    std::filesystem::rename(house.data / "older", folder + "/ledger");
    const Run cut = person.run(check);
    CHECK(cut.exit == Exit::damaged);
    CHECK_THAT(cut.err, Catch::Contains("events; checkpoint signed ") && Catch::Contains("first that is missing"));
  }
  SECTION("other events than those that were signed") {
    std::filesystem::copy(folder + "/checkpoint", house.data / "signed");
    house.start();
    house.stop();
    // The checkpoint of another ledger, which is shorter than this one.
    House other;
    other.stop();
    std::filesystem::copy(other.data / "folder/checkpoint", folder + "/checkpoint",
                          std::filesystem::copy_options::overwrite_existing);
    const Run changed = person.run(check);
    CHECK(changed.exit == Exit::damaged);
    CHECK_THAT(changed.err, Catch::Contains("is not the signed one (checkpoint signed "));
    std::filesystem::copy(house.data / "signed", folder + "/checkpoint",
                          std::filesystem::copy_options::overwrite_existing);
    CHECK_THAT(person.must(check), Catch::Contains("byte by byte"));
  }
  SECTION("a checkpoint that can not be read") {
    write_text(folder + "/checkpoint", "not a note\n");
    CHECK(person.run(check).exit == Exit::damaged);
  }
  SECTION("none at all") {
    std::filesystem::remove(folder + "/checkpoint");
    CHECK_THAT(person.must(check), !Catch::Contains("checkpoint"));
  }
}

TEST_CASE("tally replay --check: a head that was changed is not the anchored one, and is damaged", "[tools][replay]") {
  House house;
  house.stop();
  const std::string folder = house.data / "folder";
  std::filesystem::remove(folder + "/checkpoint");
  {
    const auto store = open_store(folder);
    auto head = events::load_head(*store);
    REQUIRE(head.has_value());
    std::vector<core::Digest> roots = head->tree.roots();
    roots.front().bytes[0] ^= 1;
    head->tree = *events::CompactRange::from_parts(head->tree.size(), roots);
    const auto batch = store->new_batch();
    batch->put(events::Family::meta, events::kHeadRow, events::encode_head(*head));
    REQUIRE(store->commit(*batch, events::Durability::synced).has_value());
  }
  Person person{"http://127.0.0.1:1"};
  const Run run = person.run({"replay", "--check", "--data-dir", folder});
  CHECK(run.exit == Exit::damaged);
  CHECK_THAT(run.err, Catch::Contains("events are not those that the anchor was made for"));
}

}  // namespace tally::tools
