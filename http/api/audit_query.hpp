#pragma once

#include <optional>
#include <string>

#include "core/ids.hpp"
#include "http/api/query_reader.hpp"
#include "projections/queries.hpp"

namespace tally::http::api {

/// Which events somebody asked for.
struct AuditQuery {
  projections::AuditFilter filter;
  std::optional<core::Sequence> after;
  /// The same in words, one spelling for one meaning: what AuditRead and ExportStarted record. Empty: everything.
  std::string text;
};

/// Reads `type`, `since`, `until` and `after`; mistakes are remembered by the reader.
AuditQuery read_audit_query(QueryReader& reader, core::WorkspaceId workspace);
/// Also reads `token` and `actor`.
AuditQuery read_full_audit_query(QueryReader& reader, core::WorkspaceId workspace);

/// Adds `name=value` to the words.
void append_words(std::string& text, std::string_view name, std::string_view value);

}  // namespace tally::http::api
