#include "http/api/session_routes.hpp"

#include <utility>

#include "core/base/check.hpp"
#include "core/base/limits.hpp"
#include "core/identity/person_commands.hpp"
#include "core/identity/person_decider.hpp"
#include "http/commands/execute.hpp"
#include "http/formats/views.hpp"
#include "http/frame/json_reader.hpp"
#include "http/frame/query_reader.hpp"
#include "http/frame/route_policies.hpp"

namespace tally::http {
namespace {

core::Error wrong_credentials() { return core::fail(core::Errc::unauthenticated, "wrong username or password"); }

}  // namespace

SessionRoutes::SessionRoutes(const Gate& gate, const Authenticator& authenticator,
                             const projections::PeopleQueries& people, const projections::WorkspaceQueries& workspaces,
                             projections::CommandService& commands, const PasswordDoor& door,
                             core::RandomSource& random, const Idempotency& idempotency, const std::string& issuer,
                             BreakGlassWatch watch)
    : gate_(gate),
      authenticator_(authenticator),
      people_(people),
      workspaces_(workspaces),
      commands_(commands),
      door_(door),
      random_(random),
      idempotency_(idempotency),
      transport_(issuer.starts_with("https://") ? CookieTransport::https : CookieTransport::plain_http),
      watch_(std::move(watch)) {}

void SessionRoutes::add_to(Router& router) const {
  router.add({Method::post, "/v1/session", AsyncHandler{awaiting(this, &SessionRoutes::sign_in)}, kForEveryone});
  router.add({Method::get, "/v1/session", SyncHandler{answering(this, &SessionRoutes::who_am_i)},
              on(RunOn::short_reads, kBySession)});
  router.add({Method::delete_, "/v1/session", AsyncHandler{awaiting(this, &SessionRoutes::sign_out)}, kBySession});
}

Checked<SessionRoutes::Credentials> SessionRoutes::read_credentials(const Request& request) const {
  TALLY_TRY(expect_no_query(request));
  TALLY_TRY(authenticator_.check_origin_of_sign_in(request));
  TALLY_TRY_ASSIGN(JsonReader reader, JsonReader::parse(request));
  Credentials credentials{reader.text("username"), reader.secret("password")};
  TALLY_TRY(reader.finish());
  return credentials;
}

core::Result<std::optional<core::PersonState>> SessionRoutes::find_person(const std::string& username) const {
  const auto normalized = core::normalize_username(username);
  // What can not be anybody's name is just nobody's: the answer is the same.
  if (normalized.has_error()) return std::optional<core::PersonState>{};
  return people_.find_by_username(*normalized);
}

core::Result<void> SessionRoutes::write_who(const core::PersonState& person, Response& response) const {
  TALLY_TRY_ASSIGN(const auto memberships, workspaces_.memberships_of(person.id, core::limits::kPageItemsMax, {}));
  response.set_no_store();
  JsonWriter json{response.body()};
  json.begin_object().key("user");
  write_user(json, person);
  json.key("workspaces").begin_array();
  for (const projections::Membership& membership : memberships.items) {
    json.begin_object().member("id", membership.workspace.id.str()).member("name", membership.workspace.name);
    json.member("role", core::name_of(membership.member.role)).end_object();
  }
  json.end_array().end_object();
  return {};
}

boost::asio::awaitable<void> SessionRoutes::sign_in(const Request& request, Response& response) const {
  auto credentials = read_credentials(request);
  if (credentials.has_error()) co_return write_refusal(request, credentials.error(), response);
  auto person = find_person(credentials->username);
  if (person.has_error()) co_return write_refusal(request, person.error(), response);
  auto proving = door_.passes(request, PasswordClaim{std::move(credentials->username), std::move(credentials->password),
                                                     *person, std::nullopt});
  const core::Result<bool> passed = co_await std::move(proving);
  if (passed.has_error()) co_return write_refusal(request, passed.error(), response);
  if (!*passed) co_return write_refusal(request, wrong_credentials(), response);

  // Only whoever knows the password gets as far as somebody's keys.
  Caller caller;
  caller.person = *std::move(*person);
  caller.via = via_of_session(request);
  auto hold = idempotency_.begin(request, caller, response);
  if (hold.is_answered()) co_return;
  auto session = std::make_shared<NewSession>(draw_session(random_));
  core::SignIn command;
  command.user = caller.person.id;
  command.password_matched = true;
  command.credentials_version = caller.person.credentials_version;
  command.session_hash = session->hash;
  command.session_expires_at = request.received_at + core::limits::kSessionLifetime;
  const auto write = [this, session, signed_in = caller.person](
                         const core::SignIn::Outcome&, std::optional<core::Sequence> sequence, Response& answer) {
    return write_signed_in(signed_in, *session, sequence, answer);
  };
  auto context = context_of(request, caller, random_);
  Keeping keeping{Keeping::Secret::held, {}};
  co_await idempotency_.run(request, std::move(hold), std::move(context), std::move(command), write, std::move(keeping),
                            response);
  const bool is_break_glass = caller.person.standing == core::ServerStanding::break_glass;
  if (is_break_glass && response.status() == 200 && watch_) watch_(caller.person.id, request.request_id);
}

core::Result<void> SessionRoutes::write_signed_in(const core::PersonState& person, const NewSession& session,
                                                  std::optional<core::Sequence> sequence, Response& response) const {
  response.start(200, kJson);
  TALLY_TRY(write_who(person, response));
  response.set_sequence(sequence);
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(core::limits::kSessionLifetime).count();
  response.set("Set-Cookie", set_session_cookie(session.cookie_value.reveal(), seconds, transport_).reveal());
  return {};
}

Checked<void> SessionRoutes::who_am_i(const Request& request, Response& response) const {
  TALLY_TRY(expect_no_query(request));
  TALLY_TRY_ASSIGN(const Caller caller, gate_.caller(request, Need::session_only));
  response.start(200, kJson);
  TALLY_TRY(write_who(caller.person, response));
  return {};
}

boost::asio::awaitable<void> SessionRoutes::sign_out(const Request& request, Response& response) const {
  const auto caller = gate_.caller(request, Need::session_only);
  if (caller.has_error()) co_return write_refusal(request, caller.error(), response);
  const auto plain = expect_no_query(request);
  if (plain.has_error()) co_return write_refusal(request, plain.error(), response);
  TALLY_CHECK(caller->session_hash.has_value());
  const core::SignOut command{*caller->session_hash};
  const auto signed_out = co_await execute(commands_, context_of(request, *caller, random_), command);
  if (signed_out.has_error()) co_return write_refusal(request, signed_out.error(), response);
  response.empty(204);
  response.set_sequence(signed_out->sequence);
  response.set("Set-Cookie", clear_session_cookie(transport_).reveal());
}

}  // namespace tally::http
