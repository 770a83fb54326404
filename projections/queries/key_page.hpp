#pragma once

#include <string>
#include <utility>

#include "core/base/limits.hpp"
#include "core/base/result.hpp"
#include "events/store/store.hpp"
#include "projections/queries/page_cursor.hpp"
#include "projections/queries/token_queries.hpp"
#include "projections/queries/workspace_queries.hpp"

namespace tally::projections {

/// About how long an item is when it is told, as far as it can be long.
inline std::size_t long_bytes_of(const core::ScopeSet& scopes) {
  std::size_t bytes = 0;
  for (const std::string& scope : scopes.scopes()) bytes += scope.size() + 3;  // quotes and a comma
  return bytes;
}
inline std::size_t long_bytes_of(const core::WorkspaceState& workspace) {
  return long_bytes_of(workspace.policy.allowed_scopes);
}
inline std::size_t long_bytes_of(const Membership& membership) { return long_bytes_of(membership.workspace); }
inline std::size_t long_bytes_of(const TokenRecord& token) { return long_bytes_of(token.state.scope); }
template <class Item>
std::size_t long_bytes_of(const Item&) {
  return 0;
}

/// One page of a family's rows under `prefix`, in the order of their keys. `read(key, value)` makes an item of a row
/// and answers a Result of it; `key` is what follows the prefix. It ends early with the item that reaches kPageBytes.
/// Errors: malformed (after), corrupt, io_failed, and those of `read`.
template <class Item, class Read>
core::Result<Page<Item>> list_by_key(const events::Reader& reader, events::Family family, ListKind kind,
                                     std::string_view prefix, std::size_t id_bytes, int limit, const std::string& after,
                                     const Read& read) {
  TALLY_CHECK(limit >= 1 && limit <= core::limits::kPageItemsMax, std::to_string(limit));
  auto range = events::prefix_range(prefix);
  if (!after.empty()) {
    TALLY_TRY_ASSIGN(const PageCursor cursor, decode_cursor(kind, 0, id_bytes, after));
    range.from = std::string{prefix} + cursor.id + '\0';
  }
  Page<Item> page;
  std::string last_key;
  std::size_t bytes = 0;
  const auto cursor = reader.scan(family, range);
  for (; cursor->valid(); cursor->next()) {
    if (page.items.size() == static_cast<std::size_t>(limit) || bytes >= core::limits::kPageBytes) {
      TALLY_TRY_ASSIGN(page.next, encode_cursor(kind, {0, {}, last_key}));
      return page;
    }
    const std::string_view key = cursor->key().substr(prefix.size());
    if (id_bytes != 0 && key.size() != id_bytes) return core::fail(core::Errc::corrupt, "a key has a wrong length");
    auto item = read(key, cursor->value());
    if (item.has_error()) return item.error();
    bytes += long_bytes_of(*item);
    page.items.push_back(std::move(*item));
    last_key = key;
  }
  TALLY_TRY(cursor->status());
  return page;
}

}  // namespace tally::projections
