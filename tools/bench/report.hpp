#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/bench/load_generator.hpp"
#include "tools/bench/process_use.hpp"

namespace tally::tools {

/// One operation at one number of connections.
struct LoadRow {
  std::string operation;
  std::size_t connections = 0;
  double per_second = 0;
  std::uint32_t p50_micros = 0;
  std::uint32_t p99_micros = 0;
  std::uint64_t unexpected = 0;
  /// What the server used for one answer, where it is a process of its own: whatever it did meanwhile counts.
  struct Cost {
    double processor_micros = 0;
    double reads = 0;  ///< As ProcessUse counts,
    double writes = 0;
  };
  std::optional<Cost> cost = {};
};

/// A single figure, and what it is held against, if anything.
struct Figure {
  std::string name;
  double value = 0;
  std::string unit;
  std::optional<double> goal;  ///< At least, or at most for memory.
  enum class Goal : std::uint8_t { at_least, at_most } direction = Goal::at_least;
};

/// What one honest caller noticed of one attack.
struct AttackRow {
  std::string attack;
  std::string victim;
  std::uint64_t answers = 0;
  std::uint64_t unexpected = 0;  ///< Of them: refused, or broken.
  std::uint32_t p50_micros = 0;
  std::uint32_t p95_micros = 0;
  std::uint32_t max_micros = 0;
  std::uint64_t attack_answers = 0;  ///< The attacker's,
  std::uint64_t attack_refused = 0;  ///< and how many of them were 429 or 503.
};

constexpr double in_mebibytes(std::uint64_t bytes) { return static_cast<double>(bytes) / (1 << 20); }

/// What the benchmark found, for people (aligned text) and for programs (JSON).
struct Report {
  std::vector<LoadRow> loads;
  std::vector<AttackRow> attacks;
  std::vector<Figure> figures;
  std::vector<std::string> notes;

  /// `used`: by the server meanwhile; empty if that is not known.
  void add(std::string operation, std::size_t connections, const LoadResult& result,
           const std::optional<ProcessUse>& used = {});
  [[nodiscard]] std::string to_text() const;
  [[nodiscard]] std::string to_json() const;
};

}  // namespace tally::tools
