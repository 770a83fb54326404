#include "http/api/resource_servers_routes.hpp"

#include <utility>

#include "core/base/names.hpp"
#include "core/base/secret.hpp"
#include "core/crypto/hash.hpp"
#include "core/workspace/workspace_commands.hpp"
#include "http/commands/execute.hpp"
#include "http/formats/views.hpp"
#include "http/frame/json_reader.hpp"
#include "http/frame/query_reader.hpp"
#include "http/frame/route_policies.hpp"
#include "http/tokens/resources.hpp"

namespace tally::http {
namespace {

/// It may have none.
core::Result<std::string> checked_resource(std::string_view uri) {
  if (!uri.empty()) TALLY_TRY(core::check_resource("resource", uri));
  return std::string{uri};
}

}  // namespace

ResourceServersRoutes::ResourceServersRoutes(const Gate& gate, const projections::WorkspaceQueries& workspaces,
                                             projections::CommandService& commands, core::RandomSource& random,
                                             const Idempotency& idempotency, std::string issuer)
    : gate_(gate),
      workspaces_(workspaces),
      commands_(commands),
      random_(random),
      idempotency_(idempotency),
      issuer_(std::move(issuer)) {}

void ResourceServersRoutes::add_to(Router& router) const {
  router.add({Method::post, "/v1/workspaces/{workspace}/resource-servers",
              AsyncHandler{awaiting(this, &ResourceServersRoutes::create)}, kInWorkspaceBySession});
  router.add({Method::get, "/v1/workspaces/{workspace}/resource-servers",
              SyncHandler{answering(this, &ResourceServersRoutes::list)},
              on(RunOn::short_reads, kInWorkspaceBySession)});
  router.add({Method::delete_, "/v1/workspaces/{workspace}/resource-servers/{resource_server}",
              AsyncHandler{awaiting(this, &ResourceServersRoutes::remove)}, kInWorkspaceBySession});
}

Checked<ResourceServersRoutes::NewServer> ResourceServersRoutes::read_new_server(const Request& request) const {
  TALLY_TRY_ASSIGN(Access access, gate_.admin(request, Need::session_only));
  TALLY_TRY(expect_no_query(request));
  TALLY_TRY_ASSIGN(JsonReader reader, JsonReader::parse(request));
  core::AddResourceServer command;
  command.id = core::draw_id<core::ResourceServerId>(random_, request.received_at);
  command.workspace = access.workspace;
  command.name = reader.name_of_thing("name");
  command.resource = reader.text_by(checked_resource, "resource", Presence::optional);
  // Below the issuer lie the audiences of the workspaces: a token for one must not be had by another.
  if (is_below_issuer(command.resource, issuer_)) reader.invalid("resource", "this server's own URIs are not free");
  TALLY_TRY(reader.finish());
  auto secret = core::OpaqueSecret::generate(core::SecretKind::resource_server, random_);
  command.secret_hash = core::crypto::sha256(core::as_bytes(secret.reveal()));
  return NewServer{std::move(access.caller), std::move(command), std::move(secret)};
}

boost::asio::awaitable<void> ResourceServersRoutes::create(const Request& request, Response& response) const {
  auto asked = read_new_server(request);
  if (asked.has_error()) co_return write_refusal(request, asked.error(), response);
  auto hold = idempotency_.begin(request, asked->caller, response);
  if (hold.is_answered()) co_return;
  auto secret = std::make_shared<core::OpaqueSecret>(std::move(asked->secret));
  const auto write = [secret](const core::AddResourceServer::Outcome& outcome, std::optional<core::Sequence> sequence,
                              Response& answer) -> core::Result<void> {
    answer.start(201, kJson);
    answer.set_no_store();
    answer.set_sequence(sequence);
    JsonWriter json{answer.body()};
    json.begin_object();
    write_resource_server_fields(json, outcome.resource_server);
    json.member("secret", secret->reveal()).end_object();
    return {};
  };
  auto context = context_of(request, asked->caller, random_);
  Keeping keeping{Keeping::Secret::held, asked->command.id.str()};
  co_await idempotency_.run(request, std::move(hold), std::move(context), std::move(asked->command), write,
                            std::move(keeping), response);
}

Checked<void> ResourceServersRoutes::list(const Request& request, Response& response) const {
  TALLY_TRY_ASSIGN(const Access access, gate_.admin(request, Need::session_only));
  TALLY_TRY_ASSIGN(QueryReader reader, QueryReader::parse(request, {"limit", "cursor"}));
  const int limit = reader.limit();
  const std::string after = reader.cursor();
  TALLY_TRY(reader.finish());
  const auto page = workspaces_.list_resource_servers(access.workspace, limit, after);
  if (page.has_error()) return page_error(page.error());
  response.start(200, kJson);
  response.set_no_store();
  JsonWriter json{response.body()};
  json.begin_object().key("items").begin_array();
  for (const core::ResourceServerState& resource_server : page->items) {
    json.begin_object();
    write_resource_server_fields(json, resource_server);
    json.end_object();
  }
  json.end_array();
  if (!page->next.empty()) json.member("next_cursor", cursor_of(page->next));
  json.end_object();
  return {};
}

boost::asio::awaitable<void> ResourceServersRoutes::remove(const Request& request, Response& response) const {
  const auto access = gate_.admin(request, Need::session_only);
  if (access.has_error()) co_return write_refusal(request, access.error(), response);
  const auto id = id_in_path<core::ResourceServerId>(request, 1);
  if (id.has_error()) co_return write_refusal(request, id.error(), response);
  const auto plain = expect_no_query(request);
  if (plain.has_error()) co_return write_refusal(request, plain.error(), response);
  const core::RemoveResourceServer command{access->workspace, *id};
  const auto done = co_await execute(commands_, context_of(request, access->caller, random_), command);
  if (done.has_error()) co_return write_refusal(request, done.error(), response);
  response.empty(204);
  response.set_sequence(done->sequence);
}

}  // namespace tally::http
