#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "core/base/result.hpp"
#include "tools/bench/child_process.hpp"

/// What this machine can do at best, measured in the same run, so that the figures of Tally can be read as ratios.
namespace tally::tools {

/// Synced writes of 300 bytes a second to a file in `folder`: fdatasync after each. Errors: io_failed.
core::Result<double> measure_synced_writes(const std::string& folder, std::chrono::milliseconds duration);

/// Ed25519 signatures a second on one core, of as many bytes as the server signs for an access token.
double measure_signatures(std::chrono::milliseconds duration);

/// An nginx of our own, with one worker per core, that answers every request with 200 and the same body.
class FixedAnswerServer {
 public:
  /// Errors: unreachable (no nginx, or no free port).
  static core::Result<FixedAnswerServer> start(const std::string& folder, std::size_t body_bytes);
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  FixedAnswerServer(ChildProcess process, std::uint16_t port) : process_(std::move(process)), port_(port) {}
  ChildProcess process_;
  std::uint16_t port_;
};

}  // namespace tally::tools
