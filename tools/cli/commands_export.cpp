#include <cstdio>
#include <fstream>
#include <ostream>

#include "core/crypto/hash.hpp"
#include "tools/cli/commands.hpp"
#include "tools/cli/json_text.hpp"
#include "tools/cli/times.hpp"

namespace tally::tools {
namespace {

struct ExportOptions {
  std::string format = "ndjson";
  std::string file;
  std::string types;
  std::string since;
  std::string until;
};

constexpr std::uint64_t kProgressBytes = 4 << 20;

/// A file that is there only when it is whole: written beside its name, then renamed.
class PartialFile {
 public:
  explicit PartialFile(const std::string& path)
      : path_(path), partial_(path + ".part"), stream_(partial_, std::ios::binary) {}
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;
  ~PartialFile() {
    if (!kept_) std::remove(partial_.c_str());
  }
  Attempt<void> write(std::string_view piece) {
    stream_.write(piece.data(), static_cast<std::streamsize>(piece.size()));
    if (!stream_) return Failure{Exit::refused, "cannot write " + partial_};
    return {};
  }
  Attempt<void> keep() {
    stream_.close();
    if (!stream_ || std::rename(partial_.c_str(), path_.c_str()) != 0) {
      return Failure{Exit::refused, "cannot write " + path_};
    }
    kept_ = true;
    return {};
  }

 private:
  std::string path_;
  std::string partial_;
  std::ofstream stream_;
  bool kept_ = false;
};

/// What arrived, measured here: the server's own figures are compared with it.
struct Received {
  std::uint64_t bytes = 0;
  std::string sha256;
  std::string export_id;
};

class Receiver {
 public:
  Receiver(Context& context, PartialFile& file) : context_(context), file_(file) {}

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
  PartialFile& file_;
  core::crypto::Sha256Stream hash_;
  std::uint64_t bytes_ = 0;
  bool shows_progress_ = false;
};

Attempt<Received> download(Context& context, const std::string& target, PartialFile& file) {
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
                    {{"format", options.format}, {"type", options.types}, {"since", since}, {"until", until}});
}

Attempt<void> run_export(Context& context, const ExportOptions& options) {
  TALLY_TRY_ASSIGN(const std::string workspace, context.workspace_id());
  TALLY_TRY_ASSIGN(const std::string target, export_target(context, options, workspace));
  PartialFile file{options.file};
  TALLY_TRY_ASSIGN(const Received received, download(context, target, file));
  TALLY_TRY_ASSIGN(Api * server, context.api());
  TALLY_TRY_ASSIGN(const ApiAnswer manifest, server->get("/v1/workspaces/" + workspace + "/exports/" +
                                                         percent_encoded(received.export_id) + "/manifest"));
  TALLY_TRY(compare(received, manifest.json));
  PartialFile manifest_file{options.file + ".manifest"};
  TALLY_TRY(manifest_file.write(manifest.text + "\n"));
  TALLY_TRY(file.keep());
  TALLY_TRY(manifest_file.keep());
  if (context.json()) {
    context.print_json(manifest);
    return {};
  }
  FactSheet facts;
  facts.fact("File", options.file)
      .fact("Manifest", options.file + ".manifest")
      .fact("Events", number_at(manifest.json, {"events_exported"}) + " (" +
                          number_at(manifest.json, {"events_filtered_out"}) + " filtered out)")
      .fact("Bytes", std::to_string(received.bytes))
      .fact("SHA-256", received.sha256 + ", as the server says");
  context.print(facts.render());
  return {};
}

}  // namespace

void add_export_command(Commands& commands) {
  auto made = commands.add<ExportOptions>(
      commands.root(), "export", "the workspace's events as a file with a manifest (admin, auditor)",
      "  tally export -o events.ndjson\n"
      "  tally export --format csv --since 2026-01-01 --until 2026-04-01 -o quarter.csv\n"
      "  tally export --type TokenDisabled,TokenDeleted -o stopped.ndjson\n"
      "\nWrites FILE and FILE.manifest (counts, bytes, SHA-256), both only when all has arrived and the\n"
      "sums agree; otherwise neither, and exit 5.\n",
      run_export);
  made.app.add_option("--format", made.options.format, "ndjson or csv (ndjson)")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"ndjson", "csv"}));
  made.app.add_option("-o,--output", made.options.file, "where to")->required()->type_name("FILE");
  made.app.add_option("--type", made.options.types, "event types, separated by commas")->type_name("TYPES");
  made.app.add_option("--since", made.options.since, "not before")->type_name("TIME");
  made.app.add_option("--until", made.options.until, "before")->type_name("TIME");
}

}  // namespace tally::tools
