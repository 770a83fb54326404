#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/base/check.hpp"
#include "http/api/legacy_lines.hpp"
#include "http/server/limits.hpp"

/// Wherever the body of an import is cut, the same lines; and each of them is a token or an error that tells.
/// The first byte says how long the pieces are.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tally;
  using http::LineCutter;
  if (size == 0) return 0;
  const std::size_t piece_bytes = data[0] + 1u;
  const std::string_view body{reinterpret_cast<const char*>(data) + 1, size - 1};

  std::vector<LineCutter::Line> whole;
  LineCutter at_once;
  at_once.cut(body, whole);
  at_once.finish(whole);
  std::vector<LineCutter::Line> lines;
  LineCutter piecewise;
  for (std::string_view rest = body; !rest.empty();) {
    const std::string_view piece = rest.substr(0, piece_bytes);
    piecewise.cut(piece, lines);
    rest.remove_prefix(piece.size());
  }
  piecewise.finish(lines);

  TALLY_CHECK(lines.size() == whole.size());
  for (std::size_t index = 0; index < lines.size(); ++index) {
    const LineCutter::Line& line = lines[index];
    TALLY_CHECK(line.number == whole[index].number && line.text == whole[index].text);
    TALLY_CHECK(line.is_too_long == whole[index].is_too_long);
    TALLY_CHECK(line.text.size() <= http::limits::kImportLineBytesMax);
    const auto token = http::parse_legacy_line(line.text, core::Timestamp{});
    TALLY_CHECK(token.has_value() || !token.error().detail.empty());
  }
  return 0;
}
