#include "http/formats/export_formats.hpp"

#include <array>

#include "http/formats/event_view.hpp"

namespace tally::http {
namespace {

constexpr std::string_view kCsv = "text/csv; charset=utf-8; header=present";

void append_line(std::string& out, const core::Event& event, const PeopleNames& names) {
  JsonWriter json{out};
  write_event(json, event, names);
  out += '\n';
}

template <CsvCells rule>
void append_row(std::string& out, const core::Event& event, const PeopleNames& names) {
  append_csv_row(out, event, names, rule);
}

constexpr std::array kFormats{
    ExportFormat{"ndjson", "application/x-ndjson", ".ndjson", nullptr, append_line},
    ExportFormat{"csv", kCsv, ".csv", append_csv_header, append_row<CsvCells::exact>},
    ExportFormat{"csv-safe", kCsv, ".csv", append_csv_header, append_row<CsvCells::safe>},
};

}  // namespace

std::span<const ExportFormat> export_formats() { return kFormats; }

}  // namespace tally::http
