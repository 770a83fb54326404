#include "http/api/export_routes.hpp"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "core/ledger/ledger_commands.hpp"
#include "http/api/audit_query.hpp"
#include "http/commands/execute.hpp"
#include "http/frame/route_policies.hpp"
#include "http/server/json_writer.hpp"

namespace tally::http {
namespace {

/// The one that is asked for, or the first; what is wrong is the reader's to tell.
const ExportFormat& format_of(QueryReader& reader) {
  const std::span<const ExportFormat> formats = export_formats();
  std::vector<std::pair<std::string_view, const ExportFormat*>> words;
  for (const ExportFormat& format : formats) words.emplace_back(format.name, &format);
  return *reader.word<const ExportFormat*>("format", words).value_or(&formats.front());
}

/// The events of one export, found by walking from the time in its id.
struct Traces {
  std::optional<core::Event> started;
  std::optional<core::Event> completed;
};

/// How long after the time in its id an export's first event is recorded, at the most: longer than a command may wait.
constexpr std::chrono::minutes kStartMax{10};

core::ExportId export_of(const core::Event& event) {
  if (const auto* started = std::get_if<core::ExportStarted>(&event.payload)) return started->export_id;
  const auto* completed = std::get_if<core::ExportCompleted>(&event.payload);
  return completed == nullptr ? core::ExportId{} : completed->export_id;
}

/// The first event of the export that passes the filter; empty: there is none.
core::Result<std::optional<core::Event>> first_of(const projections::AuditQueries& audit,
                                                  const projections::AuditFilter& filter, core::ExportId id) {
  TALLY_TRY_ASSIGN(const auto walk, audit.walk(filter, std::nullopt));
  for (;;) {
    TALLY_TRY_ASSIGN(std::optional<core::Event> event, walk->next());
    if (!event || export_of(*event) == id) return event;
  }
}

/// The id's time is whatever the caller wrote: no more of the log is read for it than a true one needs.
core::Result<Traces> find_traces(const projections::AuditQueries& audit, core::WorkspaceId workspace,
                                 core::ExportId id) {
  Traces traces;
  projections::AuditFilter filter;
  filter.workspace = workspace;
  filter.types = {core::EventType::export_started};
  // The log never records an event before the time that its command was given.
  filter.since = core::time_of_uuid_v7(id.uuid());
  filter.until = std::min(*filter.since, core::kLatestTime - kStartMax) + kStartMax;
  TALLY_TRY_ASSIGN(traces.started, first_of(audit, filter, id));
  if (!traces.started) return traces;
  filter.types = {core::EventType::export_completed};
  filter.since = traces.started->recorded_at;
  filter.until.reset();
  TALLY_TRY_ASSIGN(traces.completed, first_of(audit, filter, id));
  return traces;
}

void write_manifest(JsonWriter& json, const Traces& traces) {
  const auto& started = std::get<core::ExportStarted>(traces.started->payload);
  const auto& completed = std::get<core::ExportCompleted>(traces.completed->payload);
  json.begin_object().member("export_id", started.export_id.str()).member("format", started.format);
  json.member("filter", started.filter).member("events_exported", completed.events_exported);
  json.member("events_filtered_out", completed.events_filtered_out).member("bytes", completed.bytes);
  json.member("sha256", core::to_hex(completed.sha256.bytes)).member("started_at", traces.started->recorded_at);
  json.member("completed_at", traces.completed->recorded_at).end_object();
}

}  // namespace

ExportRoutes::ExportRoutes(const Gate& gate, const projections::AuditQueries& audit,
                           const projections::PeopleQueries& people, projections::CommandService& commands,
                           const Clock& clock, core::RandomSource& random, StreamPlaces& places)
    : gate_(gate),
      audit_(audit),
      people_(people),
      commands_(commands),
      clock_(clock),
      random_(random),
      places_(places) {}

void ExportRoutes::add_to(Router& router) const {
  router.add({Method::get, "/v1/workspaces/{workspace}/events:export",
              SyncHandler{answering(this, &ExportRoutes::start)}, on(RunOn::long_reads, kInWorkspace)});
  router.add({Method::get, "/v1/workspaces/{workspace}/exports/{export}/manifest",
              SyncHandler{answering(this, &ExportRoutes::manifest)}, on(RunOn::long_reads, kInWorkspace)});
}

Checked<void> ExportRoutes::start(const Request& request, Response& response) const {
  TALLY_TRY_ASSIGN(const Access access, gate_.admin_or_auditor(request, Need::audit_read));
  TALLY_TRY_ASSIGN(QueryReader reader, QueryReader::parse(request, {"format", "type", "since", "until", "after"}));
  const AuditQuery query = read_audit_query(reader, access.workspace);
  const ExportFormat& format = format_of(reader);
  TALLY_TRY(reader.finish());
  response.start(200, format.content_type);
  response.set_no_store();
  // Nothing is sent, so nothing is exported: no event says that it was.
  if (request.method == Method::head) return {};

  TALLY_TRY_ASSIGN(auto place, places_.take(StreamKind::exported, access.caller.person.id, access.workspace));
  const auto id = core::draw_id<core::ExportId>(random_, request.received_at);
  core::RecordExportStarted started{access.workspace, id, std::string{format.name}, query.text};
  TALLY_TRY(execute_blocking(commands_, context_of(request, access.caller, random_), std::move(started)));
  TALLY_TRY_ASSIGN(auto walk, audit_.walk(query.filter, query.after));
  ExportStream::Order order{access.workspace,
                            id,
                            format,
                            context_of(request, access.caller, random_),
                            [&gate = gate_, access](core::Timestamp now) { return gate.still_reads_all(access, now); },
                            std::move(place)};
  response.stream = std::make_unique<ExportStream>(std::move(order), std::move(walk), people_, commands_, clock_);
  response.set("Tally-Export", id.str());
  response.set("Content-Disposition", "attachment; filename=\"" + access.workspace.str() + "-" + id.str() +
                                          std::string{format.file_ending} + "\"");
  return {};
}

Checked<void> ExportRoutes::manifest(const Request& request, Response& response) const {
  TALLY_TRY_ASSIGN(const Access access, gate_.admin_or_auditor(request, Need::audit_read));
  TALLY_TRY(expect_no_query(request));
  TALLY_TRY_ASSIGN(const core::ExportId id, id_in_path<core::ExportId>(request, 1));
  TALLY_TRY_ASSIGN(const Traces traces, find_traces(audit_, access.workspace, id));
  if (!traces.started) return core::fail(core::Errc::not_found, "no such export");
  if (!traces.completed) return core::fail(core::Errc::conflict, "the export has not completed");
  response.start(200, kJson);
  response.set_no_store();
  JsonWriter json{response.body()};
  write_manifest(json, traces);
  return {};
}

}  // namespace tally::http
