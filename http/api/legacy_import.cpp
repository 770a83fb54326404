#include "http/api/legacy_import.hpp"

#include <utility>

#include "core/base/limits.hpp"
#include "core/token/token_commands.hpp"
#include "http/commands/execute.hpp"
#include "http/frame/refusal.hpp"
#include "http/server/json_writer.hpp"
#include "http/server/limits.hpp"

namespace tally::http {
namespace {

core::ImportResult invalid_line(const core::Error& error) {
  return {core::ImportOutcome::invalid, {}, error.field, error.detail};
}

void write_outcome(JsonWriter& json, std::uint64_t line, const core::ImportResult& result) {
  json.begin_object().member("line", line).member("outcome", core::name_of(result.outcome));
  if (!result.token.is_nil()) json.member("token_id", result.token.str());
  if (!result.field.empty()) json.member("field", result.field);
  if (!result.detail.empty()) json.member("message", result.detail);
  json.end_object();
}

}  // namespace

LegacyImport::LegacyImport(const Request& request, Access access, projections::CommandService& commands,
                           core::RandomSource& random)
    : request_(request), access_(std::move(access)), commands_(commands), random_(random) {}

BodySink::Appetite LegacyImport::take(std::string_view piece, Response& response) {
  std::vector<LineCutter::Line> lines;
  cutter_.cut(piece, lines);
  return accept(lines, response) ? Appetite::more : Appetite::enough;
}

void LegacyImport::finish(Response& response) {
  std::vector<LineCutter::Line> lines;
  cutter_.finish(lines);
  if (!accept(lines, response)) return;
  if (const auto done = run(); done.has_error()) return write_refusal(request_, done.error(), response);
  write_answer(response);
}

bool LegacyImport::accept(const std::vector<LineCutter::Line>& lines, Response& response) {
  for (const LineCutter::Line& line : lines) {
    if (outcomes_.size() == limits::kImportLinesMax) {
      write_refusal(
          request_,
          core::fail(core::Errc::too_large, "an import has at most " + std::to_string(limits::kImportLinesMax) +
                                                " lines; those before are imported"),
          response);
      return false;
    }
    accept_line(line);
    if (waiting_.size() < core::limits::kImportLinesPerCommandMax) continue;
    if (const auto done = run(); done.has_error()) {
      write_refusal(request_, done.error(), response);
      return false;
    }
  }
  return true;
}

void LegacyImport::accept_line(const LineCutter::Line& line) {
  outcomes_.push_back({line.number, {}});
  core::ImportResult& result = outcomes_.back().result;
  if (line.is_too_long) {
    result = invalid_line(
        core::fail(core::Errc::malformed, "longer than " + std::to_string(limits::kImportLineBytesMax) + " bytes"));
    return;
  }
  auto token = parse_legacy_line(line.text, request_.received_at);
  if (token.has_error()) {
    result = invalid_line(token.error());
    return;
  }
  waiting_.push_back(*std::move(token));
  waiting_outcomes_.push_back(outcomes_.size() - 1);
}

core::Result<void> LegacyImport::run() {
  if (waiting_.empty()) return {};
  core::ImportLegacyTokens command{access_.workspace, std::exchange(waiting_, {})};
  auto done = execute_blocking(commands_, context_of(request_, access_.caller, random_), std::move(command));
  if (done.has_error()) return done.error();
  TALLY_CHECK(done->outcome.results.size() == waiting_outcomes_.size());
  for (std::size_t index = 0; index < waiting_outcomes_.size(); ++index) {
    outcomes_[waiting_outcomes_[index]].result = std::move(done->outcome.results[index]);
  }
  waiting_outcomes_.clear();
  if (done->sequence) sequence_ = done->sequence;
  return {};
}

void LegacyImport::write_answer(Response& response) const {
  std::uint64_t imported = 0;
  std::uint64_t already_imported = 0;
  for (const Outcome& outcome : outcomes_) {
    imported += outcome.result.outcome == core::ImportOutcome::imported ? 1U : 0U;
    already_imported += outcome.result.outcome == core::ImportOutcome::already_imported ? 1U : 0U;
  }
  response.start(200, kJson);
  response.set_no_store();
  response.set_sequence(sequence_);
  JsonWriter json{response.body()};
  json.begin_object().member("imported", imported).member("already_imported", already_imported);
  json.member("refused", std::uint64_t{outcomes_.size()} - imported - already_imported);
  json.key("results").begin_array();
  for (const Outcome& outcome : outcomes_) write_outcome(json, outcome.line, outcome.result);
  json.end_array().end_object();
}

}  // namespace tally::http
