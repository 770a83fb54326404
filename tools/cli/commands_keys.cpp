#include <boost/json/object.hpp>

#include "core/crypto/system_random.hpp"
#include "tools/cli/commands.hpp"
#include "tools/cli/data_folder.hpp"
#include "tools/cli/json_text.hpp"
#include "tools/cli/master_key_options.hpp"
#include "tools/cli/times.hpp"
#include "tools/keyring/key_ring.hpp"
#include "tools/keyring/open_master_key.hpp"

namespace tally::tools {
namespace {

struct NoKeyOptions {};
struct RotateOptions {
  bool now = false;
};
struct RetireOptions {
  std::string key;
  bool force = false;
};
struct RewrapOptions {
  FolderChoice folder;
  MasterKeyChoice from;
  MasterKeyChoice to;
};

Table table_of(Context& context, const boost::json::array& keys) {
  Table table;
  table.column("KEY").column("ALGORITHM").column("STATUS").column("SIGNS FROM").column("TOKENS END").column("RETIRED");
  for (const boost::json::value& key : keys) {
    const auto time = [&](const char* member) { return shown_time(text_at(key, {member}), context.now()); };
    table.row({text_at(key, {"id"}), text_at(key, {"algorithm"}), text_at(key, {"status"}), time("activates_at"),
               time("tokens_end_at"), time("retired_at")});
  }
  return table;
}

Attempt<void> run_list_keys(Context& context, const NoKeyOptions&) {
  TALLY_TRY_ASSIGN(Api * server, context.api());
  TALLY_TRY_ASSIGN(const ApiAnswer answer, server->get("/v1/keys"));
  if (context.json()) {
    context.print_json(answer);
  } else {
    context.print(table_of(context, items_at(answer.json, {"items"})), "No keys.");
  }
  return {};
}

Attempt<void> run_rotate(Context& context, const RotateOptions& options) {
  TALLY_TRY_ASSIGN(Api * server, context.api());
  const boost::json::object body{{"activate", options.now ? "now" : "after_lead"}};
  TALLY_TRY_ASSIGN(const ApiAnswer answer, server->post("/v1/keys:rotate", body));
  if (context.json()) {
    context.print_json(answer);
  } else {
    context.print(table_of(context, {answer.json}), "");
  }
  return {};
}

Attempt<void> run_retire(Context& context, const RetireOptions& options) {
  TALLY_TRY_ASSIGN(Api * server, context.api());
  const boost::json::object body{{"access", options.force ? "revoke" : "keep"}};
  TALLY_TRY_ASSIGN(const ApiAnswer answer, server->post("/v1/keys/" + percent_encoded(options.key) + ":retire", body));
  if (context.json()) {
    context.print_json(answer);
  } else {
    context.print(table_of(context, {answer.json}), "");
  }
  return {};
}

Attempt<void> run_rewrap(Context& context, const RewrapOptions& options) {
  // Held while the keys change: no server may read or make one meanwhile.
  TALLY_TRY_ASSIGN(const auto ledger, open_ledger(options.folder));
  core::crypto::SystemRandom random;
  MasterKeyChoice from = options.from;
  MasterKeyChoice to = options.to;
  from.folder = to.folder = options.folder.data_dir + "/keys";
  auto old_key = open_existing_master_key(from, random);
  if (old_key.has_error()) return failure_of_keys(old_key.error());
  auto new_key = open_existing_master_key(to, random);
  if (new_key.has_error()) return failure_of_keys(new_key.error());
  const auto changed = rewrap(from.folder, **old_key, **new_key);
  if (changed.has_error()) return failure_of_keys(changed.error());
  context.print(context.json() ? "{\"rewrapped\":" + std::to_string(*changed) + "}\n"
                               : std::to_string(*changed) + " keys are wrapped by the new master key now (" +
                                     (*new_key)->name() + ").\n");
  return {};
}

void add_rewrap_command(CommandSpec& keys) {
  auto rewrap = add_command<RewrapOptions>(
      keys, "rewrap", "wrap the private keys of a data folder by another master key; no server may run on it",
      "  tally keys rewrap --data-dir /var/lib/tally --new-master-key-file /etc/tally/master.key\n"
      "\nA master key is 32 random bytes in base64: (umask 077; openssl rand -base64 32 > /etc/tally/master.key)\n"
      "The old one is DIR/keys/master.key unless it is given. A run that was interrupted is finished by another.\n",
      run_rewrap);
  add_folder_options(rewrap.spec, rewrap.options.folder);
  add_master_key_options(rewrap.spec, rewrap.options.from, "", "the old");
  add_master_key_options(rewrap.spec, rewrap.options.to, "new-", "the new");
}

}  // namespace

void add_keys_commands(CommandSpec& root) {
  CommandSpec& keys = add_group(root, "keys", "signing keys: list, rotate, retire, rewrap (operator)");
  add_command<NoKeyOptions>(keys, "list", "every signing key, and what it does now", "  tally keys list\n",
                            run_list_keys);
  auto rotate =
      add_command<RotateOptions>(keys, "rotate", "add a key that takes over when everybody has had time to learn of it",
                                 "  tally keys rotate\n  tally keys rotate --now\n", run_rotate);
  rotate.option("--now", rotate.options.now,
                "it signs at once: whoever has cached the key set refuses its tokens for a while");
  auto retire = add_command<RetireOptions>(
      keys, "retire", "accept nothing more that a key has signed",
      "  tally keys retire kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k\n"
      "  tally keys rotate --now && tally keys retire --force -- -PrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k\n"
      "\nAn id may begin with - and stands behind -- then.\n",
      run_retire);
  retire.option("key", retire.options.key, "its id, as tally keys list shows it").required().placeholder("KEY");
  retire.option("--force", retire.options.force, "even if access tokens of it are alive: they end here at once");
  add_rewrap_command(keys);
}

}  // namespace tally::tools
