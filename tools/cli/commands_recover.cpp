#include <string>
#include <utility>

#include "events/log/log.hpp"
#include "http/server/json_writer.hpp"
#include "tools/cli/commands.hpp"
#include "tools/cli/data_folder.hpp"
#include "tools/cli/table.hpp"

/// A ledger of which something is lost for good: for whoever has the data folder, without a server.
namespace tally::tools {
namespace {

struct RecoverOptions {
  FolderChoice folder;
  bool accept_loss = false;
};

/// What was lost, and what is left.
struct Recovered {
  std::string missing;  ///< Empty: nothing.
  std::uint64_t events = 0;
};

std::string json_of(const Recovered& recovered) {
  std::string text;
  http::JsonWriter json{text};
  json.begin_object().member("accepted", !recovered.missing.empty()).member("events", recovered.events);
  if (!recovered.missing.empty()) json.member("missing", recovered.missing);
  json.end_object();
  return text + "\n";
}

std::string text_of(const Recovered& recovered) {
  const std::string holds = "The ledger holds " + std::to_string(recovered.events) + " events";
  if (recovered.missing.empty()) return holds + ", and nothing of it is missing: nothing was accepted.\n";
  return "What was found:\n  " + printable(recovered.missing) + "\n" + holds +
         ", and is anchored as it is: what is not in it is given up. Stopped tokens may be alive again.\n";
}

core::Result<std::uint64_t> count_events(const events::Store& store) {
  TALLY_TRY_ASSIGN(const auto head, events::load_head(store));
  return head.tree.size();
}

Attempt<void> run_recover(Context& context, const RecoverOptions& options) {
  Recovered recovered;
  auto store = open_ledger(options.folder, LedgerUse::upgrade);
  if (store.has_error()) {
    if (store.error().exit != Exit::damaged || !options.accept_loss) return store.error();
    recovered.missing = store.error().message;
    store = open_ledger(options.folder, LedgerUse::upgrade, Loss::accepted);
    if (store.has_error()) return store.error();
  }
  const auto events = count_events(**store);
  if (events.has_error()) return failure_of(events.error());
  recovered.events = *events;
  context.print(context.json() ? json_of(recovered) : text_of(recovered));
  return {};
}

}  // namespace

void add_recover_command(CommandSpec& root) {
  auto recover = add_command<RecoverOptions>(
      root, "recover",
      "go on with a ledger of which something is lost for good, in the data folder of a stopped server",
      "  tally recover --data-dir /var/lib/tally\n"
      "  tally recover --accept-loss --data-dir /var/lib/tally\n"
      "\nWithout --accept-loss it says what is missing, with exit 5, and changes nothing. Put back what is missing, "
      "if\n"
      "there is any way to. With it, the ledger is what is there: a write-ahead log that ends in what can not be read\n"
      "ends before it, and the ledger is anchored anew. Acknowledged events, and what they stopped, are gone then.\n",
      run_recover);
  add_folder_options(recover.spec, recover.options.folder);
  recover.option("--accept-loss", recover.options.accept_loss, "give up what is missing");
}

}  // namespace tally::tools
