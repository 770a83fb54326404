#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/random.hpp"
#include "core/token/token_commands.hpp"
#include "http/api/legacy_lines.hpp"
#include "http/frame/access.hpp"
#include "http/server/body_sink.hpp"
#include "projections/commands/command_service.hpp"

namespace tally::http {

/// One import under way: lines come in, commands go out, outcomes are kept for the answer (about 60 bytes a line).
/// Threads: one at a time, a long-read thread.
class LegacyImport final : public BodySink {
 public:
  /// Lifetime: all of them outlive it.
  LegacyImport(const Request& request, Access access, projections::CommandService& commands,
               core::RandomSource& random);

  Appetite take(std::string_view piece, Response& response) override;
  void finish(Response& response) override;

 private:
  struct Outcome {
    std::uint64_t line = 0;
    core::ImportResult result;
  };

  /// Parses the lines and runs the commands that are full. False: refused, and the response is written.
  bool accept(const std::vector<LineCutter::Line>& lines, Response& response);
  void accept_line(const LineCutter::Line& line);
  /// Runs what waits. Errors: those of the command.
  core::Result<void> run();
  void write_answer(Response& response) const;

  const Request& request_;
  Access access_;
  projections::CommandService& commands_;
  core::RandomSource& random_;
  LineCutter cutter_;
  std::vector<core::LegacyToken> waiting_;
  std::vector<std::size_t> waiting_outcomes_;  ///< Where in outcomes_ they belong.
  std::vector<Outcome> outcomes_;
  std::optional<core::Sequence> sequence_;
};

}  // namespace tally::http
