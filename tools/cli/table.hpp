#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tally::tools {

/// How many columns of a terminal the text takes: wide characters two, combining ones none.
std::size_t display_width(std::string_view text);

/// The text cut to `columns`, with an ellipsis if something was cut.
std::string cut_to_width(std::string_view text, std::size_t columns);

/// What is safe to show on a terminal: control characters and bytes that are not UTF-8 become U+FFFD.
std::string printable(std::string_view text);

/// Whether a column may be cut to fit a terminal. Ids and times never are: they are for copying.
enum class Fit : std::uint8_t { whole, cut };

/// Aligned columns under a line of headings.
class Table {
 public:
  Table& column(std::string heading, Fit fit = Fit::whole);
  /// As many cells as columns.
  Table& row(std::vector<std::string> cells);
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  /// Lines of at most `columns` as far as cutting the columns that may be cut gets there; 0: any length.
  [[nodiscard]] std::string render(std::size_t columns) const;

 private:
  [[nodiscard]] std::vector<std::size_t> widths(std::size_t columns) const;

  std::vector<std::string> headings_;
  std::vector<Fit> fits_;
  std::vector<std::vector<std::string>> rows_;
};

/// `name:  value` lines with the values aligned; empty values are left out.
class FactSheet {
 public:
  FactSheet& fact(std::string name, std::string_view value);
  [[nodiscard]] std::string render() const;

 private:
  std::vector<std::pair<std::string, std::string>> facts_;
};

}  // namespace tally::tools
