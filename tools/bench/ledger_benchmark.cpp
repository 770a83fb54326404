#include "tools/bench/ledger_benchmark.hpp"

#include <chrono>

#include "events/rocks/rocks_store.hpp"
#include "projections/fold/people_projection.hpp"
#include "projections/fold/projections.hpp"
#include "projections/fold/token_projection.hpp"
#include "projections/fold/workspace_projection.hpp"
#include "projections/rebuild/rebuild.hpp"
#include "tools/bench/scenarios.hpp"
#include "tools/bench/stage.hpp"
#include "tools/bench/synthetic_ledger.hpp"

namespace tally::tools {
namespace {

using Steady = std::chrono::steady_clock;
constexpr std::uint64_t kInlineTokens = 100'000;

core::Result<std::unique_ptr<events::Store>> open_store(const std::string& folder) {
  events::RocksOptions options;
  options.folder = folder;
  options.now = [] { return std::chrono::floor<core::Duration>(std::chrono::system_clock::now()); };
  return events::open_rocks_store(options);
}

core::Result<double> replay_per_second(events::Store& store, std::span<events::Projection* const> projections,
                                       projections::RebuildMode mode) {
  const auto begin = Steady::now();
  TALLY_TRY_ASSIGN(const auto report, projections::rebuild(store, projections, mode, {}));
  return static_cast<double>(report.events) / std::chrono::duration<double>(Steady::now() - begin).count();
}

/// A smaller ledger whose read models are kept in the same batches: what a server's writer does without HTTP.
core::Result<void> append_with_projections(const std::string& folder, Report& report) {
  TALLY_TRY_ASSIGN(auto store, open_store(folder));
  const projections::InlineProjections inline_projections;
  SyntheticShape shape;
  shape.tokens = kInlineTokens;
  shape.refreshes_per_token = 1;
  TALLY_TRY_ASSIGN(const auto appended, append_synthetic_ledger(*store, inline_projections.all(), shape, {}));
  report.figures.push_back({"appends with every projection, batches of 256", appended.per_second(), "events/s", {}});
  return {};
}

core::Result<void> append_and_replay(const BenchmarkOptions& options, const std::string& folder,
                                     const std::function<void(const std::string&)>& tell, Report& report,
                                     std::string& workspace) {
  TALLY_TRY_ASSIGN(auto store, open_store(folder + "/ledger"));
  SyntheticShape shape;
  shape.tokens = options.tokens;
  shape.refreshes_per_token = options.refreshes_per_token;
  tell("appending " + std::to_string(shape.tokens * (1 + shape.refreshes_per_token)) + " events");
  TALLY_TRY_ASSIGN(const auto appended, append_synthetic_ledger(*store, {}, shape, {}));
  workspace = appended.workspace.str();
  const auto events = static_cast<double>(appended.events);
  report.figures.push_back({"appends to the log, batches of 256", appended.per_second(), "events/s", 200'000});
  report.figures.push_back({"events of the large ledger", events, "", {}});
  report.figures.push_back(
      {"bytes on disk per event, log alone", static_cast<double>(store->bytes_on_disk()) / events, "B", {}});

  tell("replaying state");
  projections::TokenProjection tokens;
  projections::WorkspaceProjection workspaces;
  projections::PeopleProjection people;
  const std::array<events::Projection*, 3> state{&tokens, &workspaces, &people};
  TALLY_TRY_ASSIGN(const auto state_rate, replay_per_second(*store, state, projections::RebuildMode::promote));
  report.figures.push_back({"replay of state", state_rate, "events/s", 500'000});
  tell("replaying state and audit");
  const projections::InlineProjections everything;
  TALLY_TRY_ASSIGN(const auto full_rate,
                   replay_per_second(*store, everything.all(), projections::RebuildMode::promote));
  report.figures.push_back({"replay of state and audit, compared with live state", full_rate, "events/s", {}});
  report.figures.push_back(
      {"bytes on disk per event, read models included", static_cast<double>(store->bytes_on_disk()) / events, "B", {}});
  report.figures.push_back({"bytes on disk per token",
                            static_cast<double>(store->bytes_on_disk()) / static_cast<double>(options.tokens),
                            "B",
                            {}});
  return {};
}

core::Result<void> serve_large(const BenchmarkOptions& options, const std::string& folder, const std::string& log_file,
                               const std::string& workspace, Report& report) {
  const auto begin = Steady::now();
  TALLY_TRY_ASSIGN(auto server, BenchServer::start({options.server_program, folder, log_file}));
  const double seconds = std::chrono::duration<double>(Steady::now() - begin).count();
  report.figures.push_back({"start with the large ledger", seconds, "s", {}});
  TALLY_TRY_ASSIGN(const auto stage, enter_stage(server.address(), workspace));
  const auto before = server.use();
  TALLY_TRY_ASSIGN(const auto list,
                   run_load(server.address().port, list_everyone_conversations(stage, 16), options.each));
  report.add("list, large ledger", 16, list, used_between(before, server.use()));
  report.figures.push_back({"resident memory with " + std::to_string(options.tokens) + " tokens",
                            in_mebibytes(server.resident_bytes()),
                            "MiB",
                            {}});
  return {};
}

}  // namespace

core::Result<void> benchmark_ledger(const BenchmarkOptions& options, const std::string& folder,
                                    const std::function<void(const std::string&)>& tell, Report& report) {
  tell("appending with every projection");
  TALLY_TRY(append_with_projections(folder + "/inline", report));
  const auto large = folder + "/large";
  tell("starting a server to make the large ledger's operator and key");
  {
    TALLY_TRY_ASSIGN(auto server, BenchServer::start({options.server_program, large, folder + "/large.log"}));
    server.stop();
  }
  std::string workspace;
  TALLY_TRY(append_and_replay(options, large, tell, report, workspace));
  tell("serving the large ledger");
  return serve_large(options, large, folder + "/large.log", workspace, report);
}

}  // namespace tally::tools
