#include "tools/bench/variants_benchmark.hpp"

#include <vector>

#include "tools/bench/dpop_conversation.hpp"
#include "tools/bench/scenarios.hpp"
#include "tools/bench/stage.hpp"

namespace tally::tools {
namespace {

constexpr std::size_t kVariantConnections = 64;
constexpr std::size_t kVariantMembers = 2;

core::Result<void> drive(const BenchmarkOptions& options, const BenchServer& server, const Stage& stage,
                         const std::string& operation, const Conversations& conversations, Report& report) {
  const auto before = server.use();
  TALLY_TRY_ASSIGN(const auto result, run_load(stage.address.port, conversations, options.each));
  report.add(operation, kVariantConnections, result, used_between(before, server.use()));
  return {};
}

}  // namespace

core::Result<void> benchmark_variants(const BenchmarkOptions& options, const std::string& folder,
                                      const std::function<void(const std::string&)>& tell, Report& report) {
  TALLY_TRY_ASSIGN(auto server,
                   BenchServer::start({options.server_program, folder + "/variants", folder + "/variants.log"}));
  TALLY_TRY_ASSIGN(const Stage stage, furnish_stage(server.address(), kVariantMembers));
  tell("refreshing with DPoP proofs");
  TALLY_TRY_ASSIGN(auto bound, generate_tokens(stage, kVariantConnections));
  TALLY_TRY(drive(options, server, stage, "refresh, DPoP", dpop_refresh_conversations(stage, std::move(bound.refresh)),
                  report));
  tell("opaque access tokens");
  TALLY_TRY(give_opaque_tokens(stage));
  TALLY_TRY_ASSIGN(auto opaque, generate_tokens(stage, kVariantConnections));
  TALLY_TRY(
      drive(options, server, stage, "introspect, opaque", introspect_conversations(stage, opaque.access), report));
  return drive(options, server, stage, "refresh, opaque", refresh_conversations(stage, std::move(opaque.refresh)),
               report);
}

}  // namespace tally::tools
