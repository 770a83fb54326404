#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

#include "core/ledger/checkpoint.hpp"
#include "events/log/codec.hpp"
#include "events/log/keys.hpp"
#include "events/log/log.hpp"
#include "events/rocks/rocks_store.hpp"
#include "tests/tools/support/house.hpp"

/// A data folder that is damaged, and asked about.
namespace tally::tools {

/// Every file with its bytes and when it was changed.
inline std::map<std::string, std::string> files_with_times(const std::string& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{folder}) {
    std::string& content = files[entry.path().string()];
    if (!entry.is_regular_file()) continue;
    content = read_text(entry.path().string()) + std::to_string(entry.last_write_time().time_since_epoch().count());
  }
  return files;
}

/// A scene whose server is stopped, and which is damaged.
class Evidence {
 public:
  Evidence() {
    scene_.ada.must({"token", "generate", "robot", "--days", "30"});
    note = member_of(scene_.ada.must({"ledger", "checkpoint", "--json"}), "note");
    key = member_of(scene_.ada.must({"ledger", "key", "--json"}), "key");
    scene_.house.stop();
    folder = scene_.house.data / "folder";
    size = signed_size();
  }

  [[nodiscard]] Run verify(const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{"verify", "--data-dir", folder};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return person_.run(arguments);
  }
  /// Damage of which `sentence` is said.
  void must_find(const std::string& sentence, const std::vector<std::string>& more = {}) {
    const Run run = verify(more);
    INFO(run.out << run.err);
    CHECK(run.exit == Exit::damaged);
    CHECK_THAT(run.out, Catch::Contains(sentence));
    CHECK_THAT(run.err, Catch::Contains("is not what was written"));
  }
  /// The text in a file that a person has.
  [[nodiscard]] std::string kept(const std::string& text) const {
    write_text(person_.folder / "note", text);
    return person_.folder / "note";
  }

  [[nodiscard]] std::string number(std::uint64_t from_the_end) const { return std::to_string(size - from_the_end); }
  [[nodiscard]] std::uint64_t signed_size() const {
    return core::parse_checkpoint(read_text(folder + "/checkpoint"))->checkpoint.tree.size;
  }
  /// The server again, on another port, with ada signed in.
  void restart() {
    scene_.house.start();
    scene_.ada.environment["TALLY_URL"] = scene_.house.url();
    scene_.ada.must({"login", "ada"});
  }
  Person& person() { return person_; }
  Scene& scene() { return scene_; }

  std::string note;  ///< Of a moment before the end.
  std::string key;
  std::string folder;
  std::uint64_t size = 0;

 private:
  Scene scene_;
  Person person_{"http://127.0.0.1:1"};
};

/// The ledger of a folder, whoever may write there.
class OpenLog {
 public:
  explicit OpenLog(const std::string& folder) {
    events::RocksOptions options;
    options.folder = folder + "/ledger";
    options.now = [] { return core::Timestamp{}; };
    auto opened = events::open_rocks_store(options);
    REQUIRE(opened.has_value());
    store_ = std::move(*opened);
  }
  std::string bytes_of(std::uint64_t place) const {
    return events::read_event_bytes(*store_, core::Sequence{place})->value();
  }
  core::Event event_at(std::uint64_t place) const {
    return *std::move(*events::read_event(*store_, core::Sequence{place}));
  }
  void put(std::uint64_t place, std::string_view bytes) { change(events::Family::log, events::key_of({place}), bytes); }
  void put(std::uint64_t place, const core::Event& event) {
    events::EventEncoder encoder;
    put(place, core::as_text(*encoder.encode(event)));
  }
  void remove(std::uint64_t place) { change(events::Family::log, events::key_of({place}), std::nullopt); }
  void change(events::Family family, std::string_view key, std::optional<std::string_view> value) {
    const auto batch = store_->new_batch();
    if (value) {
      batch->put(family, key, *value);
    } else {
      batch->erase(family, key);
    }
    REQUIRE(store_->commit(*batch, events::Durability::synced).has_value());
  }
  events::Store& store() { return *store_; }

 private:
  std::unique_ptr<events::Store> store_;
};

}  // namespace tally::tools
