#include "http/api/audit_routes.hpp"

#include <utility>

#include "core/base/limits.hpp"
#include "core/ledger/ledger_commands.hpp"
#include "http/commands/execute.hpp"
#include "http/formats/event_view.hpp"
#include "http/formats/views.hpp"
#include "http/frame/route_policies.hpp"

namespace tally::http {

AuditRoutes::AuditRoutes(const Gate& gate, const projections::AuditQueries& audit,
                         const projections::TokenQueries& tokens, const projections::PeopleQueries& people,
                         projections::CommandService& commands, core::RandomSource& random)
    : gate_(gate), audit_(audit), tokens_(tokens), people_(people), commands_(commands), random_(random) {}

void AuditRoutes::add_to(Router& router) const {
  router.add({Method::get, "/v1/workspaces/{workspace}/events",
              SyncHandler{answering(this, &AuditRoutes::of_workspace)}, on(RunOn::long_reads, kInWorkspace)});
  router.add({Method::get, "/v1/workspaces/{workspace}/tokens/{token}/events",
              SyncHandler{answering(this, &AuditRoutes::of_token)}, on(RunOn::long_reads, kInWorkspace)});
}

core::Result<AuditRoutes::Page> AuditRoutes::read_page(const AuditQuery& query, int limit) const {
  if (query.order == AuditQuery::Order::newest_first) {
    TALLY_TRY_ASSIGN(projections::AuditBackPage page, audit_.list_newest(query.filter, query.before, limit));
    return Page{std::move(page.items), "next_before", page.next_before};
  }
  TALLY_TRY_ASSIGN(projections::AuditPage page, audit_.list(query.filter, query.after, limit));
  return Page{std::move(page.items), "next_after", page.next_after};
}

core::Result<AuditRoutes::Told> AuditRoutes::tell(const Page& page) const {
  PeopleNames names{people_};
  Told told;
  told.next = page.next;
  for (const core::Event& event : page.items) {
    TALLY_TRY(learn_people(event.actor, names));
    if (told.count > 0) told.values += ',';
    JsonWriter json{told.values};
    write_event(json, event, names);
    ++told.count;
    if (told.values.size() < core::limits::kPageBytes || &event == &page.items.back()) continue;
    told.next = event.sequence;
    break;
  }
  return told;
}

Checked<void> AuditRoutes::answer(const Request& request, const Access& access, const AuditQuery& query, int limit,
                                  Recording recording, Response& response) const {
  TALLY_TRY_ASSIGN(const Page page, read_page(query, limit));
  TALLY_TRY_ASSIGN(const Told told, tell(page));
  if (recording == Recording::recorded) {
    core::RecordAuditRead command{access.workspace, query.text, told.count};
    TALLY_TRY(execute_blocking(commands_, context_of(request, access.caller, random_), std::move(command)));
  }
  response.start(200, kJson);
  response.set_no_store();
  JsonWriter json{response.body()};
  json.begin_object().key("items").begin_array();
  if (told.count > 0) json.raw(told.values);
  json.end_array();
  if (told.next) json.member(page.next_name, told.next->value);
  json.end_object();
  return {};
}

Checked<void> AuditRoutes::of_workspace(const Request& request, Response& response) const {
  TALLY_TRY_ASSIGN(const Access access, gate_.admin_or_auditor(request, Need::audit_read));
  TALLY_TRY_ASSIGN(QueryReader reader, QueryReader::parse(request, {"token", "actor", "type", "since", "until", "after",
                                                                    "order", "before", "limit"}));
  AuditQuery query = read_full_audit_query(reader, access.workspace);
  read_order(reader, query);
  const int limit = reader.limit();
  TALLY_TRY(reader.finish());
  return answer(request, access, query, limit, Recording::recorded, response);
}

Checked<void> AuditRoutes::of_token(const Request& request, Response& response) const {
  TALLY_TRY_ASSIGN(const Access access, gate_.member(request, Need::audit_read));
  TALLY_TRY_ASSIGN(const core::TokenId id, id_in_path<core::TokenId>(request, 1));
  TALLY_TRY_ASSIGN(QueryReader reader,
                   QueryReader::parse(request, {"type", "since", "until", "after", "order", "before", "limit"}));
  AuditQuery query = read_audit_query(reader, access.workspace);
  read_order(reader, query);
  const int limit = reader.limit();
  TALLY_TRY(reader.finish());
  // A deleted token's history stays.
  TALLY_TRY_ASSIGN(const auto token, tokens_.find(access.workspace, id, request.received_at));
  if (!token || !access.may_see(token->state.owner)) return core::fail(core::Errc::not_found, "no such token");
  query.filter.token = id;
  append_words(query.text, "token", id.str());
  const bool is_own = token->state.owner == access.caller.person.id;
  return answer(request, access, query, limit, is_own ? Recording::own_token : Recording::recorded, response);
}

}  // namespace tally::http
