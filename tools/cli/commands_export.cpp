#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "core/base/unicode.hpp"
#include "core/crypto/hash.hpp"
#include "http/formats/export_formats.hpp"
#include "tools/cli/commands.hpp"
#include "tools/cli/json_text.hpp"
#include "tools/cli/output_file.hpp"
#include "tools/cli/times.hpp"

namespace tally::tools {
namespace {

struct ExportOptions {
  std::string format;  ///< Empty: by the name of the file.
  std::string file;
  std::string types;
  std::string since;
  std::string until;
};

constexpr std::uint64_t kProgressBytes = 4 << 20;

std::vector<std::string> names_of_formats() {
  std::vector<std::string> names;
  for (const http::ExportFormat& format : http::export_formats()) names.emplace_back(format.name);
  return names;
}

std::string help_of_formats() {
  std::string help;
  for (const std::string& name : names_of_formats()) help += help.empty() ? name : ", " + name;
  return help + " (csv-safe for a FILE.csv, else ndjson)";
}

/// A file for a spreadsheet is written for one: whoever reads it by a program says csv.
std::string format_of(const ExportOptions& options) {
  if (!options.format.empty()) return options.format;
  return core::unicode::fold_case(options.file).ends_with(".csv") ? "csv-safe" : "ndjson";
}

/// What arrived, measured here: the server's own figures are compared with it.
struct Received {
  std::uint64_t bytes = 0;
  std::string sha256;
  std::string export_id;
};

class Receiver {
 public:
  Receiver(Context& context, OutputFile& file) : context_(context), file_(file) {}

  Attempt<void> take(std::string_view piece) {
    hash_.update(core::as_bytes(piece));
    bytes_ += piece.size();
    if (context_.around().err_is_terminal && bytes_ / kProgressBytes != (bytes_ - piece.size()) / kProgressBytes) {
      context_.around().err << "\r" << bytes_ / (1 << 20) << " MiB" << std::flush;
      shows_progress_ = true;
    }
    return file_.write(piece);
  }
  Received finish() {
    if (shows_progress_) context_.around().err << "\r\x1B[K" << std::flush;
    return {bytes_, core::to_hex(hash_.finish().bytes), {}};
  }

 private:
  Context& context_;
  OutputFile& file_;
  core::crypto::Sha256Stream hash_;
  std::uint64_t bytes_ = 0;
  bool shows_progress_ = false;
};

Attempt<Received> download(Context& context, const std::string& target, OutputFile& file) {
  TALLY_TRY_ASSIGN(Api * server, context.api());
  Receiver receiver{context, file};
  auto downloaded = server->download(target, [&](std::string_view piece) { return receiver.take(piece); });
  Received received = receiver.finish();
  TALLY_TRY_ASSIGN(const ApiAnswer answer, std::move(downloaded));
  received.export_id = answer.reply.header("Tally-Export").value_or("");
  return received;
}

Attempt<void> compare(const Received& received, const boost::json::value& manifest) {
  if (text_at(manifest, {"sha256"}) == received.sha256 &&
      number_at(manifest, {"bytes"}) == std::to_string(received.bytes)) {
    return {};
  }
  return Failure{Exit::damaged, "what arrived is not what the server sent: " + std::to_string(received.bytes) +
                                    " bytes with SHA-256 " + received.sha256 + ", the manifest says " +
                                    number_at(manifest, {"bytes"}) + " and " + text_at(manifest, {"sha256"})};
}

Attempt<std::string> export_target(Context& context, const ExportOptions& options, const std::string& workspace) {
  std::string since = options.since;
  std::string until = options.until;
  for (std::string* moment : {&since, &until}) {
    if (moment->empty()) continue;
    TALLY_TRY_ASSIGN(const core::Timestamp time, parse_moment(*moment, context.now()));
    *moment = core::to_rfc3339(time);
  }
  return with_query("/v1/workspaces/" + workspace + "/events:export",
                    {{"format", format_of(options)}, {"type", options.types}, {"since", since}, {"until", until}});
}

/// Tells what was written: on standard output, or beside it where the events themselves are there.
void tell_exported(Context& context, const ExportOptions& options, const OutputFile& file, const ApiAnswer& manifest) {
  std::ostream& out = file.is_standard_output() ? context.around().err : context.around().out;
  if (context.json()) {
    out << manifest.text << "\n";
    return;
  }
  FactSheet facts;
  facts.fact("File", file.is_standard_output() ? "standard output" : options.file)
      .fact("Manifest", file.is_regular() ? options.file + ".manifest" : std::string{})
      .fact("Export", text_at(manifest.json, {"export_id"}))
      .fact("Events", number_at(manifest.json, {"events_exported"}) + " (" +
                          number_at(manifest.json, {"events_filtered_out"}) + " filtered out)")
      .fact("Bytes", number_at(manifest.json, {"bytes"}))
      .fact("SHA-256", text_at(manifest.json, {"sha256"}) + ", as the server says");
  out << facts.render();
}

Attempt<void> run_export(Context& context, const ExportOptions& options) {
  TALLY_TRY_ASSIGN(const std::string workspace, context.workspace_id());
  TALLY_TRY_ASSIGN(const std::string target, export_target(context, options, workspace));
  TALLY_TRY_ASSIGN(const auto file, OutputFile::open(options.file, context.around().out));
  TALLY_TRY_ASSIGN(const Received received, download(context, target, *file));
  TALLY_TRY_ASSIGN(Api * server, context.api());
  TALLY_TRY_ASSIGN(const ApiAnswer manifest, server->get("/v1/workspaces/" + workspace + "/exports/" +
                                                         percent_encoded(received.export_id) + "/manifest"));
  TALLY_TRY(compare(received, manifest.json));
  std::unique_ptr<OutputFile> manifest_file;
  if (file->is_regular()) {
    TALLY_TRY_ASSIGN(manifest_file, OutputFile::open(options.file + ".manifest", context.around().out));
    TALLY_TRY(manifest_file->write(manifest.text + "\n"));
  }
  // First what is small, and means nothing alone.
  if (manifest_file) TALLY_TRY(manifest_file->keep());
  TALLY_TRY(file->keep());
  tell_exported(context, options, *file, manifest);
  return {};
}

}  // namespace

void add_export_command(CommandSpec& root) {
  auto made = add_command<ExportOptions>(
      root, "export", "the workspace's events as a file with a manifest (admin, auditor)",
      "  tally export -o events.ndjson\n"
      "  tally export --since 2026-01-01 --until 2026-04-01 -o quarter.csv\n"
      "  tally export --type TokenDisabled,TokenDeleted -o stopped.ndjson\n"
      "  tally export -o - | zstd >events.ndjson.zst\n"
      "\ncsv-safe is for spreadsheets: an apostrophe stands before what one would take for a formula; csv has\n"
      "every byte as it was.\n"
      "\nWrites FILE and FILE.manifest (counts, bytes, SHA-256), both only when all has arrived and the\n"
      "sums agree; otherwise neither, and exit 5. New ones are for nobody else to read; one that is there\n"
      "keeps its mode. A device, a FIFO or - (standard output) is written to as events arrive, and no\n"
      "manifest beside it: what is told of the export then goes to standard error if - is taken. Only\n"
      "the exit status 0 says that all of it is there.\n",
      run_export);
  made.option("--format", made.options.format, help_of_formats()).placeholder("FORMAT").rule(OneOf{names_of_formats()});
  made.option("-o,--output", made.options.file, "where to; - is standard output").required().placeholder("FILE");
  made.option("--type", made.options.types, "event types, separated by commas").placeholder("TYPES");
  made.option("--since", made.options.since, "not before").placeholder("TIME");
  made.option("--until", made.options.until, "before").placeholder("TIME");
}

}  // namespace tally::tools
