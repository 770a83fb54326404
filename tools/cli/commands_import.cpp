#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "tools/cli/commands.hpp"
#include "tools/cli/json_text.hpp"

namespace tally::tools {
namespace {

/// One request carries so much of the file at most: half of what the server takes.
constexpr std::size_t kLinesPerRequestMax = 50'000;
constexpr std::size_t kBytesPerRequestMax = 32 << 20;

struct ImportOptions {
  std::string file;
};

/// What the requests of one import came to.
struct ImportTotals {
  std::uint64_t imported = 0;
  std::uint64_t already_imported = 0;
  std::uint64_t refused = 0;
  Table refusals;
};

std::uint64_t count_at(const boost::json::value& json, std::string_view member) {
  const boost::json::value* found = find_at(json, {member});
  return found != nullptr && found->is_int64() && found->as_int64() > 0 ? static_cast<std::uint64_t>(found->as_int64())
                                                                        : 0;
}

void add_refusals(const boost::json::value& json, std::uint64_t lines_before, ImportTotals& totals) {
  for (const boost::json::value& result : items_at(json, {"results"})) {
    std::string outcome = text_at(result, {"outcome"});
    if (outcome == "imported" || outcome == "already_imported") continue;
    for (char& letter : outcome) letter = letter == '_' ? ' ' : letter;
    const std::string field = text_at(result, {"field"});
    const std::string message = text_at(result, {"message"});
    totals.refusals.row({std::to_string(lines_before + count_at(result, "line")), outcome,
                         field.empty() ? message : field + " " + message});
  }
}

/// Sends part of the file, and adds up what became of it.
Attempt<void> send_lines(Api& server, const std::string& target, std::string lines, std::uint64_t lines_before,
                         ImportTotals& totals) {
  TALLY_TRY_ASSIGN(const ApiAnswer answer, server.post_lines(target, std::move(lines)));
  totals.imported += count_at(answer.json, "imported");
  totals.already_imported += count_at(answer.json, "already_imported");
  totals.refused += count_at(answer.json, "refused");
  add_refusals(answer.json, lines_before, totals);
  return {};
}

Attempt<void> send_all(Api& server, const std::string& target, std::istream& input, ImportTotals& totals) {
  std::string lines;
  std::string line;
  std::uint64_t sent = 0;
  std::uint64_t kept = 0;
  while (std::getline(input, line)) {
    lines += line + '\n';
    ++kept;
    if (kept < kLinesPerRequestMax && lines.size() < kBytesPerRequestMax) continue;
    TALLY_TRY(send_lines(server, target, std::exchange(lines, {}), sent, totals));
    sent += std::exchange(kept, 0);
  }
  if (input.bad()) return Failure{Exit::unreachable, "the file could not be read to its end"};
  if (kept > 0) TALLY_TRY(send_lines(server, target, std::move(lines), sent, totals));
  return {};
}

void print_totals(Context& context, const ImportTotals& totals) {
  if (context.json()) {
    const boost::json::object json{
        {"imported", totals.imported}, {"already_imported", totals.already_imported}, {"refused", totals.refused}};
    context.print(boost::json::serialize(json) + "\n");
    return;
  }
  if (totals.refused > 0) context.print(totals.refusals, "");
  context.print(std::to_string(totals.imported) + " imported, " + std::to_string(totals.already_imported) +
                " known already, " + std::to_string(totals.refused) + " refused.\n");
}

Attempt<void> run_import(Context& context, const ImportOptions& options) {
  TALLY_TRY_ASSIGN(const std::string workspace, context.workspace_id());
  TALLY_TRY_ASSIGN(Api * server, context.api());
  std::ifstream file{options.file, std::ios::binary};
  if (!file) return Failure{Exit::unreachable, "cannot open " + options.file};
  ImportTotals totals;
  totals.refusals.column("LINE").column("OUTCOME").column("WHY");
  const auto sent = send_all(*server, "/v1/workspaces/" + workspace + "/legacy-tokens:import", file, totals);
  print_totals(context, totals);
  if (sent.has_error()) return sent.error();
  if (totals.refused == 0) return {};
  return Failure{Exit::refused, std::to_string(totals.refused) + " lines were refused; the others are imported"};
}

}  // namespace

void add_import_command(CommandSpec& root) {
  auto import = add_command<ImportOptions>(
      root, "import-legacy", "import the tokens of the system before, by their hashes (admin)",
      "  tally import-legacy tokens.ndjson\n"
      "  # each line: {\"hash\":\"SHA-256 of the token's text, hex or base64url\",\"owner\":\"ada\",\n"
      "  #             "
      "\"description\":\"cron\",\"created\":\"2019-04-01T12:00:00Z\",\"expires\":\"2027-01-01T00:00:00Z\"}\n"
      "  tally token list --kind legacy --owner all --sort -last_used_at\n",
      run_import);
  import.option("file", import.options.file, "newline-delimited JSON; it can be imported again")
      .required()
      .placeholder("FILE");
}

}  // namespace tally::tools
