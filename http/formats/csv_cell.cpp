#include "http/formats/csv_cell.hpp"

#include <algorithm>
#include <array>

#include "core/base/unicode.hpp"

namespace tally::http {
namespace {

namespace unicode = core::unicode;

/// With the full-width forms, which some input methods write and some spreadsheets take.
constexpr std::array<char32_t, 8> kFormulaStarts{U'=', U'+', U'-', U'@', 0xFF1D, 0xFF0B, 0xFF0D, 0xFF20};

bool starts_formula(char32_t character) { return std::ranges::find(kFormulaStarts, character) != kFormulaStarts.end(); }

bool ends_cell(char32_t character) {
  return character == U';' || character == U'\t' || character == U'\r' || character == U'\n';
}

/// Quotes are passed over, too: where another character separates, ours do not stand at the beginning of a cell.
bool is_passed_over(char32_t character) { return character == U'"' || !unicode::is_visible(character); }

std::string neutralized(std::string_view text) {
  std::string safe;
  if (!text.empty() && static_cast<unsigned char>(text.front()) < 0x20) safe += '\'';
  bool at_start = safe.empty();
  while (!text.empty()) {
    const auto character = unicode::first_character(text);
    const std::size_t bytes = character ? character->bytes : 1;
    const char32_t value = character ? character->value : U'?';
    if (at_start && starts_formula(value)) safe += '\'';
    safe += text.substr(0, bytes);
    text.remove_prefix(bytes);
    at_start = ends_cell(value) || (at_start && is_passed_over(value));
  }
  return safe;
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char letter : text) {
    if (letter == '"') out += '"';
    out += letter;
  }
  out += '"';
}

}  // namespace

void append_csv_cell(std::string& out, std::string_view text, CsvCells rule) {
  const std::string safe = rule == CsvCells::safe ? neutralized(text) : std::string{};
  if (rule == CsvCells::safe) text = safe;
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += text;
  } else {
    append_quoted(out, text);
  }
}

}  // namespace tally::http
