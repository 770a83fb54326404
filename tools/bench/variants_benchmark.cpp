#include "tools/bench/variants_benchmark.hpp"

#include <vector>

#include "tools/bench/dpop_conversation.hpp"
#include "tools/bench/scenarios.hpp"
#include "tools/bench/stage.hpp"

namespace tally::tools {
namespace {

constexpr std::size_t kConnections = 64;
constexpr std::size_t kMembers = 2;

struct Tokens {
  std::vector<std::string> access;
  std::vector<std::string> refresh;
};

core::Result<Tokens> fresh_tokens(const Stage& stage) {
  TALLY_TRY_ASSIGN(auto pairs, generate_pairs(stage, kConnections));
  Tokens tokens;
  for (TokenPair& pair : pairs) {
    tokens.access.push_back(std::move(pair.access_token));
    tokens.refresh.push_back(std::move(pair.refresh_token));
  }
  return tokens;
}

core::Result<void> drive(const BenchmarkOptions& options, const Stage& stage, const std::string& operation,
                         const Conversations& conversations, Report& report) {
  TALLY_TRY_ASSIGN(const auto result, run_load(stage.address.port, conversations, options.each));
  report.add(operation, kConnections, result);
  return {};
}

}  // namespace

core::Result<void> benchmark_variants(const BenchmarkOptions& options, const std::string& folder,
                                      const std::function<void(const std::string&)>& tell, Report& report) {
  TALLY_TRY_ASSIGN(auto server,
                   BenchServer::start({options.server_program, folder + "/variants", folder + "/variants.log"}));
  TALLY_TRY_ASSIGN(const Stage stage, furnish_stage(server.address(), kMembers));
  tell("refreshing with DPoP proofs");
  TALLY_TRY_ASSIGN(auto bound, fresh_tokens(stage));
  TALLY_TRY(
      drive(options, stage, "refresh, DPoP", dpop_refresh_conversations(stage, std::move(bound.refresh)), report));
  tell("opaque access tokens");
  TALLY_TRY(give_opaque_tokens(stage));
  TALLY_TRY_ASSIGN(auto opaque, fresh_tokens(stage));
  TALLY_TRY(drive(options, stage, "introspect, opaque", introspect_conversations(stage, opaque.access), report));
  return drive(options, stage, "refresh, opaque", refresh_conversations(stage, std::move(opaque.refresh)), report);
}

}  // namespace tally::tools
