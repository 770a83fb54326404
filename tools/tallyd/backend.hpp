#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "core/base/result.hpp"
#include "core/crypto/system_random.hpp"
#include "events/ledger/sequencer.hpp"
#include "events/log/log.hpp"
#include "events/log/storage_marks.hpp"
#include "events/rocks/anchor_file.hpp"
#include "events/store/store.hpp"
#include "http/server/clock.hpp"
#include "http/server/random_pool.hpp"
#include "projections/commands/command_service.hpp"
#include "projections/commands/idempotency.hpp"
#include "projections/fold/projections.hpp"
#include "projections/queries/audit_queries.hpp"
#include "projections/queries/key_queries.hpp"
#include "projections/queries/offboarding_queries.hpp"
#include "projections/queries/people_queries.hpp"
#include "projections/queries/token_queries.hpp"
#include "projections/queries/workspace_queries.hpp"
#include "projections/rebuild/rebuild.hpp"
#include "tools/keyring/key_ring.hpp"
#include "tools/keyring/open_master_key.hpp"
#include "tools/tallyd/clock_watch.hpp"
#include "tools/tallyd/expiry_clock.hpp"
#include "tools/tallyd/log.hpp"
#include "tools/tallyd/settings.hpp"
#include "tools/tallyd/signed_ledger.hpp"

namespace tally::tools {

/// The anchor of the folder's ledger; told in the log when it begins to fail, and when it is well again. Lifetime: the
/// log outlives it.
std::shared_ptr<events::AnchorFile> make_anchor(const Settings& settings, Log& log);

/// Opens or creates the folder's ledger, and holds the folder. `tables_open_max`: files of rows that are kept open.
/// Errors: locked, unknown_event (a later release's), conflict (an earlier storage version, and nobody has asked to
/// upgrade it), corrupt, io_failed, no_space.
core::Result<std::unique_ptr<events::Store>> open_store(const Settings& settings,
                                                        std::shared_ptr<events::AnchorFile> anchor,
                                                        std::size_t tables_open_max, const ExpiryClock& expiry,
                                                        Log& log);

/// Where the settings say that the master key is.
MasterKeyChoice master_key_choice(const Settings& settings);

/// The wrapped secrets of the data folder.
struct Secrets {
  /// Makes a master key at the first start. Once the folder is held: two processes would make two. Errors:
  /// bad_configuration (the master key; the detail begins with the setting's name), io_failed, no_space.
  static core::Result<std::unique_ptr<Secrets>> open(const Settings& settings);
  /// `drawn` is the one that `master_key` draws from.
  Secrets(std::unique_ptr<core::crypto::SystemRandom> drawn, std::string folder, std::unique_ptr<MasterKey> master_key)
      : random(std::move(drawn)), ring(std::move(folder), std::move(master_key), *random) {}

  const std::unique_ptr<core::crypto::SystemRandom> random;
  KeyRing ring;
};

/// Who looks on while the ledger of another release is brought up to date. Either may be empty.
struct Onlooker {
  std::function<void(const projections::RebuildProgress&)> tell = {};
  std::function<bool()> is_to_end = {};  ///< Asked again and again; true gives it up.
};

/// The ledger and what reads it, open for writing: everything below the edge. Members stand in the order of their
/// dependencies, so they go in reverse: the writer ends before what it writes to.
struct Backend {
  /// What is there before the first event is appended; what it says is said of a ledger that is left as it was.
  struct Unstarted {
    events::Store& store;
    const events::LedgerHead& head;
    events::ProjectionList projections;
  };
  using Admission = std::function<core::Result<void>(const Unstarted&)>;

  /// Starts the ledger and its writer, if `signed_ledger` says that it is the one that was signed, and `admit`, if
  /// there is one, agrees; a ledger of another release is brought up to date before, which may take minutes and is told
  /// in `log`. A clock that is in doubt is told, too, and keeps the writer from taking commands, not the ledger from
  /// being opened. Lifetime: the log outlives it. Errors: corrupt, unknown_event, io_failed, no_space, stopping (the
  /// onlooker's word), and those of `admit`.
  static core::Result<std::unique_ptr<Backend>> open(std::unique_ptr<events::Store> store,
                                                     const SignedLedger& signed_ledger, events::SequencerOptions writer,
                                                     Log& log, const Admission& admit = {},
                                                     const Onlooker& onlooker = {});

  Backend(std::unique_ptr<events::Store> opened, std::unique_ptr<projections::InlineProjections> made,
          events::LedgerHead head, events::SequencerOptions writer, Log& log);

  http::SystemClock clock;
  core::crypto::SystemRandom system_random;
  http::RandomPool random{system_random};  ///< For what one request needs; keys come from Secrets::random.
  std::unique_ptr<events::Store> store;
  std::unique_ptr<projections::InlineProjections> projections;
  ClockWatch clock_watch;
  events::Sequencer sequencer;
  projections::CommandService commands;
  projections::TokenQueries tokens;
  projections::WorkspaceQueries workspaces;
  projections::PeopleQueries people;
  projections::AuditQueries audit;
  projections::IdempotencyQueries kept_answers;
  projections::KeyQueries keys;
  projections::OffboardingQueries offboarding;
};

}  // namespace tally::tools
