#include <filesystem>
#include <ostream>

#include "tools/bench/bench.hpp"
#include "tools/cli/commands.hpp"

namespace tally::tools {
namespace {

struct BenchOptions {
  std::string server;
  std::string folder;
  unsigned seconds = 2;
  std::uint64_t tokens = 1'000'000;
  std::uint64_t refreshes = 4;
  std::uint64_t events = BenchmarkOptions{}.events;
  std::vector<std::size_t> connections = BenchmarkOptions{}.connections;
  std::vector<std::string> only;
};

/// `tallyd` is installed, and built, beside `tally`.
std::string server_beside_this_program() {
  std::error_code error;
  return (std::filesystem::read_symlink("/proc/self/exe", error).parent_path() / "tallyd").string();
}

Attempt<void> run_bench(Context& context, const BenchOptions& options) {
  BenchmarkOptions benchmark;
  benchmark.server_program = options.server.empty() ? server_beside_this_program() : options.server;
  benchmark.folder = options.folder;
  benchmark.each = std::chrono::seconds{options.seconds};
  benchmark.tokens = options.tokens;
  benchmark.refreshes_per_token = options.refreshes;
  benchmark.events = options.events;
  benchmark.connections = options.connections;
  benchmark.parts = options.only;
  auto& progress = context.around().err;
  const auto report = run_benchmark(benchmark, [&progress](const std::string& what) {
    progress << "bench: " << what << "\n" << std::flush;
  });
  if (report.has_error()) return failure_of(report.error());
  context.print(context.json() ? report->to_json() + "\n" : report->to_text());
  return {};
}

}  // namespace

void add_bench_command(CommandSpec& root) {
  auto bench = add_command<BenchOptions>(
      root, "bench", "measure this machine: a server of its own, the log, replay, memory, and yardsticks",
      "  tally bench\n"
      "  tally bench --seconds 5 --json\n"
      "  tally bench --only refresh introspect --connections 64\n"
      "  tally bench --only evidence --events 5000000\n"
      "  tally bench --tokens 100000 --folder /srv/fast-disk\n"
      "\nTakes some minutes, about 4 GiB of disk and the package nginx-light. Server, load and nginx share the cores:\n"
      "read the ratios. docs/performance.md says how to.\n",
      run_bench);
  bench.option("--server", bench.options.server, "tallyd to measure (the one beside this program)")
      .placeholder("PROGRAM");
  bench.option("--folder", bench.options.folder, "where the temporary folder is made").placeholder("DIR");
  bench.option("--seconds", bench.options.seconds, "how long each operation is driven").rule(Between{1, 60});
  bench.option("--tokens", bench.options.tokens, "tokens of the large ledger").rule(Between{1'000, 10'000'000});
  bench.option("--refreshes", bench.options.refreshes, "refreshes of each of them").rule(Between{0, 100});
  bench.option("--events", bench.options.events, "events of the ledger whose start, verification and upgrade are timed")
      .rule(Between{10'000, 50'000'000});
  bench.option("--connections", bench.options.connections, "numbers of connections (1 16 64 256)")
      .rule(Between{1, 4'096});
  const std::vector<std::string> parts{kBenchmarkParts.begin(), kBenchmarkParts.end()};
  bench
      .option("--only", bench.options.only,
              "generate, refresh, introspect, list, disable, variants, tls, attack, evidence or ledger")
      .rule(OneOf{parts});
}

}  // namespace tally::tools
