#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/base/result.hpp"
#include "tools/bench/child_process.hpp"
#include "tools/bench/scenarios.hpp"

/// A server of the benchmark's own, and the people in it.
namespace tally::tools {

/// What a server of the benchmark is started with.
struct BenchServerFiles {
  std::string program;  ///< Path of tallyd.
  std::string data_folder;
  std::string log_file;
  std::string tls_certificate = {};  ///< Signed by itself. Empty: without TLS.
  std::string tls_key = {};
  /// Those of requests are in the way of whoever measures how many there can be.
  enum class Limits : std::uint8_t { none, usual } limits = Limits::none;
};

/// The tallyd under test on a free port of the loopback address.
class BenchServer {
 public:
  /// Errors: unreachable (it ended before it served; its log is in the folder).
  static core::Result<BenchServer> start(const BenchServerFiles& files);
  [[nodiscard]] const BenchAddress& address() const { return address_; }
  [[nodiscard]] std::uint64_t resident_bytes() const { return process_.resident_bytes(); }
  /// What it has used so far. Empty if it cannot be read.
  [[nodiscard]] std::optional<ProcessUse> use() const { return process_.use(); }
  /// Until it has digested what it was given (flushes, compactions) and uses less than a tenth of a core; 10 s at most.
  void wait_until_quiet() const;
  void stop() { process_.stop(); }

 private:
  BenchServer(ChildProcess process, BenchAddress address)
      : process_(std::move(process)), address_(std::move(address)) {}
  ChildProcess process_;
  BenchAddress address_;
};

/// Access tokens and, at the same places, the refresh tokens that came with them.
struct FreshTokens {
  std::vector<std::string> access;
  std::vector<std::string> refresh;
};

/// A workspace whose policy allows a flood of tokens, with an admin, several members and a resource server, all signed
/// in; `name` is the workspace's, and its members' names begin with it. Errors: unreachable, internal (an answer that
/// is not the contract's).
core::Result<Stage> furnish_stage(const BenchAddress& address, std::size_t members,
                                  const std::string& name = "Benchmark");

/// Makes the operator an admin of an existing workspace, and signs them in: a stage without members or resource server.
core::Result<Stage> enter_stage(const BenchAddress& address, const std::string& workspace_id);

/// From now on the access tokens of the stage's workspace are opaque. Errors: as furnish_stage.
core::Result<void> give_opaque_tokens(const Stage& stage);

/// `count` fresh tokens of the stage's members. Errors: as furnish_stage.
core::Result<FreshTokens> generate_tokens(const Stage& stage, std::size_t count);

}  // namespace tally::tools
