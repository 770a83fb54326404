#include "http/api/members_routes.hpp"

#include <utility>

#include "core/base/check.hpp"
#include "core/workspace/workspace_commands.hpp"
#include "http/api/stop_fields.hpp"
#include "http/commands/execute.hpp"
#include "http/formats/views.hpp"
#include "http/frame/entity_tag.hpp"
#include "http/frame/json_reader.hpp"
#include "http/frame/query_reader.hpp"
#include "http/frame/route_policies.hpp"

namespace tally::http {

MembersRoutes::MembersRoutes(const Gate& gate, const projections::WorkspaceQueries& workspaces,
                             const projections::PeopleQueries& people, projections::CommandService& commands,
                             core::RandomSource& random, const Offboarding& offboarding)
    : gate_(gate),
      workspaces_(workspaces),
      people_(people),
      commands_(commands),
      random_(random),
      offboarding_(offboarding) {}

void MembersRoutes::add_to(Router& router) const {
  router.add({Method::get, "/v1/workspaces/{workspace}/members", SyncHandler{answering(this, &MembersRoutes::list)},
              on(RunOn::short_reads, kInWorkspaceBySession)});
  router.add({Method::put, "/v1/workspaces/{workspace}/members/{user}",
              AsyncHandler{awaiting(this, &MembersRoutes::put)}, kInWorkspaceBySession});
  router.add({Method::delete_, "/v1/workspaces/{workspace}/members/{user}",
              AsyncHandler{awaiting(this, &MembersRoutes::remove)}, kInWorkspaceBySession});
}

Checked<void> MembersRoutes::list(const Request& request, Response& response) const {
  TALLY_TRY_ASSIGN(const Access access, gate_.admin_or_operator(request));
  TALLY_TRY_ASSIGN(QueryReader reader, QueryReader::parse(request, {"limit", "cursor"}));
  const int limit = reader.limit();
  const std::string after = reader.cursor();
  TALLY_TRY(reader.finish());
  const auto page = workspaces_.list_members(access.workspace, limit, after);
  if (page.has_error()) return page_error(page.error());
  response.start(200, kJson);
  response.set_no_store();
  JsonWriter json{response.body()};
  json.begin_object().key("items").begin_array();
  for (const projections::MemberRecord& record : page->items) write_member(json, record.member, record.person);
  json.end_array();
  if (!page->next.empty()) json.member("next_cursor", cursor_of(page->next));
  json.end_object();
  return {};
}

Checked<MembersRoutes::NewRole> MembersRoutes::read_new_role(const Request& request) const {
  TALLY_TRY_ASSIGN(Access access, gate_.admin_or_operator(request));
  TALLY_TRY(expect_no_query(request));
  TALLY_TRY_ASSIGN(const core::UserId user, id_in_path<core::UserId>(request, 1));
  TALLY_TRY_ASSIGN(core::VersionCondition expected, read_if_match(request));
  TALLY_TRY_ASSIGN(JsonReader reader, JsonReader::parse(request));
  const auto role = core::parse_role(reader.text("role"));
  if (reader.has("role") && role.has_error()) reader.invalid("role", "must be member, admin or auditor");
  TALLY_TRY(reader.finish());
  return NewRole{std::move(access.caller), core::PutMember{access.workspace, user, *role, std::move(expected)}};
}

boost::asio::awaitable<void> MembersRoutes::put(const Request& request, Response& response) const {
  const auto asked = read_new_role(request);
  if (asked.has_error()) co_return write_refusal(request, asked.error(), response);
  const auto done = co_await execute(commands_, context_of(request, asked->caller, random_), asked->command);
  if (done.has_error()) co_return write_refusal(request, done.error(), response);
  const auto person = people_.find(asked->command.user);
  if (person.has_error()) co_return write_refusal(request, person.error(), response);
  if (!*person) co_return write_refusal(request, core::fail(core::Errc::corrupt, "a member is no person"), response);
  response.start(done->outcome.added ? 201 : 200, kJson);
  response.set_no_store();
  response.set_sequence(done->sequence);
  JsonWriter json{response.body()};
  write_member(json, done->outcome.member, **person);
  set_entity_tag(done->outcome.member.role_sequence, response);
}

Checked<MembersRoutes::Removal> MembersRoutes::read_removal(const Request& request) const {
  TALLY_TRY_ASSIGN(Access access, gate_.admin_or_operator(request));
  TALLY_TRY_ASSIGN(const core::UserId user, id_in_path<core::UserId>(request, 1));
  TALLY_TRY(expect_no_body(request));
  TALLY_TRY_ASSIGN(QueryReader reader, QueryReader::parse(request, {"access", "reason"}));
  core::RemoveMember command{access.workspace, user};
  TALLY_TRY_ASSIGN(command.expected, read_if_match(request));
  command.access = read_access_fate(reader, core::AccessFate::revoke);
  command.reason = read_reason(reader);
  TALLY_TRY(reader.finish());
  return Removal{std::move(access.caller), std::move(command)};
}

boost::asio::awaitable<void> MembersRoutes::remove(const Request& request, Response& response) const {
  const auto removal = read_removal(request);
  if (removal.has_error()) co_return write_refusal(request, removal.error(), response);
  const auto farewell = co_await offboarding_.remove(context_of(request, removal->caller, random_), removal->command);
  if (farewell.has_error()) co_return write_refusal(request, farewell.error(), response);
  write_farewell(*farewell, response);
}

}  // namespace tally::http
