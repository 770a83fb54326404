#include "events/rocks/rocks_inspection.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <utility>

#include <rocksdb/file_checksum.h>

#include "core/base/bytes.hpp"
#include "events/log/meta_rows.hpp"
#include "events/rocks/rocks_anchor.hpp"
#include "events/rocks/rocks_log_check.hpp"
#include "events/rocks/rocks_names.hpp"
#include "events/rocks/rocks_new_folder.hpp"
#include "events/rocks/rocks_read_only.hpp"

namespace tally::events {
namespace {

using Named = ReadOnlyDatabase::Named;

constexpr std::size_t kBytesPerRead = 1 << 20;

/// Errors: corrupt, io_failed.
core::Result<std::vector<std::string>> names_on_disk(const std::string& folder) {
  if (!std::filesystem::exists(folder + "/CURRENT")) {
    if (has_been_a_ledger(folder)) {
      return core::fail(core::Errc::corrupt, folder + " holds a ledger without its file CURRENT");
    }
    return core::fail(core::Errc::io_failed, "there is no ledger in " + folder);
  }
  std::vector<std::string> names;
  const auto status = rocksdb::DB::ListColumnFamilies(database_options({}), folder, &names);
  if (!status.ok()) return error_of(status, "open");
  return names;
}

/// Errors: unknown_event.
core::Result<std::vector<Named>> families_of(const std::vector<std::string>& names) {
  std::vector<Named> families;
  for (const std::string& name : names) {
    if (name == rocksdb::kDefaultColumnFamilyName) continue;
    const auto family = family_of_disk_name(name);
    if (!family) return core::fail(core::Errc::unknown_event, "the ledger has rows of a later release: " + name);
    families.push_back({name, *family});
  }
  return families;
}

/// What is not made from anything else, and needs nothing else.
std::vector<Named> truth() {
  return {{std::string{name_of(Family::log)}, Family::log}, {std::string{name_of(Family::meta)}, Family::meta}};
}

/// Reads the live generation of every family from now on; false: some are not there, as in a ledger of an earlier
/// release. Errors: corrupt (one that a rebuild has made is gone), io_failed.
core::Result<bool> choose_generations(ReadOnlyDatabase& database) {
  TALLY_TRY_ASSIGN(const auto row, database.get(Family::meta, kGenerationRow));
  TALLY_TRY_ASSIGN(const Generations generations, decode_generations(row));
  bool has_all = true;
  std::string gone;
  for (const Family family : all_families()) {
    const bool is_there = database.read_from(family, disk_name(family, generations[index_of(family)]));
    has_all = has_all && is_there;
    if (!is_there && generations[index_of(family)] > kFirstGeneration) gone.append(" ").append(name_of(family));
  }
  if (!gone.empty()) return core::fail(core::Errc::corrupt, "rows are gone:" + gone);
  return has_all;
}

/// What is wrong with the file; empty: it is what was written.
std::string flaw_of(const std::string& path, const rocksdb::LiveFileMetaData& file,
                    rocksdb::FileChecksumGenerator& sum) {
  std::ifstream stream{path, std::ios::binary};
  if (!stream) return path + " is missing or can not be read";
  std::string buffer(kBytesPerRead, '\0');
  std::uint64_t size = 0;
  while (stream.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || stream.gcount() > 0) {
    const auto count = static_cast<std::size_t>(stream.gcount());
    sum.Update(buffer.data(), count);
    size += count;
  }
  if (stream.bad()) return path + " can not be read to its end";
  if (size != file.size) {
    return path + " has " + std::to_string(size) + " bytes, and " + std::to_string(file.size) + " were written";
  }
  sum.Finalize();
  if (sum.GetChecksum() != file.file_checksum)
    return path + " is damaged: its checksum is not that of what was written";
  return {};
}

}  // namespace

struct LedgerInspection::State {
  std::string folder;
  std::unique_ptr<ReadOnlyDatabase> database;
  bool has_rows = true;
  std::vector<std::string> flaws;
};

LedgerInspection::LedgerInspection(std::unique_ptr<State> state) : state_(std::move(state)) {}
LedgerInspection::LedgerInspection(LedgerInspection&& other) noexcept = default;
LedgerInspection::~LedgerInspection() = default;

core::Result<LedgerInspection> LedgerInspection::open(const RocksOptions& options) {
  TALLY_TRY_ASSIGN(auto lock, FolderLock::take_to_read(options.folder));
  TALLY_TRY_ASSIGN(const auto names, names_on_disk(options.folder));
  TALLY_TRY_ASSIGN(const auto families, families_of(names));
  auto state = std::make_unique<State>();
  state->folder = options.folder;
  const auto anchor = read_anchor(options.anchor.get());
  if (anchor.has_error() && anchor.error().code != core::Errc::corrupt) return anchor.error();
  if (anchor.has_error()) state->flaws.push_back(anchor.error().detail);
  const auto held_against = anchor.has_value() ? *anchor : std::nullopt;
  auto logs = check_logs(options.folder, names, WantedOfLogs::every_row, held_against);
  auto opened = ReadOnlyDatabase::open(options, families, logs.has_value() && logs->has_damaged_tail);
  if (opened.has_error()) {
    if (opened.error().code != core::Errc::corrupt) return opened.error();
    // A damaged file of rows does not keep the log from being read.
    state->flaws.push_back(opened.error().detail);
    state->has_rows = false;
    logs = check_logs(options.folder, {rocksdb::kDefaultColumnFamilyName, std::string{name_of(Family::log)}},
                      WantedOfLogs::every_event, held_against);
    opened = ReadOnlyDatabase::open(options, truth(), logs.has_value() && logs->has_damaged_tail);
  }
  if (logs.has_error()) {
    if (logs.error().code != core::Errc::corrupt) return logs.error();
    // What names the first missing event comes first.
    state->flaws.insert(state->flaws.begin(), logs.error().detail);
  }
  if (opened.has_error()) return core::fail(opened.error().code, state->flaws.front());
  if (logs.has_value() && anchor.has_value()) {
    const auto is_its = check_is_anchor_of(logs->anchored, *anchor, options.anchor.get());
    if (is_its.has_error()) state->flaws.push_back(is_its.error().detail);
  }
  state->database = std::move(*opened);
  state->database->hold(std::move(lock));
  if (!state->database->has(Family::log) || !state->database->has(Family::meta)) {
    return core::fail(core::Errc::corrupt, options.folder + " holds no log");
  }
  if (options.admit) {
    const auto admitted = options.admit(*state->database);
    if (admitted.has_error() && admitted.error().code != core::Errc::corrupt) return admitted.error();
    if (admitted.has_error()) state->flaws.push_back(admitted.error().detail);
  }
  if (state->has_rows) {
    const auto has_all = choose_generations(*state->database);
    if (has_all.has_error()) state->flaws.push_back(has_all.error().detail);
    state->has_rows = has_all.has_value() && *has_all;
  }
  return LedgerInspection{std::move(state)};
}

const Reader& LedgerInspection::reader() const { return *state_->database; }
bool LedgerInspection::has_rows() const { return state_->has_rows; }
const std::vector<std::string>& LedgerInspection::flaws() const { return state_->flaws; }

ScratchStore::ScratchStore(std::unique_ptr<Store> store, std::string folder)
    : store_(std::move(store)), folder_(std::move(folder)) {}

ScratchStore::~ScratchStore() {
  store_.reset();
  // What stays is removed by the next opening of the ledger.
  std::error_code error;
  std::filesystem::remove_all(folder_, error);
}

core::Result<std::unique_ptr<ScratchStore>> LedgerInspection::make_scratch() const {
  const std::string folder = scratch_folder_of(state_->folder);
  RocksOptions options;
  options.folder = folder + "/rows";
  TALLY_TRY_ASSIGN(auto store, open_rocks_store(options));
  return std::make_unique<ScratchStore>(std::move(store), folder);
}

LedgerInspection::Files LedgerInspection::check_files(
    const std::function<void(std::uint64_t bytes, std::uint64_t bytes_total)>& tell) const {
  std::vector<rocksdb::LiveFileMetaData> files;
  state_->database->database().GetLiveFilesMetaData(&files);
  std::uint64_t total = 0;
  for (const rocksdb::LiveFileMetaData& file : files) total += file.size;
  const auto factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  Files checked;
  for (const rocksdb::LiveFileMetaData& file : files) {
    const auto sum = factory->CreateFileChecksumGenerator({file.name, file.file_checksum_func_name});
    if (sum == nullptr || file.file_checksum_func_name != sum->Name()) {
      ++checked.without_sum;
    } else {
      ++checked.checked;
      std::string flaw = flaw_of(state_->folder + file.name, file, *sum);
      if (!flaw.empty()) checked.damaged.push_back(std::move(flaw));
    }
    checked.bytes += file.size;
    if (tell) tell(checked.bytes, total);
  }
  return checked;
}

}  // namespace tally::events
