#include <memory>
#include <optional>
#include <ostream>
#include <utility>

#include "core/crypto/password.hpp"
#include "core/crypto/system_random.hpp"
#include "core/identity/person_decider.hpp"
#include "http/server/json_writer.hpp"
#include "tools/base/operator_password.hpp"
#include "tools/base/private_file.hpp"
#include "tools/base/reset_file.hpp"
#include "tools/cli/commands.hpp"
#include "tools/cli/data_folder.hpp"
#include "tools/cli/master_key_options.hpp"
#include "tools/cli/output_file.hpp"
#include "tools/tallyd/recovery.hpp"

/// Operators whose password nobody knows: for whoever has the data folder, without a server.
namespace tally::tools {
namespace {

struct ResetOptions {
  std::string name;
  std::string password_file;
  FolderChoice folder;
  MasterKeyChoice master_key;
  bool create = false;
};
struct PrepareOptions {
  std::string name;
  std::string password_file;
  std::string out;
};

/// The name and the new password of an operator.
struct Account {
  std::string username;
  core::SecretText password;
  bool is_made_up = false;  ///< Then it must be shown.
};

Attempt<Account> read_account(const std::string& name, const std::string& password_file, core::RandomSource& random) {
  auto username = core::normalize_username(name);
  if (username.has_error()) return Failure{Exit::usage, "NAME: " + username.error().detail};
  if (password_file.empty()) return Account{std::move(*username), make_up_password(random), true};
  auto password = read_password_file("--password-file", password_file, Readers::owner_and_group);
  if (password.has_error()) return Failure{Exit::usage, password.error().detail};
  return Account{std::move(*username), std::move(*password), false};
}

/// Before anything is changed: a password that nobody has seen would lock everybody out. False: it can not be shown.
bool show_account(const Context& context, const Account& account, std::ostream& out) {
  if (!account.is_made_up) return true;
  if (context.json()) {
    std::string line;
    http::JsonWriter json{line};
    json.begin_object().member("username", account.username).member("password", account.password.reveal());
    json.end_object();
    out << line << std::endl;
    core::wipe(line.data(), line.size());
  } else {
    out << "The new password of " << account.username << ", shown only now: " << account.password.reveal() << std::endl;
  }
  return out.good();
}

Failure not_shown() { return {Exit::refused, "the new password can not be shown: nothing was changed"}; }

/// A person who is not there or gone is for whoever typed the name; anything else is the folder's.
Failure failure_of_reset(const core::Error& error, const std::string& username) {
  const bool is_about_person = error.code == core::Errc::not_found || error.code == core::Errc::conflict;
  if (is_about_person) return {Exit::refused, username + ": " + error.detail + "; nothing was changed"};
  return failure_of(error);
}

core::RecoverOperator command_of(const ResetOptions& options, const Account& account, Context& context,
                                 core::RandomSource& random) {
  core::RecoverOperator command;
  command.username = account.username;
  command.password_verifier = core::crypto::make_password_verifier(account.password.reveal(), random);
  command.unknown_person = options.create ? core::UnknownPerson::create : core::UnknownPerson::refuse;
  command.new_id = core::draw_id<core::UserId>(random, context.now());
  return command;
}

Attempt<void> run_reset(Context& context, const ResetOptions& options) {
  core::crypto::SystemRandom random;
  TALLY_TRY_ASSIGN(const Account account, read_account(options.name, options.password_file, random));
  TALLY_TRY_ASSIGN(auto store, open_ledger(options.folder));
  TALLY_TRY_ASSIGN(const SignedLedger signed_ledger,
                   open_signed_ledger(options.folder.data_dir, options.master_key, random));
  const core::RecoverOperator command = command_of(options, account, context, random);
  bool is_shown = true;
  const auto admit = [&](const Backend::Unstarted& ledger) -> core::Result<void> {
    TALLY_TRY(rehearse(ledger, command));
    is_shown = show_account(context, account, context.around().out);
    return is_shown ? core::Result<void>{} : core::fail(core::Errc::io_failed, "not shown");
  };
  Log log{LogLevel::off};
  auto backend = Backend::open(std::move(store), signed_ledger, {}, log, admit);
  if (!is_shown) return not_shown();
  if (backend.has_error()) return failure_of_reset(backend.error(), account.username);
  const auto outcome = recover(**backend, command);
  if (outcome.has_error()) return failure_of_reset(outcome.error(), account.username);
  if (!context.json()) {
    context.print(account.username + " has the new password" +
                  (outcome->person.standing == core::ServerStanding::break_glass
                       ? " and is a break-glass account; sessions of before have ended.\n"
                       : " and is an operator; sessions of before have ended.\n") +
                  "Start the server, then: tally login " + account.username + "\n");
  }
  return {};
}

Attempt<void> run_prepare(Context& context, const PrepareOptions& options) {
  core::crypto::SystemRandom random;
  TALLY_TRY_ASSIGN(const Account account, read_account(options.name, options.password_file, random));
  std::ostream& out = context.around().out;
  TALLY_TRY_ASSIGN(const auto made, OutputFile::open(options.out, out, OutputFile::Existing::refused));
  const ResetFile file{core::draw_id<core::EventId>(random, context.now()), account.username,
                       core::crypto::make_password_verifier(account.password.reveal(), random)};
  // Where the file goes to standard output nothing else does.
  std::ostream& beside = made->is_standard_output() ? context.around().err : out;
  if (!show_account(context, account, beside)) return not_shown();
  TALLY_TRY(made->write(file.text()));
  TALLY_TRY(made->keep());
  if (!context.json()) {
    beside << "The next start of tallyd with this file as DIR/operator-reset gives " << account.username
           << " that password, and removes the file.\n";
  }
  return {};
}

void add_account_options(CommandSpec& command, std::string& name, std::string& password_file) {
  command.option("name", name, "the person's username").required().placeholder("NAME");
  command
      .option("--password-file", password_file, "the new password, for nobody else to read (one is made up, and shown)")
      .placeholder("FILE");
}

}  // namespace

void add_operator_commands(CommandSpec& root) {
  CommandSpec& group = add_group(root, "operator", "a forgotten operator's password: reset, prepare-reset");
  auto reset = add_command<ResetOptions>(
      group, "reset", "give an operator's account back, in the data folder of a stopped server",
      "  tally operator reset operator --data-dir /var/lib/tally\n"
      "  tally operator reset ada --create --data-dir /var/lib/tally\n"
      "  tally operator reset ada --password-file /run/secrets/ada --data-dir /var/lib/tally\n"
      "\nRun it as the server's user. The person gets a new password and their sessions end; who is no operator\n"
      "becomes a break-glass account. A deactivated person is refused. All of it is in the ledger.\n",
      run_reset);
  add_account_options(reset.spec, reset.options.name, reset.options.password_file);
  reset.option("--create", reset.options.create, "make the person, if nobody has the name");
  add_folder_options(reset.spec, reset.options.folder);
  add_master_key_options(reset.spec, reset.options.master_key, "", "the");
  auto prepare = add_command<PrepareOptions>(
      group, "prepare-reset", "make a file that does the same at the server's next start (for containers)",
      "  tally operator prepare-reset operator -o operator-reset\n"
      "  install -o tally -m 600 operator-reset /var/lib/tally/operator-reset\n"
      "\nThe file holds no password. It must belong to the owner of the data folder, and nobody else may read it.\n"
      "It is used once; for a name that nobody has, or of who is deactivated, the server does not start.\n",
      run_prepare);
  add_account_options(prepare.spec, prepare.options.name, prepare.options.password_file);
  prepare.option("-o,--output", prepare.options.out, "the file to make; - is standard output")
      .required()
      .placeholder("FILE");
}

}  // namespace tally::tools
