#include "tools/bench/evidence_benchmark.hpp"

#include <chrono>
#include <ctime>
#include <utility>

#include "core/crypto/system_random.hpp"
#include "events/ledger/ledger.hpp"
#include "events/ledger/start_check.hpp"
#include "events/log/keys.hpp"
#include "events/log/log.hpp"
#include "events/log/meta_rows.hpp"
#include "events/log/storage_marks.hpp"
#include "events/log/tiles.hpp"
#include "events/log/tree_proof.hpp"
#include "events/rocks/rocks_inspection.hpp"
#include "events/rocks/rocks_look.hpp"
#include "events/rocks/rocks_store.hpp"
#include "projections/rebuild/tile_upgrade.hpp"
#include "projections/verify/verify_log.hpp"
#include "tools/bench/synthetic_ledger.hpp"

namespace tally::tools {
namespace {

constexpr std::uint64_t kRefreshesOfEach = 4;
constexpr std::size_t kCopiedBytes = 4 << 20;
constexpr double kStartChecksMilliseconds = 100;
constexpr double kVerifiedPerSecond = 1'000'000;
constexpr double kUpgradedPerSecond = 300'000;

class Stopwatch {
 public:
  /// Since it was made, or asked before.
  double seconds() {
    processor_before_ = std::exchange(processor_begin_, std::clock());
    const auto before = std::exchange(begin_, std::chrono::steady_clock::now());
    return std::chrono::duration<double>(begin_ - before).count();
  }
  /// What all threads used in what seconds() told last: on a machine with other work it says more than the rate.
  [[nodiscard]] double processor_micros() const {
    return static_cast<double>(processor_begin_ - processor_before_) * 1e6 / CLOCKS_PER_SEC;
  }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  std::clock_t processor_begin_ = std::clock();
  std::clock_t processor_before_ = 0;
};

/// As a server has it.
events::RocksOptions options_of(const std::string& folder) {
  events::RocksOptions options;
  options.folder = folder;
  options.now = [] { return std::chrono::floor<core::Duration>(std::chrono::system_clock::now()); };
  options.anchor = std::make_shared<events::AnchorFile>(folder + ".anchor");
  options.admit = [](const events::Reader& meta) -> core::Result<void> {
    TALLY_TRY(events::storage_age(meta, {}));
    return {};
  };
  return options;
}

/// A ledger with tiles and no rows, closed. Gives what was committed to at nine tenths of it.
core::Result<core::Commitment> make_ledger(const std::string& folder, std::uint64_t events) {
  TALLY_TRY_ASSIGN(auto store, events::open_rocks_store(options_of(folder)));
  core::crypto::SystemRandom random;
  core::CommandContext context;
  context.at = core::timestamp_of_micros(1'789'999'999'000'000);
  TALLY_TRY(events::start_ledger(*store, {}, context, random));
  SyntheticShape shape;
  shape.refreshes_per_token = kRefreshesOfEach;
  shape.tokens = events / (1 + kRefreshesOfEach);
  TALLY_TRY(append_synthetic_ledger(*store, {}, shape, {}));
  TALLY_TRY_ASSIGN(const auto head, events::load_head(*store));
  events::Tiles tiles{*store, head.tree.size()};
  TALLY_TRY_ASSIGN(const auto signed_tree, events::range_at(tiles, head.tree.size() / 10 * 9));
  return core::Commitment{"checkpoint", {signed_tree.size(), signed_tree.root()}};
}

/// What a start does before it writes: the openings, and what is looked at beside them.
core::Result<void> time_start(const std::string& folder, const core::Commitment& checkpoint, Report& report) {
  Stopwatch clock;
  TALLY_TRY(events::look_before_open(options_of(folder)));
  const double looked = clock.seconds();
  TALLY_TRY_ASSIGN(const auto store, events::open_rocks_store(options_of(folder)));
  const double opened = clock.seconds();
  core::crypto::SystemRandom random;
  TALLY_TRY_ASSIGN(const auto head, events::load_head(*store));
  TALLY_TRY(events::check_at_start(*store, head, random));
  events::Tiles tiles{*store, head.tree.size()};
  TALLY_TRY_ASSIGN(const auto beginning, events::range_at(tiles, checkpoint.tree.size));
  const double checked = clock.seconds();
  if (beginning.root() != checkpoint.tree.root) return core::fail(core::Errc::internal, "the start finds another root");
  const auto add = [&](const char* name, double seconds, std::optional<double> goal) {
    report.figures.push_back({name, seconds * 1'000, "ms", goal, Figure::Goal::at_most});
  };
  add("start: look at the storage version", looked, {});
  add("start: log check and opening, after an orderly stop", opened, {});
  add("start: checks beside the openings", checked, kStartChecksMilliseconds);
  return {};
}

core::Result<void> time_verification(const std::string& folder, const core::Commitment& checkpoint, Report& report) {
  TALLY_TRY_ASSIGN(const auto ledger, events::LedgerInspection::open(options_of(folder)));
  Stopwatch clock;
  const auto files = ledger.check_files({});
  const double summed = clock.seconds();
  projections::Findings findings;
  TALLY_TRY_ASSIGN(const auto verified,
                   projections::verify_log(ledger.reader(), std::span{&checkpoint, 1}, findings, {}));
  const double walked = clock.seconds();
  if (findings.count() > 0 || !files.damaged.empty() || !verified.agrees.front()) {
    return core::fail(core::Errc::internal, "a good ledger does not verify");
  }
  const auto events = static_cast<double>(verified.walked.events);
  const double processor = clock.processor_micros() / events;
  report.figures.push_back({"verification of the log", events / walked, "events/s", kVerifiedPerSecond});
  report.figures.push_back({"verification of the log, processor time", processor, "us/event", {}});
  report.figures.push_back({"verification of files and log", events / (summed + walked), "events/s", {}});
  return {};
}

/// Rows of `family` to `into`, changed by `change`, which says nothing of those that are left out.
template <class Change>
core::Result<void> copy_rows(const events::Reader& from, events::Family family, events::Store& into,
                             const Change& change) {
  const auto batch = into.new_batch();
  events::ScanRange everything;
  everything.purpose = events::ScanRange::Purpose::replay;
  const auto cursor = from.scan(family, everything);
  for (; cursor->valid(); cursor->next()) {
    const std::optional<std::string_view> value = change(cursor->key(), cursor->value());
    if (value) batch->put(family, cursor->key(), *value);
    if (batch->bytes() >= kCopiedBytes) TALLY_TRY(into.commit(*batch, events::Durability::buffered));
  }
  TALLY_TRY(cursor->status());
  return into.commit(*batch, events::Durability::synced);
}

/// The log as a release without tiles has left it: sizes of workspaces without their trees, and none of the nil one.
core::Result<void> make_old(const events::Reader& from, events::Store& into) {
  TALLY_TRY(copy_rows(from, events::Family::log, into,
                      [](std::string_view, std::string_view value) { return std::optional{value}; }));
  const std::string nil = events::workspace_row(events::kWorkspaceSizePrefix, {});
  TALLY_TRY(copy_rows(from, events::Family::meta, into,
                      [&](std::string_view key, std::string_view value) -> std::optional<std::string_view> {
                        if (key == events::kHeadRow) return value;
                        if (!key.starts_with(events::kWorkspaceSizePrefix) || key == nil) return std::nullopt;
                        return value.substr(0, sizeof(std::uint64_t));
                      }));
  const auto batch = into.new_batch();
  const events::MetaRow mark = events::storage_mark(events::kStorageVersionOfTiles - 1);
  batch->put(events::Family::meta, mark.name, mark.value);
  return into.commit(*batch, events::Durability::synced);
}

core::Result<void> time_upgrade(const std::string& folder, const std::string& old_folder, Report& report) {
  {
    TALLY_TRY_ASSIGN(const auto store, events::open_rocks_store(options_of(folder)));
    TALLY_TRY_ASSIGN(const auto old, events::open_rocks_store(options_of(old_folder)));
    TALLY_TRY(make_old(*store, *old));
  }
  TALLY_TRY_ASSIGN(const auto old, events::open_rocks_store(options_of(old_folder)));
  Stopwatch clock;
  TALLY_TRY_ASSIGN(const std::uint64_t events, projections::make_tiles(*old, {}));
  const double rate = static_cast<double>(events) / clock.seconds();
  const double processor = clock.processor_micros() / static_cast<double>(events);
  report.figures.push_back({"upgrade of the storage: making tiles", rate, "events/s", kUpgradedPerSecond});
  report.figures.push_back({"upgrade of the storage, processor time", processor, "us/event", {}});
  return {};
}

}  // namespace

core::Result<void> benchmark_evidence(const BenchmarkOptions& options, const std::string& folder,
                                      const std::function<void(const std::string&)>& tell, Report& report) {
  const std::string ledger = folder + "/evidence";
  tell("appending " + std::to_string(options.events) + " events to be verified");
  TALLY_TRY_ASSIGN(const auto checkpoint, make_ledger(ledger, options.events));
  report.figures.push_back({"events of the ledger that is verified", static_cast<double>(options.events), "", {}});
  tell("starting it");
  TALLY_TRY(time_start(ledger, checkpoint, report));
  tell("verifying it");
  TALLY_TRY(time_verification(ledger, checkpoint, report));
  tell("making the tiles of its log");
  return time_upgrade(ledger, folder + "/evidence-without-tiles", report);
}

}  // namespace tally::tools
