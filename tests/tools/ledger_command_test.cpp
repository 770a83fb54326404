#include <filesystem>

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "core/ledger/checkpoint.hpp"
#include "tests/tools/support/house.hpp"

/// `tally ledger`, and the checkpoints of a whole server over its starts.
namespace tally::tools {
namespace {

namespace fs = std::filesystem;

core::Error error_of_ledger_start(const std::string& data) {
  const auto started = Application::start(quiet_settings(data), {});
  REQUIRE(started.has_error());
  return started.error();
}

std::uint64_t size_of(Person& person) {
  return std::stoull(member_of(person.must({"ledger", "checkpoint", "--json"}), "size"));
}

}  // namespace

TEST_CASE("tally ledger: shows a checkpoint whose signature is good, to anybody", "[tools][cli][ledger]") {
  const House house;
  Person person{house.url()};
  const std::string key = person.must({"ledger", "key"});
  CHECK_THAT(key, Catch::StartsWith(house.url().substr(7) + "+"));
  const std::string text = person.must({"ledger", "checkpoint"});
  CHECK_THAT(text,
             Catch::Contains("Events") && Catch::Contains("just now") && Catch::Contains("good, by the key below"));
  const std::string json = person.must({"ledger", "checkpoint", "--json"});
  CHECK(member_of(json, "key") + "\n" == key);
  CHECK(member_of(json, "origin") == house.url().substr(7));
  CHECK(member_of(json, "signed_at").size() == 27);
  CHECK(member_of(json, "root_hex").size() == 64);
  const auto note = core::parse_checkpoint(member_of(json, "note"));
  REQUIRE(note.has_value());
  CHECK(core::NoteVerifier::parse(member_of(json, "key"))->has_signed(*note));
  CHECK(member_of(person.must({"ledger", "key", "--json"}), "key") + "\n" == key);
}

TEST_CASE("tally ledger: a pinned key must have signed, and one that is none is a mistake of usage",
          "[tools][cli][ledger]") {
  const House house;
  const House other;
  Person person{house.url()};
  const std::string key = member_of(person.must({"ledger", "key", "--json"}), "key");
  const std::string foreign = member_of(Person{other.url()}.must({"ledger", "key", "--json"}), "key");
  person.must({"ledger", "checkpoint", "--key", key});
  const Run refused = person.run({"ledger", "checkpoint", "--key", foreign});
  CHECK(refused.exit == Exit::damaged);
  CHECK(refused.out.empty());
  CHECK_THAT(refused.err, Catch::Contains("is not signed by " + foreign));
  CHECK(person.run({"ledger", "checkpoint", "--key", "what"}).exit == Exit::usage);
  CHECK(person.run({"ledger"}).exit == Exit::usage);
}

TEST_CASE("server: a checkpoint after a restart is of the same ledger, and never smaller",
          "[tools][application][ledger]") {
  House house;
  std::string key;
  std::uint64_t size = 0;
  for (int start = 0; start < 3; ++start) {
    Person person{house.url()};
    const auto verifier = core::NoteVerifier::parse(member_of(person.must({"ledger", "key", "--json"}), "key"));
    const std::string bytes = core::to_hex(core::as_bytes(verifier->str().substr(verifier->str().rfind('+'))));
    CHECK((key.empty() || key == bytes));  // the port is another each time, and so is the name
    key = bytes;
    const std::uint64_t now = size_of(person);
    CHECK(now > size);
    size = now;
    house.stop();
    house.start();
  }
}

TEST_CASE("server: a ledger put back to an older state is refused as damaged, whatever is tried again",
          "[tools][application][ledger]") {
  House house;
  house.stop();
  const std::string data = house.data / "folder";
  fs::copy(data + "/ledger", house.data / "older", fs::copy_options::recursive);
  house.start();
  const std::string note_of_then = member_of(Person{house.url()}.must({"ledger", "checkpoint", "--json"}), "note");
  house.stop();
  fs::rename(data + "/ledger", house.data / "newer");
  fs::copy(house.data / "older", data + "/ledger", fs::copy_options::recursive);
  const std::string kept = read_text(data + "/checkpoint");
  const auto head = core::parse_checkpoint(kept)->checkpoint.tree;
  for (int attempt = 0; attempt < 3; ++attempt) {
    const core::Error error = error_of_ledger_start(data);
    CHECK(error.code == core::Errc::corrupt);
    CHECK_THAT(error.detail,
               Catch::Contains("event " + std::to_string(head.size - 1) + " is the first that is missing"));
  }
  CHECK(read_text(data + "/checkpoint") == kept);
  // No ledger at all is the shortest.
  fs::rename(data + "/ledger", house.data / "aside");
  CHECK_THAT(error_of_ledger_start(data).detail, Catch::Contains("event 0 is the first that is missing"));
  // The whole ledger comes back.
  fs::remove_all(data + "/ledger");
  fs::rename(house.data / "newer", data + "/ledger");
  house.start();
  CHECK(size_of(*std::make_unique<Person>(house.url())) > head.size);
}

TEST_CASE("server: beginning anew on purpose: without checkpoint, key and anchor, a new key signs what is there",
          "[tools][application][ledger]") {
  House house;
  const std::string before = member_of(Person{house.url()}.must({"ledger", "key", "--json"}), "key");
  house.stop();
  const std::string data = house.data / "folder";
  fs::remove_all(data + "/ledger");
  CHECK(error_of_ledger_start(data).code == core::Errc::corrupt);
  fs::remove(data + "/keys/ledger.key");
  CHECK(error_of_ledger_start(data).code == core::Errc::corrupt);
  fs::remove(data + "/checkpoint");
  CHECK(error_of_ledger_start(data).code == core::Errc::corrupt);
  fs::remove(data + "/anchor");
  house.start();
  const std::string after = member_of(Person{house.url()}.must({"ledger", "key", "--json"}), "key");
  CHECK(after.substr(after.rfind('+')) != before.substr(before.rfind('+')));
}

}  // namespace tally::tools
