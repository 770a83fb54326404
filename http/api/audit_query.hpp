#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/ids.hpp"
#include "http/frame/query_reader.hpp"
#include "projections/queries/audit_queries.hpp"
#include "projections/queries/token_queries.hpp"

namespace tally::http {

/// Which events somebody asked for.
struct AuditQuery {
  projections::AuditFilter filter;
  std::optional<core::Sequence> after;
  enum class Order : std::uint8_t { oldest_first, newest_first } order = Order::oldest_first;
  std::optional<core::Sequence> before;  ///< For newest_first.
  /// The same in words, one spelling for one meaning: what AuditRead and ExportStarted record. Empty: everything.
  std::string text;
};

/// Reads `type`, `since`, `until` and `after`; mistakes are remembered by the reader.
AuditQuery read_audit_query(QueryReader& reader, core::WorkspaceId workspace);
/// Also reads `token` and `actor`.
AuditQuery read_full_audit_query(QueryReader& reader, core::WorkspaceId workspace);

/// Reads `order` and `before`. `after` goes with the oldest first, `before` with the newest first.
void read_order(QueryReader& reader, AuditQuery& query);

/// Adds `name=value` to the words.
void append_words(std::string& text, std::string_view name, std::string_view value);

}  // namespace tally::http
