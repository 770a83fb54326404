#include "http/api/audit_query.hpp"

namespace tally::http {
namespace {

/// A person, or an OAuth client by its workspace.
std::optional<core::Uuid> read_actor(QueryReader& reader) {
  const auto written = reader.text("actor");
  if (!written) return std::nullopt;
  if (const auto user = core::UserId::parse(*written); user.has_value()) return user->uuid();
  if (const auto client = core::WorkspaceId::parse(*written); client.has_value()) return client->uuid();
  reader.invalid("actor", "must be the id of a user or of an OAuth client");
  return std::nullopt;
}

}  // namespace

void append_words(std::string& text, std::string_view name, std::string_view value) {
  if (!text.empty()) text += '&';
  text.append(name).append("=").append(value);
}

AuditQuery read_audit_query(QueryReader& reader, core::WorkspaceId workspace) {
  AuditQuery query;
  query.filter.workspace = workspace;
  query.filter.types = reader.event_types();
  query.filter.since = reader.time("since");
  query.filter.until = reader.time("until");
  query.after = reader.sequence("after");
  if (query.filter.since && query.filter.until && *query.filter.until <= *query.filter.since) {
    reader.invalid("until", "must be later than since");
  }
  std::string types;
  for (const core::EventType type : query.filter.types)
    types.append(types.empty() ? "" : ",").append(core::name_of(type));
  if (!types.empty()) append_words(query.text, "type", types);
  if (query.filter.since) append_words(query.text, "since", core::to_rfc3339(*query.filter.since));
  if (query.filter.until) append_words(query.text, "until", core::to_rfc3339(*query.filter.until));
  if (query.after) append_words(query.text, "after", std::to_string(query.after->value));
  return query;
}

void read_order(QueryReader& reader, AuditQuery& query) {
  using Order = AuditQuery::Order;
  query.order = reader.word<Order>("order", {{"oldest", Order::oldest_first}, {"newest", Order::newest_first}})
                    .value_or(Order::oldest_first);
  query.before = reader.sequence("before");
  const bool newest_first = query.order == Order::newest_first;
  if (newest_first && query.after) reader.invalid("after", "goes with order=oldest; use before");
  if (!newest_first && query.before) reader.invalid("before", "goes with order=newest; use after");
  if (newest_first) append_words(query.text, "order", "newest");
  if (query.before) append_words(query.text, "before", std::to_string(query.before->value));
}

AuditQuery read_full_audit_query(QueryReader& reader, core::WorkspaceId workspace) {
  AuditQuery query = read_audit_query(reader, workspace);
  query.filter.token = reader.id<core::TokenId>("token");
  query.filter.actor = read_actor(reader);
  if (query.filter.token) append_words(query.text, "token", query.filter.token->str());
  if (query.filter.actor) append_words(query.text, "actor", reader.text("actor").value_or(""));
  return query;
}

}  // namespace tally::http
