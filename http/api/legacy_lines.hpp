#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.hpp"
#include "core/token/token_commands.hpp"

namespace tally::http {

/// Cuts newline-delimited JSON into lines, wherever its pieces were cut. Keeps one line at most, of kImportLineBytesMax
/// bytes; what is longer is cut and marked. Blank lines are no lines, but counted. Source: NDJSON 1.0; CRLF is taken
/// too.
class LineCutter {
 public:
  struct Line {
    std::uint64_t number = 0;  ///< From 1.
    std::string text;
    bool is_too_long = false;
  };
  /// Appends the lines that end in `piece`.
  void cut(std::string_view piece, std::vector<Line>& lines);
  /// Appends the last line, if it has no end of its own.
  void finish(std::vector<Line>& lines);

 private:
  void append(std::string_view bytes);
  void end_line(std::vector<Line>& lines);

  Line current_{1, {}, false};
};

/// The digest of a legacy token's text: SHA-256 as 64 hexadecimal digits or as 43 characters of base64url. Errors:
/// malformed.
core::Result<core::Digest> parse_token_hash(std::string_view text);

/// One line of an import: `{"hash", "owner", "description", "created"?, "expires"?}`. `id` is left nil. Without
/// `created`, `now`; without `expires`, the end of the year 9999: the workspace's sunset ends it. Errors:
/// invalid_argument naming the field, malformed (no JSON object).
core::Result<core::LegacyToken> parse_legacy_line(std::string_view line, core::Timestamp now);

}  // namespace tally::http
