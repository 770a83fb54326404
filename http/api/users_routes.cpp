#include "http/api/users_routes.hpp"

#include <utility>

#include "core/base/names.hpp"
#include "core/identity/person_commands.hpp"
#include "core/identity/person_decider.hpp"
#include "http/api/stop_fields.hpp"
#include "http/commands/execute.hpp"
#include "http/formats/views.hpp"
#include "http/frame/entity_tag.hpp"
#include "http/frame/json_reader.hpp"
#include "http/frame/query_reader.hpp"
#include "http/frame/route_policies.hpp"

namespace tally::http {
namespace {

/// A password that somebody chooses; what somebody types to sign in has no bound of its own.
core::SecretText new_password(JsonReader& reader) {
  core::SecretText typed = reader.secret("password");
  if (!reader.has("password")) return typed;
  auto password = core::normalize_password("password", typed);
  if (password.has_value()) return std::move(*password);
  reader.invalid("password", password.error().detail);
  return typed;
}

void write_person(const core::PersonState& person, std::optional<core::Sequence> sequence, unsigned status,
                  Response& response) {
  response.start(status, kJson);
  response.set_no_store();
  response.set_sequence(sequence);
  JsonWriter json{response.body()};
  write_user(json, person);
}

}  // namespace

UsersRoutes::UsersRoutes(const Gate& gate, const projections::PeopleQueries& people, const PasswordDoor& door,
                         core::RandomSource& random, const Idempotency& idempotency, const Offboarding& offboarding)
    : gate_(gate),
      people_(people),
      door_(door),
      random_(random),
      idempotency_(idempotency),
      offboarding_(offboarding) {}

void UsersRoutes::add_to(Router& router) const {
  router.add({Method::post, "/v1/users", AsyncHandler{awaiting(this, &UsersRoutes::create)}, kBySession});
  router.add(
      {Method::get, "/v1/users", SyncHandler{answering(this, &UsersRoutes::list)}, on(RunOn::short_reads, kBySession)});
  router.add({Method::get, "/v1/users/{user}", SyncHandler{answering(this, &UsersRoutes::show)}, kBySession});
  router.add({Method::post, "/v1/users/{user}:deactivate", AsyncHandler{awaiting(this, &UsersRoutes::deactivate)},
              kBySession});
  router.add({Method::post, "/v1/users/{user}:reactivate", AsyncHandler{awaiting(this, &UsersRoutes::reactivate)},
              kBySession});
  router.add({Method::post, "/v1/users/{user}:setOperator", AsyncHandler{awaiting(this, &UsersRoutes::set_operator)},
              kBySession});
  router.add({Method::post, "/v1/users/{user}:setPassword", AsyncHandler{awaiting(this, &UsersRoutes::set_password)},
              kBySession});
}

core::Result<core::PersonState> UsersRoutes::visible_person(const Request& request, const Caller& caller) const {
  const auto none = core::fail(core::Errc::not_found, "no such user");
  TALLY_TRY_ASSIGN(const core::UserId user, id_in_path<core::UserId>(request, 0));
  if (user != caller.person.id && !caller.sees_all()) return none;
  TALLY_TRY_ASSIGN(std::optional<core::PersonState> person, people_.find(user));
  if (!person) return none;
  return *std::move(person);
}

Checked<UsersRoutes::NewUser> UsersRoutes::read_new_user(const Request& request) const {
  TALLY_TRY_ASSIGN(Caller caller, gate_.operator_caller(request));
  TALLY_TRY(expect_no_query(request));
  TALLY_TRY_ASSIGN(JsonReader reader, JsonReader::parse(request));
  NewUser user;
  user.caller = std::move(caller);
  user.command.id = core::draw_id<core::UserId>(random_, request.received_at);
  user.command.username = reader.text_by(core::normalize_username, "username");
  user.command.display_name = reader.name_of_thing("display_name");
  user.command.email = reader.text_by(core::normalize_email, "email", Presence::optional);
  user.password = new_password(reader);
  TALLY_TRY(reader.finish());
  return user;
}

boost::asio::awaitable<void> UsersRoutes::create(const Request& request, Response& response) const {
  auto user = read_new_user(request);
  if (user.has_error()) co_return write_refusal(request, user.error(), response);
  auto hold = idempotency_.begin(request, user->caller, response);
  if (hold.is_answered()) co_return;
  auto hashing = door_.make_verifier(request, user->caller.person.username, std::move(user->password));
  auto verifier = co_await std::move(hashing);
  if (verifier.has_error()) co_return write_refusal(request, verifier.error(), response);
  user->command.password_verifier = *std::move(verifier);
  const auto write = [](const core::CreateUser::Outcome& outcome, std::optional<core::Sequence> sequence,
                        Response& answer) -> core::Result<void> {
    write_person(outcome.person, sequence, 201, answer);
    answer.set("Location", "/v1/users/" + outcome.person.id.str());
    return {};
  };
  auto context = context_of(request, user->caller, random_);
  co_await idempotency_.run(request, std::move(hold), std::move(context), std::move(user->command), write, Keeping{},
                            response);
}

Checked<void> UsersRoutes::list(const Request& request, Response& response) const {
  TALLY_TRY(gate_.operator_caller(request));
  TALLY_TRY_ASSIGN(QueryReader reader, QueryReader::parse(request, {"limit", "cursor"}));
  const int limit = reader.limit();
  const std::string after = reader.cursor();
  TALLY_TRY(reader.finish());
  const auto page = people_.list(limit, after);
  if (page.has_error()) return page_error(page.error());
  response.start(200, kJson);
  response.set_no_store();
  JsonWriter json{response.body()};
  json.begin_object().key("items").begin_array();
  for (const core::PersonState& person : page->items) write_user(json, person);
  json.end_array();
  if (!page->next.empty()) json.member("next_cursor", cursor_of(page->next));
  json.end_object();
  return {};
}

Checked<void> UsersRoutes::show(const Request& request, Response& response) const {
  TALLY_TRY_ASSIGN(const Caller caller, gate_.caller(request, Need::session_only));
  TALLY_TRY(expect_no_query(request));
  TALLY_TRY_ASSIGN(const core::PersonState person, visible_person(request, caller));
  write_person(person, std::nullopt, 200, response);
  tag_answer(request, core::profile_version(person), response);
  return {};
}

Checked<UsersRoutes::Deactivation> UsersRoutes::read_deactivation(const Request& request) const {
  TALLY_TRY_ASSIGN(Caller caller, gate_.operator_caller(request));
  TALLY_TRY_ASSIGN(const core::UserId user, id_in_path<core::UserId>(request, 0));
  TALLY_TRY(expect_no_query(request));
  core::DeactivateUser command{user};
  TALLY_TRY_ASSIGN(command.expected, read_if_match(request));
  if (!request.body.empty()) {
    TALLY_TRY_ASSIGN(JsonReader reader, JsonReader::parse(request));
    command.access = read_access_fate(reader, core::AccessFate::revoke);
    command.reason = read_reason(reader);
    TALLY_TRY(reader.finish());
  }
  return Deactivation{std::move(caller), std::move(command)};
}

boost::asio::awaitable<void> UsersRoutes::deactivate(const Request& request, Response& response) const {
  auto asked = read_deactivation(request);
  if (asked.has_error()) co_return write_refusal(request, asked.error(), response);
  auto hold = idempotency_.begin(request, asked->caller, response);
  if (hold.is_answered()) co_return;
  const auto farewell =
      co_await offboarding_.deactivate(context_of(request, asked->caller, random_), std::move(asked->command));
  if (farewell.has_error()) co_return write_refusal(request, farewell.error(), response);
  const auto write = [farewell = *farewell](const auto&, std::optional<core::Sequence>,
                                            Response& answer) -> core::Result<void> {
    write_farewell(farewell, answer);
    set_entity_tag(farewell.profile_version, answer);
    return {};
  };
  co_await idempotency_.finish(request, std::move(hold), context_of(request, asked->caller, random_),
                               farewell->last_sequence, write, response);
}

/// Answers with the person as they are then.
template <class Command>
boost::asio::awaitable<void> UsersRoutes::answer(const Request& request, Order<Command> order,
                                                 Response& response) const {
  auto hold = idempotency_.begin(request, order.caller, response);
  if (hold.is_answered()) co_return;
  const auto write = [](const typename Command::Outcome& outcome, std::optional<core::Sequence> sequence,
                        Response& written) -> core::Result<void> {
    write_person(outcome.person, sequence, 200, written);
    set_entity_tag(core::profile_version(outcome.person), written);
    return {};
  };
  auto context = context_of(request, order.caller, random_);
  co_await idempotency_.run(request, std::move(hold), std::move(context), std::move(order.command), write, Keeping{},
                            response);
}

Checked<UsersRoutes::Order<core::ReactivateUser>> UsersRoutes::read_reactivation(const Request& request) const {
  TALLY_TRY_ASSIGN(Caller caller, gate_.operator_caller(request));
  TALLY_TRY_ASSIGN(const core::UserId user, id_in_path<core::UserId>(request, 0));
  TALLY_TRY(expect_no_query(request));
  TALLY_TRY(expect_no_body(request));
  TALLY_TRY_ASSIGN(core::VersionCondition expected, read_if_match(request));
  return Order<core::ReactivateUser>{std::move(caller), {user, std::move(expected)}};
}

boost::asio::awaitable<void> UsersRoutes::reactivate(const Request& request, Response& response) const {
  auto order = read_reactivation(request);
  if (order.has_error()) co_return write_refusal(request, order.error(), response);
  co_await answer(request, *std::move(order), response);
}

Checked<UsersRoutes::Order<core::SetOperator>> UsersRoutes::read_new_standing(const Request& request) const {
  TALLY_TRY_ASSIGN(Caller caller, gate_.operator_caller(request));
  TALLY_TRY_ASSIGN(const core::UserId user, id_in_path<core::UserId>(request, 0));
  TALLY_TRY(expect_no_query(request));
  TALLY_TRY_ASSIGN(core::VersionCondition expected, read_if_match(request));
  TALLY_TRY_ASSIGN(JsonReader reader, JsonReader::parse(request));
  const auto standing = core::parse_server_standing(reader.text("standing"));
  if (reader.has("standing") && standing.has_error()) reader.invalid("standing", standing.error().detail);
  TALLY_TRY(reader.finish());
  return Order<core::SetOperator>{std::move(caller), {user, *standing, std::move(expected)}};
}

boost::asio::awaitable<void> UsersRoutes::set_operator(const Request& request, Response& response) const {
  auto order = read_new_standing(request);
  if (order.has_error()) co_return write_refusal(request, order.error(), response);
  co_await answer(request, *std::move(order), response);
}

Checked<UsersRoutes::NewPassword> UsersRoutes::read_new_password(const Request& request) const {
  TALLY_TRY_ASSIGN(Caller caller, gate_.caller(request, Need::session_only));
  TALLY_TRY(expect_no_query(request));
  TALLY_TRY_ASSIGN(core::PersonState person, visible_person(request, caller));
  NewPassword asked;
  asked.is_own = person.id == caller.person.id;
  TALLY_TRY_ASSIGN(asked.expected, read_if_match(request));
  TALLY_TRY_ASSIGN(JsonReader reader, JsonReader::parse(request));
  asked.password = new_password(reader);
  asked.current_password = reader.secret("current_password", asked.is_own ? Presence::required : Presence::optional);
  TALLY_TRY(reader.finish());
  asked.caller = std::move(caller);
  asked.person = std::move(person);
  return asked;
}

boost::asio::awaitable<void> UsersRoutes::set_password(const Request& request, Response& response) const {
  auto asked = read_new_password(request);
  if (asked.has_error()) co_return write_refusal(request, asked.error(), response);
  auto hold = idempotency_.begin(request, asked->caller, response);
  if (hold.is_answered()) co_return;
  if (asked->is_own) {
    PasswordClaim claim{asked->person.username, std::move(asked->current_password), asked->person, asked->caller};
    auto proving = door_.passes(request, std::move(claim));
    const core::Result<bool> passed = co_await std::move(proving);
    if (passed.has_error()) co_return write_refusal(request, passed.error(), response);
    // Not 401: the session is good, and a client that is told otherwise signs its user out.
    if (!*passed) {
      co_return write_refusal(request, core::invalid("current_password", "is not the current password"), response);
    }
  }
  auto hashing = door_.make_verifier(request, asked->caller.person.username, std::move(asked->password));
  auto verifier = co_await std::move(hashing);
  if (verifier.has_error()) co_return write_refusal(request, verifier.error(), response);
  core::ChangePassword command;
  command.user = asked->person.id;
  command.password_verifier = *std::move(verifier);
  command.own_password_verified = asked->is_own;
  command.expected = std::move(asked->expected);
  const auto write = [](const core::ChangePassword::Outcome& outcome, std::optional<core::Sequence> sequence,
                        Response& answer) -> core::Result<void> {
    write_person(outcome.person, sequence, 200, answer);
    set_entity_tag(core::profile_version(outcome.person), answer);
    return {};
  };
  auto context = context_of(request, asked->caller, random_);
  co_await idempotency_.run(request, std::move(hold), std::move(context), std::move(command), write, Keeping{},
                            response);
}

}  // namespace tally::http
