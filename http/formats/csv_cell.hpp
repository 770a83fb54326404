#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tally::http {

/// What becomes of a text that a spreadsheet would take for a formula.
enum class CsvCells : std::uint8_t {
  exact,  ///< Every byte as it is: for programs.
  safe,   ///< It gets an apostrophe in front, wherever a spreadsheet could begin a cell.
};

/// One cell, quoted if it must be. A formula begins with = + - @, also in their full-width forms, after blanks and what
/// shows nothing; a cell also begins behind a semicolon, a tab or a line end, because a spreadsheet separates by what
/// its user's country does; and a cell that begins with a control character is one. Source: RFC 4180; OWASP, CSV
/// Injection; OWASP ASVS 5.0, 1.2.10.
void append_csv_cell(std::string& out, std::string_view text, CsvCells rule);

}  // namespace tally::http
