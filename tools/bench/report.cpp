#include "tools/bench/report.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

namespace tally::tools {
namespace {

bool is_met(const Figure& figure) {
  return figure.direction == Figure::Goal::at_least ? figure.value >= *figure.goal : figure.value <= *figure.goal;
}

std::string number(double value) { return value >= 100 ? fmt::format("{:.0f}", value) : fmt::format("{:.2f}", value); }

std::optional<LoadRow::Cost> cost_of_one(std::uint64_t answers, const std::optional<ProcessUse>& used) {
  if (!used || answers == 0) return std::nullopt;
  const auto for_one = [answers](auto count) { return static_cast<double>(count) / static_cast<double>(answers); };
  return LoadRow::Cost{for_one(std::chrono::microseconds{used->processor}.count()), for_one(used->reads),
                       for_one(used->writes)};
}

std::string goal_text(const Figure& figure) {
  if (!figure.goal) return {};
  const auto* sign = figure.direction == Figure::Goal::at_least ? ">=" : "<=";
  return fmt::format("  goal {} {}: {}", sign, number(*figure.goal), is_met(figure) ? "met" : "MISSED");
}

}  // namespace

void Report::add(std::string operation, std::size_t connections, const LoadResult& result,
                 const std::optional<ProcessUse>& used) {
  loads.push_back({std::move(operation), connections, result.per_second(), result.percentile_micros(0.50),
                   result.percentile_micros(0.99), result.unexpected, cost_of_one(result.answers, used)});
}

std::string Report::to_text() const {
  std::string text;
  if (!loads.empty()) {
    text += fmt::format("{:<22} {:>11} {:>12} {:>10} {:>10} {:>10} {:>10} {:>9} {:>10}\n", "operation", "connections",
                        "requests/s", "p50 us", "p99 us", "unexpected", "cpu us/req", "reads/req", "writes/req");
  }
  for (const auto& row : loads) {
    text += fmt::format("{:<22} {:>11} {:>12.0f} {:>10} {:>10} {:>10}", row.operation, row.connections, row.per_second,
                        row.p50_micros, row.p99_micros, row.unexpected);
    text += row.cost ? fmt::format(" {:>10.1f} {:>9.2f} {:>10.2f}\n", row.cost->processor_micros, row.cost->reads,
                                   row.cost->writes)
                     : fmt::format(" {:>10} {:>9} {:>10}\n", "-", "-", "-");
  }
  if (!attacks.empty()) {
    if (!loads.empty()) text += "\n";
    text += fmt::format("{:<36} {:<11} {:>9} {:>10} {:>9} {:>9} {:>9} {:>11} {:>9}\n", "attack", "beside it", "answers",
                        "unexpected", "p50 us", "p95 us", "max us", "attacker's", "refused");
  }
  for (const auto& row : attacks) {
    text += fmt::format("{:<36} {:<11} {:>9} {:>10} {:>9} {:>9} {:>9} {:>11} {:>9}\n", row.attack, row.victim,
                        row.answers, row.unexpected, row.p50_micros, row.p95_micros, row.max_micros, row.attack_answers,
                        row.attack_refused);
  }
  text += "\n";
  for (const auto& figure : figures) {
    text += fmt::format("{:<52} {:>12} {:<14}{}\n", figure.name, number(figure.value), figure.unit, goal_text(figure));
  }
  for (const auto& note : notes) text += "note: " + note + "\n";
  return text;
}

std::string Report::to_json() const {
  boost::json::array load_rows;
  for (const auto& row : loads) {
    boost::json::object load{
        {"operation", row.operation},   {"connections", row.connections}, {"requests_per_second", row.per_second},
        {"p50_micros", row.p50_micros}, {"p99_micros", row.p99_micros},   {"unexpected", row.unexpected}};
    if (row.cost) {
      load["server_processor_micros_per_request"] = row.cost->processor_micros;
      load["server_reads_per_request"] = row.cost->reads;
      load["server_writes_per_request"] = row.cost->writes;
    }
    load_rows.push_back(std::move(load));
  }
  boost::json::array attack_rows;
  for (const auto& row : attacks) {
    attack_rows.push_back({{"attack", row.attack},
                           {"victim", row.victim},
                           {"answers", row.answers},
                           {"unexpected", row.unexpected},
                           {"p50_micros", row.p50_micros},
                           {"p95_micros", row.p95_micros},
                           {"max_micros", row.max_micros},
                           {"attack_answers", row.attack_answers},
                           {"attack_refused", row.attack_refused}});
  }
  boost::json::array figure_rows;
  for (const auto& figure : figures) {
    boost::json::object row{{"name", figure.name}, {"value", figure.value}, {"unit", figure.unit}};
    if (figure.goal) {
      row["goal"] = *figure.goal;
      row["met"] = is_met(figure);
    }
    figure_rows.push_back(std::move(row));
  }
  boost::json::array note_rows(notes.begin(), notes.end());
  return boost::json::serialize(boost::json::object{{"loads", std::move(load_rows)},
                                                    {"attacks", std::move(attack_rows)},
                                                    {"figures", std::move(figure_rows)},
                                                    {"notes", std::move(note_rows)}});
}

}  // namespace tally::tools
