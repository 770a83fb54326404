#include "events/rocks/anchor_file.hpp"

#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "events/rocks/rocks_store.hpp"
#include "tests/events/crashed_ledger.hpp"
#include "tests/events/sample_events.hpp"
#include "tests/support/temporary_folder.hpp"

namespace tally::events {
namespace {

namespace fs = std::filesystem;

Anchor anchor_at(std::uint64_t size) {
  Anchor anchor;
  anchor.ledger = testing::sample_uuid(1);
  anchor.size = size;
  anchor.last_row = 10 * size;
  return anchor;
}

/// While it lives, no file of the process can be written to.
class NoFileGrows {
 public:
  NoFileGrows() : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before_) == 0);
    rlimit none = before_;
    none.rlim_cur = 0;
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &none) == 0);
  }
  NoFileGrows(const NoFileGrows&) = delete;
  NoFileGrows& operator=(const NoFileGrows&) = delete;
  ~NoFileGrows() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  void (*handler_)(int);
  rlimit before_{};
};

/// A file that takes no write once it is sealed, for ever.
class SealedFile {
 public:
  explicit SealedFile(const std::string& bytes) : descriptor_(::memfd_create("anchor", MFD_ALLOW_SEALING)) {
    REQUIRE(descriptor_ >= 0);
    REQUIRE(::write(descriptor_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  }
  SealedFile(const SealedFile&) = delete;
  SealedFile& operator=(const SealedFile&) = delete;
  ~SealedFile() { ::close(descriptor_); }
  void seal() const { REQUIRE(::fcntl(descriptor_, F_ADD_SEALS, F_SEAL_WRITE) == 0); }
  [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  const int descriptor_;
};

/// The bytes of an anchor's file that says `size`.
std::string anchor_bytes(std::uint64_t size) {
  const testing::TemporaryFolder folder;
  const std::string path = folder.str() + "/anchor";
  REQUIRE(AnchorFile{path}.create(anchor_at(size)).has_value());
  return testing::bytes_of(path);
}

core::Result<void> commit_row(Store& store, const std::string& key) {
  const auto batch = store.new_batch();
  batch->put(Family::usage, key, "row");
  return store.commit(*batch, Durability::synced);
}

}  // namespace

TEST_CASE("anchor file: what was written last is found, and the file is its owner's", "[events][anchor]") {
  const testing::TemporaryFolder folder;
  const std::string path = folder.str() + "/anchor";
  const AnchorSync sync = GENERATE(AnchorSync::each_second, AnchorSync::each_batch);
  AnchorFile file{path, sync};
  CHECK_FALSE(file.load().value().has_value());
  REQUIRE(file.write(anchor_at(1)).has_value());
  CHECK_FALSE(fs::exists(path));
  REQUIRE(file.create(anchor_at(1)).has_value());
  CHECK(fs::file_size(path) == kAnchorFileBytes);
  CHECK((fs::status(path).permissions() & fs::perms::mask) == (fs::perms::owner_read | fs::perms::owner_write));
  CHECK_FALSE(fs::exists(path + ".new"));
  for (std::uint64_t size = 2; size < 7; ++size) {
    REQUIRE(file.write(anchor_at(size)).has_value());
    Anchor found = AnchorFile{path}.load().value().value();
    CHECK(found.counter == size);
    found.counter = 0;
    CHECK(found == anchor_at(size));
  }
  CHECK(fs::file_size(path) == kAnchorFileBytes);
}

TEST_CASE("anchor file: one that is no file, or can not be made, is an error", "[events][anchor]") {
  const testing::TemporaryFolder folder;
  CHECK(AnchorFile{folder.str()}.load().error().code == core::Errc::io_failed);
  CHECK(AnchorFile{folder.str() + "/none/anchor"}.create(anchor_at(1)).error().code == core::Errc::io_failed);
  testing::write_bytes(folder.path() / "cut", anchor_bytes(1).substr(0, kAnchorBytes - 1));
  CHECK(AnchorFile{folder.str() + "/cut"}.load().error().code == core::Errc::corrupt);
}

TEST_CASE("anchor file: what can not be written is told once, and tried again", "[events][anchor]") {
  const testing::TemporaryFolder folder;
  const std::string path = folder.str() + "/anchor";
  int began = 0;
  int ended = 0;
  AnchorFile file{path, AnchorSync::each_second,
                  [&](const core::Error* error) { ++(error != nullptr ? began : ended); }};
  REQUIRE(file.create(anchor_at(1)).has_value());
  {
    const NoFileGrows fault;
    for (std::uint64_t size = 2; size < 5; ++size) static_cast<void>(file.write(anchor_at(size)));
    file.sync();
  }
  CHECK(began == 1);
  CHECK(ended == 0);
  REQUIRE(file.state().has_error());
  CHECK_THAT(file.state().error().detail, Catch::Contains(path));
  CHECK(AnchorFile{path}.load()->value().size == 1);
  file.sync();
  CHECK(ended == 1);
  CHECK(file.state().has_value());
  CHECK(AnchorFile{path}.load()->value().size == 4);
  REQUIRE(file.write(anchor_at(5)).has_value());
  CHECK(AnchorFile{path}.load()->value().size == 5);
}

TEST_CASE("anchored: where each batch is synced, one that can not be anchored is of unknown outcome",
          "[events][rocks][anchor]") {
  const testing::TemporaryFolder folder;
  const AnchorSync sync = GENERATE(AnchorSync::each_second, AnchorSync::each_batch);
  const SealedFile sealed{anchor_bytes(0)};
  RocksOptions options{.folder = folder.str() + "/ledger"};
  options.anchor = std::make_shared<AnchorFile>(sealed.path(), sync);
  const auto opened = open_rocks_store(options);
  REQUIRE(opened.has_value());
  Store& store = **opened;
  REQUIRE(commit_row(store, "before").has_value());
  sealed.seal();
  const auto committed = commit_row(store, "after");
  if (sync == AnchorSync::each_second) {
    CHECK(committed.has_value());
    CHECK(commit_row(store, "later").has_value());
    CHECK(options.anchor->state().has_error());
  } else {
    REQUIRE(committed.has_error());
    CHECK(committed.error().code == core::Errc::outcome_unknown);
    CHECK(commit_row(store, "later").error().code == core::Errc::outcome_unknown);
  }
}

TEST_CASE("anchored: a first anchor that can not be made lets the ledger be, unless each batch is synced",
          "[events][rocks][anchor]") {
  const testing::TemporaryFolder folder;
  const AnchorSync sync = GENERATE(AnchorSync::each_second, AnchorSync::each_batch);
  RocksOptions options{.folder = folder.str() + "/ledger"};
  options.anchor = std::make_shared<AnchorFile>(folder.str() + "/none/anchor", sync);
  const auto opened = open_rocks_store(options);
  CHECK(opened.has_value() == (sync == AnchorSync::each_second));
  if (!opened.has_value()) return;
  CHECK(options.anchor->state().has_error());
  CHECK(commit_row(**opened, "row").has_value());
  CHECK_FALSE((*opened)->get(Family::meta, "anchored").value().has_value());
}

}  // namespace tally::events
