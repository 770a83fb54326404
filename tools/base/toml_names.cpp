#include "tools/base/toml_names.hpp"

namespace tally::tools {
namespace {

constexpr std::size_t kNamePartsMax = 64;

}  // namespace

std::optional<std::size_t> line_of_deep_name(std::string_view toml) {
  std::size_t line = 1;
  std::size_t dots = 0;
  char quote = '\0';
  bool is_comment = false;
  for (std::size_t at = 0; at < toml.size(); ++at) {
    const char letter = toml[at];
    if (letter == '\n') {
      ++line;
      dots = 0;
      is_comment = false;
    } else if (is_comment) {
      continue;
    } else if (quote != '\0') {
      if (letter == '\\' && quote == '"') ++at;
      if (letter == quote) quote = '\0';
    } else if (letter == '"' || letter == '\'') {
      quote = letter;
    } else if (letter == '#') {
      is_comment = true;
    } else if (letter == '.' && ++dots >= kNamePartsMax) {
      return line;
    }
  }
  return {};
}

}  // namespace tally::tools
