#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "core/crypto/base64.hpp"
#include "http/server/json_writer.hpp"
#include "tools/cli/commands.hpp"
#include "tools/cli/data_folder.hpp"
#include "tools/cli/master_key_options.hpp"
#include "tools/cli/repair_folder.hpp"
#include "tools/cli/signed_state.hpp"
#include "tools/cli/times.hpp"
#include "tools/cli/verify_folder.hpp"

/// `tally verify`: whether a data folder is what it says.
namespace tally::tools {
namespace {

std::string counted(std::uint64_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string json_of(const Verification& verified, std::optional<std::uint64_t> repaired) {
  std::string text;
  http::JsonWriter json{text};
  json.begin_object().member("events", verified.log.walked.events);
  json.key("tree").begin_object().member("size", verified.log.tree.size);
  json.member("root", core::crypto::base64_encode(verified.log.tree.root.bytes)).end_object();
  json.key("signed").begin_array();
  for (std::size_t index = 0; index < verified.signed_by.size(); ++index) {
    const core::Commitment& commitment = verified.signed_by[index];
    json.begin_object().member("by", commitment.by).member("size", commitment.tree.size);
    json.member("root", core::crypto::base64_encode(commitment.tree.root.bytes)).member_if("at", commitment.at);
    json.member("agrees", index < verified.log.agrees.size() && verified.log.agrees[index]).end_object();
  }
  json.end_array().member("signatures_checked", verified.is_signature_checked);
  json.member("files", verified.files.checked).member("bytes", verified.files.bytes).member_if("rows", verified.rows);
  json.member_if("repaired", repaired);
  json.member("findings", verified.findings.count()).key("first_findings").begin_array();
  for (const projections::Finding& finding : verified.findings.first()) {
    json.begin_object().member("kind", projections::name_of(finding.kind));
    if (finding.sequence) json.member("sequence", finding.sequence->value);
    json.member("sentence", finding.sentence).end_object();
  }
  json.end_array().key("unknown").begin_array();
  for (const std::string& unknown : verified.unknown) json.value(unknown);
  json.end_array().member("milliseconds", static_cast<std::int64_t>(verified.seconds * 1'000)).end_object();
  return text + "\n";
}

/// What agrees, and what that does not say.
std::string verdict_of(const Verification& verified) {
  const std::uint64_t events = verified.log.walked.events;
  std::string text = counted(events, "event") + ": ";
  std::uint64_t signed_events = 0;
  bool has_kept_note = false;
  std::string with;
  for (const core::Commitment& commitment : verified.signed_by) {
    if (commitment.kind == core::Commitment::Kind::anchor) continue;
    const bool is_own = commitment.kind == core::Commitment::Kind::checkpoint;
    has_kept_note = has_kept_note || !is_own;
    signed_events = std::max(signed_events, commitment.tree.size);
    with += with.empty() ? "agrees with " : ", and with ";
    with += is_own ? "its own checkpoint (" : printable(commitment.by) + " (";
    with += counted(commitment.tree.size, "event");
    if (commitment.at) with += ", signed " + local_second(*commitment.at);
    with += ")";
  }
  text += with.empty() ? "agrees with itself; nothing is signed" : with;
  if (!has_kept_note) text += "; a folder put back whole looks the same: --against a note kept elsewhere";
  text += "\n";
  if (events > signed_events && !with.empty()) {
    text += "Nobody has signed yet what follows those: " + counted(events - signed_events, "event") + ".\n";
  }
  return text;
}

std::string text_of(const Verification& verified) {
  std::string text;
  for (const projections::Finding& finding : verified.findings.first()) text += printable(finding.sentence) + "\n";
  const std::uint64_t untold = verified.findings.count() - verified.findings.first().size();
  if (untold > 0) text += "and " + std::to_string(untold) + " more\n";
  if (verified.findings.count() == 0) text += verdict_of(verified);
  for (const std::string& unknown : verified.unknown) text += "Not known: " + printable(unknown) + "\n";
  text += "Read " + counted(verified.files.checked, "file") + " (" + std::to_string(verified.files.bytes >> 20) +
          " MiB) and " + counted(verified.log.walked.events, "event") +
          (verified.rows ? ", and compared " + counted(*verified.rows, "row") : "") + ", in " +
          std::to_string(static_cast<std::int64_t>(verified.seconds * 1'000)) + " ms.\n";
  return text;
}

Attempt<void> run_verify(Context& context, const VerifyRequest& request) {
  TALLY_TRY_ASSIGN(const Verification verified, verify_folder(context, request));
  std::optional<std::uint64_t> repaired;
  const bool is_to_repair = request.repair_tiles && is_repairable(verified);
  if (is_to_repair && verified.findings.count() == 0) {
    repaired = 0;
  } else if (is_to_repair) {
    TALLY_TRY_ASSIGN(repaired, repair_folder(context, request.folder));
  }
  context.print(context.json() ? json_of(verified, repaired) : text_of(verified));
  if (repaired && !context.json()) {
    context.print(*repaired == 0 ? "Nothing was written.\n"
                                 : "Written anew from the log: " + counted(*repaired, "row") + ".\n");
  }
  if (verified.findings.count() == 0 || is_to_repair) return {};
  const std::string what = verified.findings.are_of_a_later_release()
                               ? " has events of a later release, or damaged ones"
                               : " is not what was written: " + counted(verified.findings.count(), "finding");
  return failure_of(verified.findings,
                    request.folder.data_dir + what +
                        (request.repair_tiles ? "; only tiles can be repaired: nothing was written" : ""));
}

}  // namespace

void add_verify_command(CommandSpec& root) {
  auto verify = add_command<VerifyRequest>(
      root, "verify", "hold the data folder of a stopped server against itself and against what was signed",
      "  tally verify --data-dir /var/lib/tally\n"
      "  tally verify --data-dir /var/lib/tally --against note --key \"$(cat tally.example.vkey)\"\n"
      "  tally verify --data-dir /var/lib/tally --rows --json\n"
      "  tally verify --data-dir /var/lib/tally --repair-tiles\n"
      "\nReads every file by its checksum and every event: that each is there once, in its place and order, and that "
      "the\n"
      "roots are those of the ledger's head, its starts, its checkpoint and the note that you kept; and every row of "
      "the\n"
      "trees. Changes nothing, but with --repair-tiles. What is wrong is told, the first 20 of it, and is status 5.\n"
      "Without a note from elsewhere (tally ledger checkpoint --json | jq -r .note), a folder that was put back whole "
      "can\n"
      "not be told from one that never went on.\n",
      run_verify);
  add_folder_options(verify.spec, verify.options.folder);
  verify.option("--against", verify.options.against, "a note of this ledger that was kept elsewhere: must be contained")
      .placeholder("NOTE")
      .rule(NotEmpty{});
  verify.option("--key", verify.options.key, "the verifier key that has signed the notes, instead of the folder's own")
      .placeholder("VERIFIER")
      .rule(NotEmpty{});
  verify.option("--rows", verify.options.rows,
                "also make all rows anew, in DIR/ledger/scratch, which goes again, and compare them byte by byte");
  verify.option("--repair-tiles", verify.options.repair_tiles,
                "if nothing but tiles and the workspaces' trees is wrong, write those that differ anew from the log");
  add_master_key_options(verify.spec, verify.options.master_key, "", "the");
}

}  // namespace tally::tools
