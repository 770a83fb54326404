#pragma once

#include <string>
#include <string_view>

namespace tally::projections {

/// `text` with the capital letters of the Latin (Basic, Latin-1, Extended-A), Greek and Cyrillic alphabets made small,
/// for searching and sorting names; other characters stay. UTF-8 in and out; bytes that are not UTF-8 stay as they are.
/// Source: Unicode, UnicodeData.txt (simple lower-case mappings of those blocks).
std::string fold_case(std::string_view text);

}  // namespace tally::projections
