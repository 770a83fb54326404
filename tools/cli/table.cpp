#include "tools/cli/table.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "core/check.hpp"

namespace tally::tools {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::string_view kEllipsis = "\xE2\x80\xA6";
constexpr std::string_view kGap = "  ";
constexpr std::size_t kCutColumnsMin = 8;

struct CodePoint {
  char32_t value = 0;
  std::size_t bytes = 1;
  bool valid = false;
};

/// The first code point of a text that is not empty. Source: RFC 3629.
CodePoint first_of(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(text[at]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < bytes) return {};
  char32_t value = lead & (0xFFU >> (bytes + 1));
  for (std::size_t at = 1; at < bytes; ++at) {
    if ((byte(at) & 0xC0U) != 0x80U) return {};
    value = (value << 6U) | (byte(at) & 0x3FU);
  }
  const bool overlong = (bytes == 3 && value < 0x800) || (bytes == 4 && value < 0x10000);
  if (overlong || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return {};
  return {value, bytes, true};
}

using Range = std::pair<char32_t, char32_t>;
/// Source: Unicode Standard Annex #11 (East Asian Width), the blocks that are wide throughout.
constexpr std::array kWide{Range{0x1100, 0x115F},  Range{0x2E80, 0xA4CF},   Range{0xAC00, 0xD7A3},
                           Range{0xF900, 0xFAFF},  Range{0xFE30, 0xFE6F},   Range{0xFF00, 0xFF60},
                           Range{0xFFE0, 0xFFE6},  Range{0x1F300, 0x1F64F}, Range{0x1F900, 0x1F9FF},
                           Range{0x20000, 0x3FFFD}};
constexpr std::array kNarrow{Range{0x0300, 0x036F}, Range{0x200B, 0x200F}, Range{0xFE00, 0xFE0F}};

template <std::size_t Count>
bool contains(const std::array<Range, Count>& ranges, char32_t value) {
  return std::ranges::any_of(ranges, [&](const Range& range) { return value >= range.first && value <= range.second; });
}

std::size_t width_of(const CodePoint& point) {
  if (!point.valid) return 1;
  if (contains(kNarrow, point.value)) return 0;
  return contains(kWide, point.value) ? 2 : 1;
}

bool is_control(char32_t value) {
  // Also the marks that turn the direction of text around, with which a name could rewrite its line.
  return value < 0x20 || (value >= 0x7F && value < 0xA0) || (value >= 0x202A && value <= 0x202E) ||
         (value >= 0x2066 && value <= 0x2069);
}

void append_padded(std::string& line, std::string_view cell, std::size_t width) {
  line.append(cell);
  line.append(width - std::min(width, display_width(cell)), ' ');
}

}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const CodePoint point = first_of(text);
    width += width_of(point);
    text.remove_prefix(point.bytes);
  }
  return width;
}

std::string cut_to_width(std::string_view text, std::size_t columns) {
  if (display_width(text) <= columns) return std::string{text};
  if (columns == 0) return {};
  std::size_t width = 0;
  std::size_t bytes = 0;
  while (bytes < text.size()) {
    const CodePoint point = first_of(text.substr(bytes));
    if (width + width_of(point) > columns - 1) break;
    width += width_of(point);
    bytes += point.bytes;
  }
  return std::string{text.substr(0, bytes)}.append(kEllipsis);
}

std::string printable(std::string_view text) {
  std::string safe;
  while (!text.empty()) {
    const CodePoint point = first_of(text);
    if (!point.valid || is_control(point.value)) {
      safe.append(kReplacement);
    } else {
      safe.append(text.substr(0, point.bytes));
    }
    text.remove_prefix(point.bytes);
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
