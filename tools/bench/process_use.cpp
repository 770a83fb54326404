#include "tools/bench/process_use.hpp"

#include <charconv>
#include <fstream>
#include <iterator>
#include <string>
#include <unistd.h>

namespace tally::tools {
namespace {

std::optional<std::uint64_t> number_at(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end == text.data()) return std::nullopt;
  return number;
}

/// The field after `skipped` others.
std::optional<std::uint64_t> field_after(std::string_view fields, int skipped) {
  for (; skipped > 0; --skipped) {
    const std::size_t end = fields.find(' ');
    if (end == std::string_view::npos) return std::nullopt;
    fields.remove_prefix(end + 1);
  }
  return number_at(fields);
}

/// What stands behind `name` at the beginning of a line.
std::optional<std::uint64_t> line_named(std::string_view text, std::string_view name) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (text.starts_with(name)) return number_at(text.substr(name.size(), end - name.size()));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return std::nullopt;
}

std::string text_of(const std::string& path) {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace

std::optional<ProcessUse> read_process_use(std::string_view stat, std::string_view io, long ticks_per_second) {
  // The name in brackets may hold spaces and brackets; behind it come the state, ten fields, utime and stime.
  constexpr int kFieldsBefore = 11;
  const std::size_t name_end = stat.rfind(") ");
  if (name_end == std::string_view::npos || ticks_per_second <= 0) return std::nullopt;
  const std::string_view fields = stat.substr(name_end + 2);
  const auto user = field_after(fields, kFieldsBefore);
  const auto kernel = field_after(fields, kFieldsBefore + 1);
  const auto reads = line_named(io, "syscr:");
  const auto writes = line_named(io, "syscw:");
  if (!user || !kernel || !reads || !writes) return std::nullopt;
  const auto ticks = static_cast<std::int64_t>(*user + *kernel);
  return ProcessUse{std::chrono::milliseconds{ticks * 1'000 / ticks_per_second}, *reads, *writes};
}

std::optional<ProcessUse> use_of_process(pid_t id) {
  const std::string folder = "/proc/" + std::to_string(id);
  return read_process_use(text_of(folder + "/stat"), text_of(folder + "/io"), ::sysconf(_SC_CLK_TCK));
}

}  // namespace tally::tools
