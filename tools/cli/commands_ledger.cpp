#include <optional>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "core/crypto/base64.hpp"
#include "core/ledger/checkpoint.hpp"
#include "tools/cli/commands.hpp"
#include "tools/cli/times.hpp"

namespace tally::tools {
namespace {

struct KeyOptions {};
struct CheckpointOptions {
  std::string key;
};

/// A checkpoint that a key has signed.
struct Verified {
  core::Checkpoint checkpoint;
  std::string note;
  core::NoteVerifier key;
  std::optional<core::Timestamp> signed_at;
};

Failure no_tally(const ServerUrl& server, const std::string& what) {
  return {Exit::unreachable, server.str() + " gave " + what + ": is it a tally server?"};
}

/// The key that the server says is its ledger's.
Attempt<core::NoteVerifier> served_key(Api& server) {
  TALLY_TRY_ASSIGN(const ApiAnswer answer, server.get_text("/v1/ledger/key"));
  std::string_view text = answer.text;
  if (text.ends_with('\n')) text.remove_suffix(1);
  auto key = core::NoteVerifier::parse(text);
  if (key.has_error()) return no_tally(server.server(), "a key that is none");
  return *std::move(key);
}

Attempt<core::NoteVerifier> chosen_key(Api& server, const std::string& given) {
  if (given.empty()) return served_key(server);
  auto key = core::NoteVerifier::parse(given);
  if (key.has_error()) return Failure{Exit::usage, "--key: " + key.error().detail + ", as tally ledger key shows it"};
  return *std::move(key);
}

Attempt<Verified> verified_checkpoint(Context& context, const CheckpointOptions& options) {
  TALLY_TRY_ASSIGN(Api * server, context.api());
  TALLY_TRY_ASSIGN(core::NoteVerifier key, chosen_key(*server, options.key));
  TALLY_TRY_ASSIGN(const ApiAnswer answer, server->get_text("/v1/ledger/checkpoint"));
  auto note = core::parse_checkpoint(answer.text);
  if (note.has_error()) return Failure{Exit::damaged, "the checkpoint can not be read: " + note.error().detail};
  if (!key.has_signed(*note)) {
    return Failure{Exit::damaged, "the checkpoint of " + note->checkpoint.origin.str() + " with " +
                                      std::to_string(note->checkpoint.tree.size) + " events is not signed by " +
                                      key.str() +
                                      ": it is another ledger's, its key or name has changed, or it is forged"};
  }
  const auto signed_at = parse_http_date(answer.reply.header("Last-Modified").value_or(""));
  return Verified{std::move(note->checkpoint), answer.text, std::move(key), signed_at};
}

boost::json::object json_of(const Verified& verified) {
  const core::Digest& root = verified.checkpoint.tree.root;
  boost::json::object json{{"origin", verified.checkpoint.origin.str()},
                           {"size", verified.checkpoint.tree.size},
                           {"root", core::crypto::base64_encode(root.bytes)},
                           {"root_hex", core::to_hex(root.bytes)},
                           {"key", verified.key.str()},
                           {"note", verified.note}};
  if (verified.signed_at) json["signed_at"] = core::to_rfc3339(*verified.signed_at);
  return json;
}

std::string text_of(const Verified& verified, core::Timestamp now) {
  const core::Digest& root = verified.checkpoint.tree.root;
  FactSheet facts;
  facts.fact("Origin", verified.checkpoint.origin.str());
  facts.fact("Events", std::to_string(verified.checkpoint.tree.size));
  facts.fact("Root", core::crypto::base64_encode(root.bytes));
  facts.fact("Root, hex", core::to_hex(root.bytes));
  if (verified.signed_at) {
    facts.fact("Signed", local_second(*verified.signed_at) + " (" + relative_to(*verified.signed_at, now) + ")");
  }
  facts.fact("Signature", "good, by the key below");
  facts.fact("Key", verified.key.str());
  return facts.render();
}

Attempt<void> run_checkpoint(Context& context, const CheckpointOptions& options) {
  TALLY_TRY_ASSIGN(const Verified verified, verified_checkpoint(context, options));
  context.print(context.json() ? boost::json::serialize(json_of(verified)) + "\n" : text_of(verified, context.now()));
  return {};
}

Attempt<void> run_key(Context& context, const KeyOptions&) {
  TALLY_TRY_ASSIGN(Api * server, context.api());
  TALLY_TRY_ASSIGN(const core::NoteVerifier key, served_key(*server));
  const boost::json::object json{
      {"origin", key.name().str()}, {"key_id", core::to_hex(key.key_id())}, {"key", key.str()}};
  context.print((context.json() ? boost::json::serialize(json) : key.str()) + "\n");
  return {};
}

}  // namespace

void add_ledger_commands(CommandSpec& root) {
  CommandSpec& ledger = add_group(root, "ledger", "the ledger's signed state: checkpoint, key (anybody)");
  auto checkpoint = add_command<CheckpointOptions>(
      ledger, "checkpoint", "how many events there are, and the root of their tree, with the signature verified",
      "  tally ledger checkpoint\n"
      "  tally ledger checkpoint --key \"$(cat tally.example.vkey)\"\n"
      "  tally ledger checkpoint --json | jq -r .note > note\n"
      "\nWithout --key the signature is verified by the key that the same server tells: that shows a fault, not a\n"
      "fraud. Keep what tally ledger key shows, and give it from then on. A signature that is not good: status 5.\n",
      run_checkpoint);
  checkpoint.option("--key", checkpoint.options.key, "the verifier key to hold it against, kept from before")
      .placeholder("VERIFIER");
  add_command<KeyOptions>(ledger, "key", "the key that checkpoints are verified by, as C2SP signed-note writes it",
                          "  tally ledger key\n  tally ledger key > tally.example.vkey\n", run_key);
}

}  // namespace tally::tools
