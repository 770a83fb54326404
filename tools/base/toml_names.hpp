#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace tally::tools {

/// The line, from 1, where a TOML text names something in more parts than 64 (`a.b.c`, also of a table); empty:
/// nowhere. toml++ bounds how deep values are nested, and not names: it takes stack for each part. Dots in texts and
/// comments do not count.
std::optional<std::size_t> line_of_deep_name(std::string_view toml);

}  // namespace tally::tools
