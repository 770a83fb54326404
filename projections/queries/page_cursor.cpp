#include "projections/queries/page_cursor.hpp"

#include "projections/rows/row_codec.hpp"

namespace tally::projections {

core::Result<std::string> encode_cursor(ListKind kind, const PageCursor& cursor) {
  std::string out;
  TALLY_TRY(write_row(out, [&](auto& row) {
    row.u8(kRowVersion);
    row.u8(static_cast<std::uint8_t>(kind));
    row.u8(cursor.ordering);
    row.text(cursor.sort_key);
    row.text(cursor.id);
  }));
  return out;
}

core::Result<PageCursor> decode_cursor(ListKind kind, std::uint8_t ordering, std::size_t id_bytes,
                                       std::string_view text) {
  RowReader row{text};
  row.version();
  row.require(row.u8() == static_cast<std::uint8_t>(kind));
  PageCursor cursor;
  cursor.ordering = row.u8();
  row.require(cursor.ordering == ordering);
  cursor.sort_key = row.text();
  cursor.id = row.text();
  row.require(id_bytes == 0 ? !cursor.id.empty() : cursor.id.size() == id_bytes);
  if (!row.complete()) return core::Error{core::Errc::malformed, "not a cursor of this list", "cursor"};
  return cursor;
}

}  // namespace tally::projections
