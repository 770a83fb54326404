#include <string>
#include <utility>

#include "http/server/json_writer.hpp"
#include "tools/cli/commands.hpp"
#include "tools/cli/data_folder.hpp"
#include "tools/cli/master_key_options.hpp"
#include "tools/cli/recover_ledger.hpp"
#include "tools/cli/table.hpp"

/// A ledger of which something is lost for good: for whoever has the data folder, without a server.
namespace tally::tools {
namespace {

std::string json_of(const Recovery& recovery) {
  std::string text;
  http::JsonWriter json{text};
  json.begin_object().member("accepted", recovery.done.has_value()).member("events", recovery.events);
  if (recovery.done) {
    json.member("missing", recovery.missing).member("known_events", recovery.done->fork.known_size);
    json.member("fork", std::uint64_t{recovery.done->fork.number});
    if (!recovery.done->fork.old_key.empty()) json.member("old_key", recovery.done->fork.old_key);
    if (!recovery.key_file.empty()) json.member("old_key_file", recovery.key_file);
  }
  json.end_object();
  return text + "\n";
}

std::string text_of(const Recovery& recovery) {
  const std::string holds = "The ledger holds " + std::to_string(recovery.events) + " events";
  if (!recovery.done) return holds + ", and nothing of it is missing: nothing was accepted.\n";
  std::string text = "What was found:\n  " + printable(recovery.missing) + "\n" + holds +
                     ", and goes on from them; a LedgerRecovered event says so. What is not in it is given up: stopped "
                     "tokens may be alive again.\n";
  const core::Fork& fork = recovery.done->fork;
  if (fork.number == 0) return text + "Nothing that was signed is contradicted: the key and the checkpoint stay.\n";
  text += "What was signed must not be contradicted under the same key, so the key is now\n  " +
          printable(recovery.key_file) +
          "\nwith its checkpoint beside it. The next start makes a new one, and the ledger's name ends in /r" +
          std::to_string(fork.number) + " then.\nTell those who keep the old one.\n";
  if (!fork.old_key.empty()) text += "The old one: " + printable(fork.old_key) + "\n";
  return text;
}

Attempt<void> run_recover(Context& context, const RecoverRequest& request) {
  TALLY_TRY_ASSIGN(const Recovery recovery, recover_ledger_folder(context, request));
  context.print(context.json() ? json_of(recovery) : text_of(recovery));
  return {};
}

}  // namespace

void add_recover_command(CommandSpec& root) {
  auto recover = add_command<RecoverRequest>(
      root, "recover",
      "go on with a ledger of which something is lost for good, in the data folder of a stopped server",
      "  tally recover --data-dir /var/lib/tally\n"
      "  tally recover --accept-loss --data-dir /var/lib/tally\n"
      "\nWithout --accept-loss it says what is missing, with exit 5, and changes nothing. Copy the folder, and put "
      "back\n"
      "what is missing, if there is any way to. With it, the ledger goes on from what is there: a write-ahead log "
      "that\n"
      "ends in what can not be read ends before it, an event says what was found and what had been there, all rows "
      "are\n"
      "made anew, and where what was signed is not contained in it, its key goes to keys/former and the next start\n"
      "makes another. Acknowledged events, and what they stopped, are gone then.\n",
      run_recover);
  add_folder_options(recover.spec, recover.options.folder);
  recover.option("--accept-loss", recover.options.accept_loss, "give up what is missing");
  add_master_key_options(recover.spec, recover.options.master_key, "", "the");
}

}  // namespace tally::tools
