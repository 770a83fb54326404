#include "http/api/workspaces_routes.hpp"

#include <initializer_list>
#include <utility>

#include "core/base/limits.hpp"
#include "core/workspace/workspace_commands.hpp"
#include "http/commands/execute.hpp"
#include "http/formats/views.hpp"
#include "http/frame/entity_tag.hpp"
#include "http/frame/json_reader.hpp"
#include "http/frame/query_reader.hpp"
#include "http/frame/route_policies.hpp"

namespace tally::http {
namespace {

/// Scopes come as a list here, one scope per item, so that a typing mistake can not join or split two of them.
core::ScopeSet scopes_of(JsonReader& reader, std::string_view field) {
  std::string joined;
  for (const std::string& item : reader.texts(field)) {
    const auto one = core::ScopeSet::parse(item, 1);
    if (one.has_error() || one->scopes().size() != 1) {
      reader.invalid(field, "every item must be one scope as RFC 6749 §3.3 says");
      return {};
    }
    joined += (joined.empty() ? "" : " ") + item;
  }
  auto scopes = core::ScopeSet::parse(joined, core::limits::kScopesPerWorkspaceMax);
  if (scopes.has_error()) {
    reader.invalid(field, scopes.error().detail);
    return {};
  }
  return *std::move(scopes);
}

class PolicyReader {
 public:
  explicit PolicyReader(JsonReader& reader) : reader_(reader) {}
  template <class Number>
  void number(const char* name, Number& value, std::int64_t min, std::int64_t max) {
    value = static_cast<Number>(reader_.whole_number(name, min, max));
  }
  template <class Choice>
  void choice(const char* name, Choice& value, std::initializer_list<Choice> choices) {
    choose(name, value, choices, Presence::required);
  }
  /// Left as it is if nothing is given.
  template <class Choice>
  void choice_if(const char* name, Choice& value, std::initializer_list<Choice> choices) {
    choose(name, value, choices, Presence::optional);
  }
  void scopes(const char* name, core::ScopeSet& scopes) { scopes = scopes_of(reader_, name); }
  void time_if(const char* name, std::optional<core::Timestamp>& time) { time = reader_.time_if(name); }

 private:
  template <class Choice>
  void choose(const char* name, Choice& value, std::initializer_list<Choice> choices, Presence presence) {
    const std::string given = reader_.text(name, presence);
    std::string names;
    for (const Choice one : choices) {
      if (given == core::name_of(one)) {
        value = one;
        return;
      }
      names += (names.empty() ? "" : " or ") + std::string{core::name_of(one)};
    }
    if (reader_.has(name)) reader_.invalid(name, "must be " + names);
  }

  JsonReader& reader_;
};

core::Policy read_policy(JsonReader& reader) {
  core::Policy policy;
  PolicyReader fields{reader};
  core::describe_policy(policy, fields);
  // What no field shows by itself, as a name of ours that is none, is told with the rest.
  if (const auto good = core::check_policy(policy); good.has_error()) {
    reader.invalid(good.error().field, good.error().detail);
  }
  return policy;
}

void answer_policy(const Request& request, const core::WorkspaceState& workspace,
                   std::optional<core::Sequence> sequence, Response& response) {
  response.start(200, kJson);
  response.set_no_store();
  response.set_sequence(sequence);
  JsonWriter json{response.body()};
  write_policy(json, workspace.policy);
  tag_answer(request, workspace.policy_sequence, response);
}

}  // namespace

WorkspacesRoutes::WorkspacesRoutes(const Gate& gate, const projections::WorkspaceQueries& workspaces,
                                   projections::CommandService& commands, const AccessTokens& access_tokens,
                                   core::RandomSource& random, const Idempotency& idempotency)
    : gate_(gate),
      workspaces_(workspaces),
      commands_(commands),
      access_tokens_(access_tokens),
      random_(random),
      idempotency_(idempotency) {}

void WorkspacesRoutes::add_to(Router& router) const {
  router.add({Method::post, "/v1/workspaces", AsyncHandler{awaiting(this, &WorkspacesRoutes::create)}, kBySession});
  router.add({Method::get, "/v1/workspaces", SyncHandler{answering(this, &WorkspacesRoutes::list)},
              on(RunOn::short_reads, kBySession)});
  router.add({Method::get, "/v1/workspaces/{workspace}", SyncHandler{answering(this, &WorkspacesRoutes::show)},
              kInWorkspaceBySession});
  router.add({Method::get, "/v1/workspaces/{workspace}/policy",
              SyncHandler{answering(this, &WorkspacesRoutes::show_policy)}, kInWorkspaceBySession});
  router.add({Method::put, "/v1/workspaces/{workspace}/policy",
              AsyncHandler{awaiting(this, &WorkspacesRoutes::change_policy)}, with_long_body(kInWorkspaceBySession)});
}

core::Result<core::WorkspaceState> WorkspacesRoutes::find(core::WorkspaceId workspace) const {
  TALLY_TRY_ASSIGN(std::optional<core::WorkspaceState> found, workspaces_.find(workspace));
  if (!found) return core::fail(core::Errc::not_found, "no such workspace");
  return *std::move(found);
}

Checked<WorkspacesRoutes::NewWorkspace> WorkspacesRoutes::read_new_workspace(const Request& request) const {
  TALLY_TRY_ASSIGN(Caller caller, gate_.operator_caller(request));
  TALLY_TRY(expect_no_query(request));
  TALLY_TRY_ASSIGN(JsonReader reader, JsonReader::parse(request));
  core::CreateWorkspace command{core::draw_id<core::WorkspaceId>(random_, request.received_at),
                                reader.name_of_thing("name")};
  TALLY_TRY(reader.finish());
  return NewWorkspace{std::move(caller), std::move(command)};
}

boost::asio::awaitable<void> WorkspacesRoutes::create(const Request& request, Response& response) const {
  auto asked = read_new_workspace(request);
  if (asked.has_error()) co_return write_refusal(request, asked.error(), response);
  auto hold = idempotency_.begin(request, asked->caller, response);
  if (hold.is_answered()) co_return;
  const auto write = [this](const core::CreateWorkspace::Outcome& outcome, std::optional<core::Sequence> sequence,
                            Response& answer) -> core::Result<void> {
    write_created(outcome.workspace, sequence, answer);
    return {};
  };
  auto context = context_of(request, asked->caller, random_);
  co_await idempotency_.run(request, std::move(hold), std::move(context), std::move(asked->command), write, Keeping{},
                            response);
}

void WorkspacesRoutes::write_created(const core::WorkspaceState& workspace, std::optional<core::Sequence> sequence,
                                     Response& response) const {
  response.start(201, kJson);
  response.set_no_store();
  response.set_sequence(sequence);
  response.set("Location", "/v1/workspaces/" + workspace.id.str());
  JsonWriter json{response.body()};
  write_workspace(json, workspace, std::nullopt, access_tokens_);
}

Checked<void> WorkspacesRoutes::list(const Request& request, Response& response) const {
  TALLY_TRY_ASSIGN(const Caller caller, gate_.caller(request, Need::session_only));
  TALLY_TRY_ASSIGN(QueryReader reader, QueryReader::parse(request, {"limit", "cursor"}));
  const int limit = reader.limit();
  const std::string after = reader.cursor();
  TALLY_TRY(reader.finish());
  TALLY_TRY_ASSIGN(const Listed listed, read_list(caller, limit, after));
  response.start(200, kJson);
  response.set_no_store();
  JsonWriter json{response.body()};
  json.begin_object().key("items").begin_array();
  for (const auto& [workspace, role] : listed.items) write_workspace(json, workspace, role, access_tokens_);
  json.end_array();
  if (!listed.next.empty()) json.member("next_cursor", cursor_of(listed.next));
  json.end_object();
  return {};
}

Checked<WorkspacesRoutes::Listed> WorkspacesRoutes::read_list(const Caller& caller, int limit,
                                                              const std::string& after) const {
  Listed listed;
  if (!caller.sees_all()) {
    auto page = workspaces_.memberships_of(caller.person.id, limit, after);
    if (page.has_error()) return page_error(page.error());
    for (projections::Membership& one : page->items) {
      listed.items.push_back({std::move(one.workspace), one.member.role});
    }
    listed.next = std::move(page->next);
    return listed;
  }
  auto page = workspaces_.list(limit, after);
  if (page.has_error()) return page_error(page.error());
  for (core::WorkspaceState& workspace : page->items) {
    TALLY_TRY_ASSIGN(const auto role, gate_.role_in(caller, workspace.id));
    listed.items.push_back({std::move(workspace), role});
  }
  listed.next = std::move(page->next);
  return listed;
}

Checked<void> WorkspacesRoutes::show(const Request& request, Response& response) const {
  TALLY_TRY_ASSIGN(const Access access, gate_.visitor(request, Need::session_only));
  TALLY_TRY(expect_no_query(request));
  TALLY_TRY_ASSIGN(const core::WorkspaceState workspace, find(access.workspace));
  response.start(200, kJson);
  response.set_no_store();
  JsonWriter json{response.body()};
  write_workspace(json, workspace, access.role, access_tokens_);
  tag_answer(request, workspace.version, response);
  return {};
}

Checked<void> WorkspacesRoutes::show_policy(const Request& request, Response& response) const {
  TALLY_TRY_ASSIGN(const Access access, gate_.visitor(request, Need::session_only));
  TALLY_TRY(expect_no_query(request));
  TALLY_TRY_ASSIGN(const core::WorkspaceState workspace, find(access.workspace));
  answer_policy(request, workspace, std::nullopt, response);
  return {};
}

Checked<WorkspacesRoutes::NewPolicy> WorkspacesRoutes::read_new_policy(const Request& request) const {
  TALLY_TRY_ASSIGN(Access access, gate_.admin(request, Need::session_only));
  TALLY_TRY(expect_no_query(request));
  TALLY_TRY_ASSIGN(core::VersionCondition expected, read_if_match(request));
  TALLY_TRY_ASSIGN(JsonReader reader, JsonReader::parse(request));
  core::ChangePolicy command{access.workspace, read_policy(reader), std::move(expected)};
  TALLY_TRY(reader.finish());
  return NewPolicy{std::move(access.caller), std::move(command)};
}

boost::asio::awaitable<void> WorkspacesRoutes::change_policy(const Request& request, Response& response) const {
  auto asked = read_new_policy(request);
  if (asked.has_error()) co_return write_refusal(request, asked.error(), response);
  const auto changed =
      co_await execute(commands_, context_of(request, asked->caller, random_), std::move(asked->command));
  if (changed.has_error()) co_return write_refusal(request, changed.error(), response);
  answer_policy(request, changed->outcome.workspace, changed->sequence, response);
}

}  // namespace tally::http
