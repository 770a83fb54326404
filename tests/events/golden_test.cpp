#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <variant>

#include <catch2/catch.hpp>

#include "events/log/codec.hpp"
#include "events/log/schema_hash.hpp"
#include "tests/events/sample_events.hpp"

// The bytes of every event type ever written. TALLY_WRITE_GOLDEN=1 writes the files that are missing, and only those.
namespace tally {
namespace {

struct Golden {
  core::Event event;
  std::filesystem::path path;
};

/// The samples with their files: the n-th sample of a type is its version n.
std::vector<Golden> goldens() {
  std::map<std::string, int> versions;
  std::vector<Golden> out;
  for (const core::Event& event : testing::sample_events()) {
    const std::string name = core::name_of(core::type_of(event.payload));
    const int version = ++versions[name];
    out.push_back(
        {event, std::filesystem::path{TALLY_GOLDEN_FOLDER} / (name + ".v" + std::to_string(version) + ".bin")});
  }
  return out;
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

void write_if_missing(const std::filesystem::path& path, core::ByteView bytes) {
  if (std::getenv("TALLY_WRITE_GOLDEN") == nullptr || std::filesystem::exists(path)) return;
  std::ofstream file{path, std::ios::binary};
  file << core::as_text(bytes);
}

/// `encoded` with the schema's hash that stands in `golden`, which was written under the schema of its day.
std::string with_schema_of(const std::string& golden, std::string_view encoded) {
  std::string hash;
  for (int shift = 0; shift < 64; shift += 8) hash += static_cast<char>(events::kSchemaHash >> shift & 0xff);
  const std::size_t place = encoded.find(hash);
  REQUIRE(place != std::string_view::npos);
  std::string out{encoded};
  if (golden.size() == out.size()) out.replace(place, hash.size(), golden, place, hash.size());
  return out;
}

TEST_CASE("golden: every event ever written decodes to what it was", "[events][golden]") {
  events::EventEncoder encoder;
  for (const auto& [event, path] : goldens()) {
    INFO(path.string());
    const auto encoded = encoder.encode(event);
    REQUIRE(encoded.has_value());
    write_if_missing(path, *encoded);
    const std::string golden = read_file(path);
    REQUIRE_FALSE(golden.empty());
    const auto decoded = events::decode_event(core::as_bytes(golden));
    REQUIRE(decoded.has_value());
    CHECK(*decoded == event);
  }
}

TEST_CASE("golden: the encoder writes the same bytes as on the day of the golden", "[events][golden]") {
  events::EventEncoder encoder;
  for (const auto& [event, path] : goldens()) {
    const auto encoded = encoder.encode(event);
    REQUIRE(encoded.has_value());
    INFO(path.string());
    const std::string golden = read_file(path);
    CHECK(with_schema_of(golden, core::as_text(*encoded)) == golden);
  }
}

TEST_CASE("golden: there is a file for every event type", "[events][golden]") {
  std::set<std::size_t> kinds;
  for (const auto& [event, path] : goldens()) kinds.insert(event.payload.index());
  CHECK(kinds.size() == std::variant_size_v<core::EventKinds>);
}

TEST_CASE("golden: there is one file for every version of every event type", "[events][golden]") {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator{TALLY_GOLDEN_FOLDER}) {
    files += entry.path().extension() == ".bin" ? 1 : 0;
  }
  CHECK(files == goldens().size());
}

}  // namespace
}  // namespace tally
