#include "tools/bench/bench.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>

#include "tools/bench/attack_benchmark.hpp"
#include "tools/bench/child_process.hpp"
#include "tools/bench/evidence_benchmark.hpp"
#include "tools/bench/ledger_benchmark.hpp"
#include "tools/bench/scenarios.hpp"
#include "tools/bench/stage.hpp"
#include "tools/bench/tls_benchmark.hpp"
#include "tools/bench/variants_benchmark.hpp"
#include "tools/bench/yardsticks.hpp"

namespace tally::tools {
namespace {

constexpr std::size_t kRatioConnections = 64;  ///< Where the goals are.
constexpr std::size_t kMembers = 8;
constexpr std::size_t kIntrospectionAnswerBytes = 420;

bool wants(const BenchmarkOptions& options, std::string_view part) {
  return options.parts.empty() || std::find(options.parts.begin(), options.parts.end(), part) != options.parts.end();
}

bool wants_http(const BenchmarkOptions& options) {
  constexpr std::array<std::string_view, 5> kOverHttp{"generate", "refresh", "introspect", "list", "disable"};
  return std::any_of(kOverHttp.begin(), kOverHttp.end(), [&](std::string_view part) { return wants(options, part); });
}

/// The part of the report that is measured over loopback.
class HttpBenchmark {
 public:
  HttpBenchmark(const BenchmarkOptions& options, const std::function<void(const std::string&)>& tell, Report& report)
      : options_(options), tell_(tell), report_(report) {}

  core::Result<void> run(const std::string& folder) {
    tell_("starting tallyd");
    TALLY_TRY_ASSIGN(auto server,
                     BenchServer::start({options_.server_program, folder + "/data", folder + "/tallyd.log"}));
    report_.figures.push_back(
        {"resident memory, idle", in_mebibytes(server.resident_bytes()), "MiB", 60, Figure::Goal::at_most});
    server_ = &server;
    TALLY_TRY_ASSIGN(stage_, furnish_stage(server.address(), kMembers));
    TALLY_TRY_ASSIGN(const auto fixed, FixedAnswerServer::start(folder, kIntrospectionAnswerBytes));
    for (const auto connections : options_.connections) TALLY_TRY(drive(server, connections, fixed.port()));
    report_.figures.push_back(
        {"resident memory after the load", in_mebibytes(server.resident_bytes()), "MiB", {}, Figure::Goal::at_most});
    server.stop();
    return {};
  }

 private:
  core::Result<LoadResult> measure(const std::string& operation, std::uint16_t port,
                                   const Conversations& conversations) {
    tell_(operation + " at " + std::to_string(conversations.size()));
    const auto used = [&] { return port == server_->address().port ? server_->use() : std::nullopt; };
    const auto before = used();
    TALLY_TRY_ASSIGN(auto result, run_load(port, conversations, options_.each));
    report_.add(operation, conversations.size(), result, used_between(before, used()));
    return result;
  }

  core::Result<void> drive(const BenchServer& server, std::size_t connections, std::uint16_t fixed_port) {
    TALLY_TRY_ASSIGN(auto tokens, generate_tokens(stage_, connections));
    TokenPool pool;
    if (wants(options_, "generate")) {
      TALLY_TRY(measure("generate", stage_.address.port, generate_conversations(stage_, connections, pool)));
      if (wants(options_, "refresh") && connections == kRatioConnections) TALLY_TRY(drive_refresh_in_the_wake());
    }
    // What was written is still being sorted and merged: whatever comes next would pay for it.
    tell_("waiting until the server is quiet");
    server.wait_until_quiet();
    if (wants(options_, "refresh")) TALLY_TRY(drive_refresh(std::move(tokens.refresh)));
    if (wants(options_, "introspect")) TALLY_TRY(drive_introspection(tokens.access, fixed_port));
    if (wants(options_, "list")) {
      TALLY_TRY(measure("list (20 of a page)", stage_.address.port, list_conversations(stage_, connections)));
    }
    if (wants(options_, "disable") && !pool.empty()) {
      TALLY_TRY(measure("disable", stage_.address.port, disable_conversations(stage_, connections, pool)));
    }
    return {};
  }

  core::Result<void> drive_refresh_in_the_wake() {
    TALLY_TRY_ASSIGN(auto tokens, generate_tokens(stage_, kRatioConnections));
    TALLY_TRY(
        measure("refresh, after flood", stage_.address.port, refresh_conversations(stage_, std::move(tokens.refresh))));
    return {};
  }

  core::Result<void> drive_refresh(std::vector<std::string> refresh_tokens) {
    const bool is_ratio = refresh_tokens.size() == kRatioConnections;
    const double before = is_ratio ? measure_signatures(options_.each / 4) : 0;
    TALLY_TRY_ASSIGN(const auto refresh,
                     measure("refresh", stage_.address.port, refresh_conversations(stage_, std::move(refresh_tokens))));
    if (!is_ratio) return {};
    // The machine's speed changes while this runs.
    const double signatures = std::sqrt(before * measure_signatures(options_.each / 4));
    report_.figures.push_back(
        {"refresh / Ed25519 signatures of one core, 64 conn.", refresh.per_second() / signatures, "", 0.6});
    report_.figures.push_back({"Ed25519 signatures, one core", signatures, "1/s", {}});
    return {};
  }

  core::Result<void> drive_introspection(const std::vector<std::string>& access_tokens, std::uint16_t fixed_port) {
    const std::size_t connections = access_tokens.size();
    TALLY_TRY_ASSIGN(const auto before, measure("nginx, fixed 200", fixed_port, fixed_conversations(connections)));
    TALLY_TRY_ASSIGN(const auto introspect,
                     measure("introspect", stage_.address.port, introspect_conversations(stage_, access_tokens)));
    TALLY_TRY_ASSIGN(const auto after, measure("nginx, fixed 200", fixed_port, fixed_conversations(connections)));
    if (connections != kRatioConnections) return {};
    const double nginx = std::sqrt(before.per_second() * after.per_second());
    report_.figures.push_back({"introspect / nginx, 64 connections", introspect.per_second() / nginx, "", 0.5});
    return {};
  }

  const BenchmarkOptions& options_;
  const std::function<void(const std::string&)>& tell_;
  Report& report_;
  const BenchServer* server_ = nullptr;  ///< While run() runs.
  Stage stage_;
};

}  // namespace

core::Result<Report> run_benchmark(const BenchmarkOptions& options,
                                   const std::function<void(const std::string&)>& tell) {
  TALLY_TRY_ASSIGN(const auto folder, TemporaryFolder::make(options.folder));
  Report report;
  tell("synced writes of the disk");
  TALLY_TRY_ASSIGN(const auto synced_writes, measure_synced_writes(folder.path(), options.each));
  report.figures.push_back({"synced writes of 300 B (fdatasync)", synced_writes, "1/s", {}});
  if (wants_http(options)) TALLY_TRY(HttpBenchmark(options, tell, report).run(folder.path()));
  if (wants(options, "variants")) TALLY_TRY(benchmark_variants(options, folder.path(), tell, report));
  if (wants(options, "tls")) TALLY_TRY(benchmark_tls(options, folder.path(), tell, report));
  if (wants(options, "attack")) TALLY_TRY(benchmark_attacks(options, folder.path(), tell, report));
  if (wants(options, "evidence")) TALLY_TRY(benchmark_evidence(options, folder.path(), tell, report));
  if (wants(options, "ledger")) TALLY_TRY(benchmark_ledger(options, folder.path(), tell, report));
  report.notes.push_back(
      "server, load generator and nginx share the machine's cores; read the ratios, not the absolutes");
  return report;
}

}  // namespace tally::tools
