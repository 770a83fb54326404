#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "tools/bench/channel.hpp"

namespace tally::tools {

/// What one connection says. Threads: the load generator's only.
class Conversation {
 public:
  virtual ~Conversation() = default;
  /// Appends the next request's bytes to `out`; false when there is nothing left to ask.
  virtual bool write_request(std::string& out) = 0;
  /// Sees the head of the answer before on_response(), status line and fields.
  virtual void on_head(std::string_view) {}
  /// False: not the answer that was expected; counted, and the connection goes on.
  virtual bool on_response(unsigned status, std::string_view body) = 0;
};

/// What a run measured. Latencies are from the request's first byte written to the answer's last byte read.
struct LoadResult {
  std::uint64_t answers = 0;
  std::uint64_t unexpected = 0;
  double seconds = 0;
  std::vector<std::uint32_t> latency_micros;  ///< Sorted.

  [[nodiscard]] double per_second() const { return seconds > 0 ? static_cast<double>(answers) / seconds : 0; }
  /// The latency that `share` (0 to 1) of the answers did not exceed; 0 without answers.
  [[nodiscard]] std::uint32_t percentile_micros(double share) const;
};

/// Drives a server on the loopback address, one kept-alive connection per conversation, each with one request under way
/// (closed loop), from the calling thread, for `duration` or until nobody has anything left to ask; over TLS if it is
/// told how. Errors: unreachable (connection refused or broken), malformed (an answer that is no HTTP/1.1 with a
/// length).
core::Result<LoadResult> run_load(std::uint16_t port, const std::vector<std::unique_ptr<Conversation>>& conversations,
                                  std::chrono::milliseconds duration, const TlsCaller* tls = nullptr);

}  // namespace tally::tools
