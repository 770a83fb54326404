#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

/// Where a page ended: the sort key and the id of its last item, never an offset, so that rows that come and go between
/// two pages neither repeat nor hide others. Opaque to callers; not secret and not signed: it can only say where to go
/// on.
namespace tally::projections {

/// What a list is and how it is ordered: a cursor of one list is malformed in another.
enum class ListKind : std::uint8_t {
  tokens = 1,
  workspaces = 2,
  members = 3,
  memberships = 4,
  resource_servers = 5,
  people = 6
};

struct PageCursor {
  std::uint8_t ordering = 0;  ///< Sort and order, as the list packs them.
  std::string sort_key;
  std::string id;  ///< Key bytes of the last item.
};

/// Errors: internal, if a text is longer than a row can say.
core::Result<std::string> encode_cursor(ListKind kind, const PageCursor& cursor);
/// Errors: malformed (field "cursor"): damaged, of another list or ordering, or an id that is not `id_bytes` long (0:
/// any length).
core::Result<PageCursor> decode_cursor(ListKind kind, std::uint8_t ordering, std::size_t id_bytes,
                                       std::string_view text);

}  // namespace tally::projections
