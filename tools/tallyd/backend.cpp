#include "tools/tallyd/backend.hpp"

#include <utility>

#include "events/ledger/ledger.hpp"
#include "projections/rebuild/rebuild.hpp"
#include "tools/base/private_file.hpp"
#include "tools/folder/ledger_folder.hpp"
#include "tools/tallyd/first_start.hpp"

namespace tally::tools {

namespace {

/// The same, with every command held against the clock.
events::SequencerOptions watched(events::SequencerOptions writer, ClockWatch& watch) {
  writer.admit = [&watch](core::Timestamp reading, core::Timestamp newest) { return watch.admit(reading, newest); };
  return writer;
}

}  // namespace

Backend::Backend(std::unique_ptr<events::Store> opened, std::unique_ptr<projections::InlineProjections> made,
                 events::LedgerHead head, events::SequencerOptions writer, Log& log)
    : store(std::move(opened)),
      projections(std::move(made)),
      clock_watch(clock, log, {head.last_recorded_at, head.correction && !head.correction->is_completed}),
      sequencer(*store, std::move(head), projections->all(), watched(std::move(writer), clock_watch)),
      commands(sequencer),
      tokens(*store),
      workspaces(*store),
      people(*store),
      audit(*store),
      kept_answers(*store),
      keys(*store),
      offboarding(*store) {}

namespace {

constexpr std::chrono::seconds kProgressInterval{5};
/// Thousands of stops, and what RocksDB writes at a start.
constexpr std::uint64_t kReserveBytes = 32 << 20;

std::string joined(const std::vector<std::string_view>& names) {
  std::string text;
  for (const std::string_view name : names) text.append(text.empty() ? "" : " ").append(name);
  return text;
}

std::string_view beginning_of(std::string_view making) {
  if (making == "tiles") return "the ledger is of an earlier storage version: its tiles are made from the log";
  return "the rows are another release's: they are made anew from the log";
}

/// projections::bring_up_to_date(), told in the log while it works.
core::Result<void> bring_up_to_date(events::Store& store, events::ProjectionList projections, Log& log,
                                    const Onlooker& onlooker) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point started = Clock::now();
  Clock::time_point told = started;
  std::string_view making;
  const auto tell = [&](const projections::RebuildProgress& progress) {
    if (onlooker.tell) onlooker.tell(progress);
    const bool is_begin = std::exchange(making, progress.making) != progress.making;
    if (!is_begin && Clock::now() - told < kProgressInterval) return;
    told = Clock::now();
    log.info(is_begin ? beginning_of(making) : "making " + std::string{making},
             {{"events_done", static_cast<std::int64_t>(progress.events_done)},
              {"events_total", static_cast<std::int64_t>(progress.events_total)}});
  };
  TALLY_TRY_ASSIGN(const auto report, projections::bring_up_to_date(store, projections, tell, onlooker.is_to_end));
  const auto names = report.names();
  if (names.empty()) return {};
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - started);
  log.info("the rows are this release's now", {{"made", joined(names)},
                                               {"events", static_cast<std::int64_t>(report.events)},
                                               {"milliseconds", static_cast<std::int64_t>(took.count())}});
  return {};
}

}  // namespace

std::shared_ptr<events::AnchorFile> make_anchor(const Settings& settings, Log& log) {
  const auto tell = [&log](const core::Error* error) {
    if (error == nullptr) return log.info("the ledger is anchored again");
    log.error("the ledger could not be anchored: what is lost of it now may not be found missing",
              {{"code", core::name_of(error->code)}, {"detail", error->detail}});
  };
  return std::make_shared<events::AnchorFile>(anchor_path({settings.data_dir, settings.anchor_file}), settings.anchor,
                                              tell);
}

core::Result<std::unique_ptr<events::Store>> open_store(const Settings& settings,
                                                        std::shared_ptr<events::AnchorFile> anchor,
                                                        std::size_t tables_open_max, const ExpiryClock& expiry,
                                                        Log& log) {
  events::RocksOptions options;
  options.block_cache_bytes = settings.block_cache_mebibytes << 20;
  options.tables_open_max = tables_open_max;
  options.now = [&expiry] { return expiry.now(); };
  options.room.reserve = kReserveBytes;
  options.on_damage = [&log](const std::string& words) {
    log.error("a file of rows is damaged: stop the server and run tally replay", {{"detail", words}});
  };
  options.anchor = std::move(anchor);
  const LedgerUse use = settings.upgrades_storage ? LedgerUse::upgrade_storage : LedgerUse::upgrade;
  return open_ledger_folder({settings.data_dir, settings.anchor_file}, use, std::move(options));
}

core::Result<std::unique_ptr<Backend>> Backend::open(std::unique_ptr<events::Store> store,
                                                     const SignedLedger& signed_ledger, events::SequencerOptions writer,
                                                     Log& log, const Admission& admit, const Onlooker& onlooker) {
  const http::SystemClock clock;
  core::crypto::SystemRandom random;
  auto projections = std::make_unique<projections::InlineProjections>();
  const auto prepare = [&](const events::LedgerHead& head) -> core::Result<void> {
    const core::TreeHead found{head.tree.size(), head.tree.root()};
    TALLY_TRY_ASSIGN(const bool had_tiles, events::has_tiles(*store));
    TALLY_TRY(signed_ledger.check(found, *store));
    TALLY_TRY(bring_up_to_date(*store, projections->all(), log, onlooker));
    // Only now can it be asked for the root of its beginning.
    if (!had_tiles) TALLY_TRY(signed_ledger.check(found, *store));
    return admit ? admit({*store, head, projections->all()}) : core::Result<void>{};
  };
  TALLY_TRY_ASSIGN(events::LedgerHead head,
                   events::start_ledger(*store, projections->all(), system_context(clock, random), random, prepare));
  return std::make_unique<Backend>(std::move(store), std::move(projections), std::move(head), std::move(writer), log);
}

MasterKeyChoice master_key_choice(const Settings& settings) {
  return {settings.data_dir + "/keys", settings.master_key_file, settings.credentials_dir, settings.pkcs11_module,
          settings.pkcs11_token,       settings.pkcs11_key,      settings.pkcs11_pin_file};
}

core::Result<std::unique_ptr<Secrets>> Secrets::open(const Settings& settings) {
  const std::string folder = settings.data_dir + "/keys";
  TALLY_TRY(make_private_folder(folder));
  auto random = std::make_unique<core::crypto::SystemRandom>();
  TALLY_TRY_ASSIGN(auto master_key, open_master_key(master_key_choice(settings), *random));
  return std::make_unique<Secrets>(std::move(random), folder, std::move(master_key));
}

}  // namespace tally::tools
