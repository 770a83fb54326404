#include "http/api/audit_views_routes.hpp"

#include <utility>

#include "core/ledger/ledger_commands.hpp"
#include "http/api/audit_query.hpp"
#include "http/commands/execute.hpp"
#include "http/frame/route_policies.hpp"
#include "http/server/json_writer.hpp"
#include "http/server/limits.hpp"

namespace tally::http {
namespace {

constexpr int kCountedDaysDefault = 30;
constexpr std::string_view kEventStream = "text/event-stream";

/// The last event that the client has seen, if it says so. Source: WHATWG HTML §9.2.
Checked<std::optional<core::Sequence>> last_seen_of(const Request& request) {
  const auto written = request.header("Last-Event-ID");
  if (!written || written->empty()) return std::optional<core::Sequence>{};
  const auto number = parse_decimal(*written);
  if (number.has_error()) return core::fail(core::Errc::malformed, "Last-Event-ID is not a sequence number");
  return std::optional{core::Sequence{*number}};
}

int read_days(QueryReader& reader) {
  const auto written = reader.text("days");
  if (!written) return kCountedDaysDefault;
  const auto days = parse_decimal(*written);
  if (days.has_value() && *days >= 1 && *days <= std::uint64_t{limits::kCountedDaysMax}) return static_cast<int>(*days);
  reader.invalid("days", "must be a whole number from 1 to " + std::to_string(limits::kCountedDaysMax));
  return kCountedDaysDefault;
}

void write_span(JsonWriter& json, const projections::AuditSpan& span) {
  json.begin_object().member("begin", span.begin).member("end", span.end).key("counts").begin_object();
  for (const auto& [type, count] : span.counts) json.member(core::name_of(type), count);
  json.end_object().end_object();
}

}  // namespace

void AuditViewsRoutes::add_to(Router& router) const {
  const std::string events = "/v1/workspaces/{workspace}/events";
  router.add({Method::get, events + ":stream", SyncHandler{answering(this, &AuditViewsRoutes::stream)},
              on(RunOn::long_reads, kInWorkspace)});
  router.add({Method::get, events + ":count", SyncHandler{answering(this, &AuditViewsRoutes::count)},
              on(RunOn::long_reads, kInWorkspace)});
}

Checked<void> AuditViewsRoutes::stream(const Request& request, Response& response) const {
  TALLY_TRY_ASSIGN(const Access access, gate_.admin_or_auditor(request, Need::audit_read));
  TALLY_TRY_ASSIGN(QueryReader reader, QueryReader::parse(request, {"token", "actor", "type", "since"}));
  AuditQuery query = read_full_audit_query(reader, access.workspace);
  TALLY_TRY(reader.finish());
  LiveEvents::Order order;
  order.filter = std::move(query.filter);
  TALLY_TRY_ASSIGN(order.after, last_seen_of(request));
  if (request.method != Method::head) {
    TALLY_TRY_ASSIGN(response.stream, open_stream(request, access, query.text, std::move(order)));
  }
  response.start(200, kEventStream);
  response.set_no_store();
  // A proxy that gathers the answer before it passes it on would make it anything but live.
  response.set("X-Accel-Buffering", "no");
  return {};
}

Checked<std::unique_ptr<BodyStream>> AuditViewsRoutes::open_stream(const Request& request, const Access& access,
                                                                   const std::string& filter,
                                                                   LiveEvents::Order order) const {
  TALLY_TRY_ASSIGN(order.place, parts_.places.take(StreamKind::live, access.caller.person.id, access.workspace));
  std::string words = "live";
  if (!filter.empty()) words.append("&").append(filter);
  core::RecordAuditRead opened{access.workspace, std::move(words), 0};
  TALLY_TRY_ASSIGN(const auto done, execute_blocking(parts_.commands, context_of(request, access.caller, parts_.random),
                                                     std::move(opened)));
  // Whoever has seen nothing, and asks for nothing of before, begins with what comes after this very event.
  if (!order.after && !order.filter.since) order.after = done.sequence;
  order.still_allowed = [&gate = gate_, access](core::Timestamp now) { return gate.still_reads_all(access, now); };
  return std::unique_ptr<BodyStream>{
      std::make_unique<LiveEvents>(std::move(order), parts_.audit, parts_.people, parts_.clock)};
}

Checked<void> AuditViewsRoutes::count(const Request& request, Response& response) const {
  TALLY_TRY_ASSIGN(const Access access, gate_.admin_or_auditor(request, Need::audit_read));
  TALLY_TRY_ASSIGN(QueryReader reader, QueryReader::parse(request, {"since", "days"}));
  projections::AuditSpansRequest asked;
  asked.workspace = access.workspace;
  asked.length = std::chrono::days{1};
  asked.spans = read_days(reader);
  const auto since = reader.time("since");
  if (!since) {
    reader.invalid("since", "is missing");
  } else if (*since > core::kLatestTime - asked.spans * asked.length) {
    reader.invalid("since", "must be so early that the last of the days ends within the year 9999");
  }
  TALLY_TRY(reader.finish());
  asked.begin = *since;
  TALLY_TRY_ASSIGN(const std::vector<projections::AuditSpan> spans, parts_.audit.count(asked));
  response.start(200, kJson);
  response.set_no_store();
  JsonWriter json{response.body()};
  json.begin_object().key("items").begin_array();
  for (const projections::AuditSpan& span : spans) write_span(json, span);
  json.end_array().end_object();
  return {};
}

}  // namespace tally::http
