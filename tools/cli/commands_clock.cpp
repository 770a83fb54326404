#include <string>
#include <utility>

#include "core/crypto/system_random.hpp"
#include "events/ledger/ledger.hpp"
#include "http/server/json_writer.hpp"
#include "projections/commands/clock_acceptance.hpp"
#include "projections/fold/projections.hpp"
#include "tools/cli/commands.hpp"
#include "tools/cli/data_folder.hpp"
#include "tools/cli/master_key_options.hpp"
#include "tools/cli/times.hpp"

/// A ledger whose time is wrong: for whoever has the data folder, without a server.
namespace tally::tools {
namespace {

struct AcceptOptions {
  FolderChoice folder;
  MasterKeyChoice master_key;
};

/// What was found before anything was changed, and what was done.
struct Accepted {
  core::Timestamp clock;
  core::Timestamp ledger_time;
  projections::AheadEvents ahead;
  std::optional<projections::AcceptedClock> done;  ///< Empty: nothing was to be done.
};

std::string json_of(const Accepted& accepted) {
  std::string text;
  http::JsonWriter json{text};
  json.begin_object().member("clock", accepted.clock).member("ledger_time", accepted.ledger_time);
  json.member("events_ahead", accepted.ahead.count);
  if (accepted.ahead.count > 0) json.member("first_ahead", accepted.ahead.first.value);
  const auto done = accepted.done.value_or(projections::AcceptedClock{});
  json.member("accepted", accepted.done.has_value()).member("tokens_disabled", done.tokens_disabled);
  json.member("keys_retired", done.keys_retired).member("rows_dropped", done.rows_dropped).end_object();
  return text + "\n";
}

std::string text_of(const Accepted& accepted) {
  std::string text = "The clock says          " + local_second(accepted.clock) + "\n" +  //
                     "The newest event is of  " + local_second(accepted.ledger_time) + " (" +
                     relative_to(accepted.ledger_time, accepted.clock) + ")\n";
  if (!accepted.done)
    return text + "No event is ahead of the clock: nothing is to be accepted, and nothing was changed.\n";
  if (accepted.ahead.count > 0) {
    text += std::to_string(accepted.ahead.count) + " events, from number " +
            std::to_string(accepted.ahead.first.value) +
            " on, are ahead of the clock. They stay as they are; the ledger's time goes on from the clock's.\n";
  } else {
    text += "An acceptance that was cut short is finished.\n";
  }
  text += std::to_string(accepted.done->tokens_disabled) +
          " tokens that were made meanwhile are disabled, and their access tokens are dead.\n";
  if (accepted.done->keys_retired > 0) {
    text += std::to_string(accepted.done->keys_retired) +
            " signing keys of meanwhile are retired: the one from before signs. Rotate it, if it was to be given up.\n";
  }
  return text;
}

/// A folder that nobody else has open, and what it says before anything is written to it.
struct Opened {
  std::unique_ptr<events::Store> store;
  events::LedgerHead head;
};

Attempt<Opened> open(const AcceptOptions& options) {
  Opened opened;
  TALLY_TRY_ASSIGN(opened.store, open_ledger(options.folder));
  auto head = events::load_head(*opened.store);
  if (head.has_error()) return failure_of(head.error());
  opened.head = std::move(*head);
  return opened;
}

/// Opens the ledger as a server would, and accepts. Errors: as start_ledger and accept_clock.
core::Result<std::optional<projections::AcceptedClock>> accept(Context& context, events::Store& store,
                                                               const SignedLedger& signed_ledger,
                                                               core::RandomSource& random) {
  const projections::InlineProjections projections;
  const auto contexts = [&] {
    core::CommandContext made;
    made.at = context.now();
    made.via = core::Via::cli;
    random.fill(made.entropy);
    return made;
  };
  const auto prepare = [&](const events::LedgerHead& head) {
    return signed_ledger.check({head.tree.size(), head.tree.root()}, store);
  };
  TALLY_TRY_ASSIGN(const auto started, events::start_ledger(store, projections.all(), contexts(), random, prepare));
  return projections::accept_clock(store, started, projections.all(), contexts);
}

Attempt<void> run_accept(Context& context, const AcceptOptions& options) {
  core::crypto::SystemRandom random;
  TALLY_TRY_ASSIGN(const Opened opened, open(options));
  TALLY_TRY_ASSIGN(const SignedLedger signed_ledger,
                   open_signed_ledger(options.folder.data_dir, options.master_key, random));
  Accepted accepted{context.now(), opened.head.last_recorded_at, {}, {}};
  auto ahead = projections::find_ahead(*opened.store, opened.head, accepted.clock);
  if (ahead.has_error()) return failure_of(ahead.error());
  accepted.ahead = *ahead;
  const bool is_cut_short = opened.head.correction && !opened.head.correction->is_completed;
  if (accepted.ahead.count > 0 || is_cut_short) {
    const auto done = accept(context, *opened.store, signed_ledger, random);
    if (done.has_error()) return failure_of(done.error());
    accepted.done = *done;
  }
  context.print(context.json() ? json_of(accepted) : text_of(accepted));
  return {};
}

}  // namespace

void add_clock_commands(CommandSpec& root) {
  CommandSpec& group = add_group(root, "clock", "a ledger whose time is ahead of a clock that is right: accept");
  auto accept = add_command<AcceptOptions>(
      group, "accept", "say that the clock is right, in the data folder of a stopped server",
      "  date && tally clock accept --data-dir /var/lib/tally\n"
      "\nFor a ledger that a clock which was ahead has written to: a server whose clock is more than a minute behind "
      "the\n"
      "newest event takes no command. Look at the clock first. The events stay as they are, and the ledger's time goes "
      "on\n"
      "from the clock's. Tokens that were made meanwhile are disabled, and their access tokens are dead; sessions of\n"
      "meanwhile have ended. All of it is in the ledger. What was cut short is finished by the next call.\n",
      run_accept);
  add_folder_options(accept.spec, accept.options.folder);
  add_master_key_options(accept.spec, accept.options.master_key, "", "the");
}

}  // namespace tally::tools
