#include <algorithm>
#include <filesystem>

#include <catch2/catch.hpp>

#include "core/crypto/hash.hpp"
#include "tests/tools/support/house.hpp"

namespace tally::tools {

TEST_CASE("tally export: the file and its manifest agree, and tell every event", "[tools][export]") {
  Scene scene;
  scene.ada.must({"token", "generate", "robot", "--days", "1"});
  const std::string file = scene.ada.folder / "events.ndjson";
  CHECK_THAT(scene.ada.must({"export", "-o", file}), Catch::Contains("as the server says"));
  const std::string content = read_text(file);
  const std::string manifest = read_text(file + ".manifest");
  const auto lines = std::count(content.begin(), content.end(), '\n');
  CHECK(lines >= 4);  // the workspace, the member, the token, the export itself
  CHECK(member_of(manifest, "events_exported") == std::to_string(lines));
  CHECK(member_of(manifest, "bytes") == std::to_string(content.size()));
  CHECK(member_of(manifest, "sha256") == core::to_hex(core::crypto::sha256(core::as_bytes(content)).bytes));
  CHECK_FALSE(std::filesystem::exists(file + ".part"));
}

TEST_CASE("tally export: - gives the events alone to standard output", "[tools][export]") {
  Scene scene;
  const Run run = scene.ada.run({"export", "-o", "-"});
  REQUIRE(run.exit == Exit::done);
  CHECK_THAT(run.out, Catch::StartsWith("{\"sequence\":") && !Catch::Contains("SHA-256"));
  CHECK_THAT(run.err, Catch::Contains("standard output") && Catch::Contains("as the server says"));
  CHECK_FALSE(std::filesystem::exists("-"));
  CHECK_FALSE(std::filesystem::exists("-.manifest"));
  const Run json = scene.ada.run({"export", "-o", "-", "--json"});
  CHECK(member_of(json.err, "bytes") == std::to_string(json.out.size()));
}

TEST_CASE("tally export: what is no file gets the events and no manifest beside it", "[tools][export]") {
  Scene scene;
  const std::string null = scene.ada.folder / "null";
  std::filesystem::create_symlink("/dev/null", null);
  CHECK_THAT(scene.ada.must({"export", "-o", null}), !Catch::Contains("Manifest"));
  CHECK(std::filesystem::is_symlink(null));
  CHECK_FALSE(std::filesystem::exists(null + ".manifest"));
}

TEST_CASE("tally export: a file for a spreadsheet has no formula, unless bytes are asked for", "[tools][export]") {
  Scene scene;
  const std::string file = scene.ada.folder / "events.csv";
  const std::string manifest = file + ".manifest";
  scene.ada.must({"export", "-o", file});
  CHECK(member_of(read_text(manifest), "format") == "csv-safe");
  scene.ada.must({"export", "--format", "csv", "-o", file});
  CHECK(member_of(read_text(manifest), "format") == "csv");
  CHECK(mode_of(file) == 0600);
  CHECK(mode_of(manifest) == 0600);
}

TEST_CASE("tally export: csv has a header row, and a filter leaves out what it says", "[tools][export]") {
  Scene scene;
  scene.ada.must({"token", "generate", "robot", "--days", "1"});
  const std::string file = scene.ada.folder / "events.csv";
  scene.ada.must({"export", "--format", "csv", "--type", "TokenGenerated", "-o", file});
  const std::string content = read_text(file);
  CHECK(std::count(content.begin(), content.end(), '\n') == 2);
  CHECK_THAT(content, Catch::StartsWith("sequence,") && Catch::Contains("TokenGenerated"));
}

TEST_CASE("tally export: what is refused leaves no file", "[tools][export]") {
  Scene scene;
  const std::string file = scene.root.folder / "events.ndjson";
  // The operator is neither admin nor auditor there.
  CHECK(scene.root.run({"export", "-w", "Orders", "-o", file}).exit == Exit::not_allowed);
  CHECK_FALSE(std::filesystem::exists(file));
  CHECK_FALSE(std::filesystem::exists(file + ".part"));
  CHECK(scene.ada.run({"export", "-o", scene.ada.folder / "no/such/folder"}).exit == Exit::refused);
}

}  // namespace tally::tools
