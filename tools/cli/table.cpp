#include "tools/cli/table.hpp"

#include <algorithm>
#include <utility>

#include "core/base/check.hpp"
#include "core/base/unicode.hpp"

namespace tally::tools {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::string_view kEllipsis = "\xE2\x80\xA6";
constexpr std::string_view kGap = "  ";
constexpr std::size_t kCutColumnsMin = 8;

/// What takes the place of a character that can not be shown takes one column.
constexpr std::size_t kReplacementColumns = 1;

/// The first character of a text that is not empty, or one byte that is none.
struct Shown {
  std::size_t bytes = 1;
  std::size_t columns = kReplacementColumns;
  bool is_printable = false;
};

Shown first_of(std::string_view text) {
  const auto character = core::unicode::first_character(text);
  if (!character) return {};
  // Also what turns the direction of text around, with which a name could rewrite its line.
  return {character->bytes, core::unicode::columns_of(character->value), !core::unicode::is_control(character->value)};
}

void append_padded(std::string& line, std::string_view cell, std::size_t width) {
  line.append(cell);
  line.append(width - std::min(width, display_width(cell)), ' ');
}

}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const Shown first = first_of(text);
    width += first.columns;
    text.remove_prefix(first.bytes);
  }
  return width;
}

std::string cut_to_width(std::string_view text, std::size_t columns) {
  if (display_width(text) <= columns) return std::string{text};
  if (columns == 0) return {};
  std::size_t width = 0;
  std::size_t bytes = 0;
  while (bytes < text.size()) {
    const Shown next = first_of(text.substr(bytes));
    if (width + next.columns > columns - 1) break;
    width += next.columns;
    bytes += next.bytes;
  }
  return std::string{text.substr(0, bytes)}.append(kEllipsis);
}

std::string printable(std::string_view text) {
  std::string safe;
  while (!text.empty()) {
    const Shown first = first_of(text);
    safe.append(first.is_printable ? text.substr(0, first.bytes) : kReplacement);
    text.remove_prefix(first.bytes);
  }
  return safe;
}

Table& Table::column(std::string heading, Fit fit) {
  TALLY_CHECK(rows_.empty());
  headings_.push_back(std::move(heading));
  fits_.push_back(fit);
  return *this;
}

Table& Table::row(std::vector<std::string> cells) {
  TALLY_CHECK(cells.size() == headings_.size(), std::to_string(cells.size()));
  for (std::string& cell : cells) cell = printable(cell);
  rows_.push_back(std::move(cells));
  return *this;
}

std::vector<std::size_t> Table::widths(std::size_t columns) const {
  std::vector<std::size_t> widths;
  std::size_t total = headings_.empty() ? 0 : kGap.size() * (headings_.size() - 1);
  for (std::size_t at = 0; at < headings_.size(); ++at) {
    std::size_t widest = display_width(headings_[at]);
    for (const auto& cells : rows_) widest = std::max(widest, display_width(cells[at]));
    widths.push_back(widest);
    total += widest;
  }
  while (columns != 0 && total > columns) {
    // One column at a time from the widest that may be cut: what is short stays whole.
    std::size_t widest = widths.size();
    for (std::size_t at = 0; at < widths.size(); ++at) {
      const bool may = fits_[at] == Fit::cut && widths[at] > std::max(kCutColumnsMin, display_width(headings_[at]));
      if (may && (widest == widths.size() || widths[at] > widths[widest])) widest = at;
    }
    if (widest == widths.size()) break;
    --widths[widest];
    --total;
  }
  return widths;
}

std::string Table::render(std::size_t columns) const {
  const std::vector<std::size_t> column_widths = widths(columns);
  std::string text;
  const auto append_line = [&](const std::vector<std::string>& cells) {
    std::string line;
    for (std::size_t at = 0; at < cells.size(); ++at) {
      if (at > 0) line.append(kGap);
      append_padded(line, cut_to_width(cells[at], column_widths[at]), column_widths[at]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text.append(line).push_back('\n');
  };
  append_line(headings_);
  for (const auto& cells : rows_) append_line(cells);
  return text;
}

FactSheet& FactSheet::fact(std::string name, std::string_view value) {
  if (!value.empty()) facts_.emplace_back(std::move(name), printable(value));
  return *this;
}

std::string FactSheet::render() const {
  std::size_t width = 0;
  for (const auto& [name, value] : facts_) width = std::max(width, display_width(name));
  std::string text;
  for (const auto& [name, value] : facts_) {
    append_padded(text, name, width);
    text.append(kGap).append(value).push_back('\n');
  }
  return text;
}

}  // namespace tally::tools
