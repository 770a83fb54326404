#include "http/api/token_stopping_routes.hpp"

#include <algorithm>
#include <utility>

#include "core/base/check.hpp"
#include "core/base/limits.hpp"
#include "core/token/token_commands.hpp"
#include "http/api/stop_fields.hpp"
#include "http/commands/execute.hpp"
#include "http/formats/views.hpp"
#include "http/frame/entity_tag.hpp"
#include "http/frame/json_reader.hpp"
#include "http/frame/query_reader.hpp"
#include "http/frame/route_policies.hpp"

namespace tally::http {
namespace {

/// What is left where nothing was read any more.
core::Error stopping() { return core::fail(core::Errc::stopping, "the server is stopping, or nobody waits"); }

std::vector<core::TokenId> read_ids(JsonReader& reader) {
  std::vector<core::TokenId> ids;
  const std::vector<std::string> written = reader.texts("ids");
  if (!reader.has("ids")) return ids;
  if (written.empty() || written.size() > core::limits::kIdsPerBulkCallMax) {
    reader.invalid("ids", "must be 1 to " + std::to_string(core::limits::kIdsPerBulkCallMax) + " ids");
  }
  for (const std::string& text : written) {
    const auto id = core::TokenId::parse(text);
    if (id.has_error()) {
      reader.invalid("ids", "item " + std::to_string(ids.size()) + " is not an id of the form tok_…");
      break;
    }
    ids.push_back(*id);
  }
  return ids;
}

/// `results`: of those of `asked` that the writer was asked about, in the same order. It was not about the others, for
/// the caller knows of no such token.
void write_results(const std::vector<core::TokenId>& asked, const std::vector<core::BulkResult>& results,
                   std::optional<core::Sequence> sequence, Response& response) {
  response.start(200, kJson);
  response.set_no_store();
  response.set_sequence(sequence);
  JsonWriter json{response.body()};
  json.begin_object().key("results").begin_array();
  auto result = results.begin();
  for (const core::TokenId id : asked) {
    const bool is_known = result != results.end() && result->id == id;
    const core::BulkOutcome outcome = is_known ? (result++)->outcome : core::BulkOutcome::not_found;
    json.begin_object().member("id", id.str()).member("outcome", core::name_of(outcome)).end_object();
  }
  TALLY_CHECK(result == results.end());
  json.end_array().end_object();
}

/// What became of the one token of a command.
core::Result<void> outcome_of_one(const std::vector<core::BulkResult>& results) {
  TALLY_CHECK(results.size() == 1);
  switch (results.front().outcome) {
    case core::BulkOutcome::disabled:
    case core::BulkOutcome::already_disabled:
    case core::BulkOutcome::deleted:
      return {};
    case core::BulkOutcome::not_found:
      return core::fail(core::Errc::not_found, "no such token");
    case core::BulkOutcome::forbidden:
      return core::fail(core::Errc::forbidden, "only the owner of the token or an admin may do this");
  }
  core::check_failed("a known BulkOutcome", __FILE__, __LINE__, {});
}

}  // namespace

TokenStoppingRoutes::TokenStoppingRoutes(const Gate& gate, const projections::TokenQueries& tokens,
                                         const projections::PeopleQueries& people,
                                         projections::CommandService& commands, core::RandomSource& random,
                                         const Idempotency& idempotency)
    : gate_(gate), tokens_(tokens), people_(people), commands_(commands), random_(random), idempotency_(idempotency) {}

void TokenStoppingRoutes::add_to(Router& router) const {
  const std::string tokens = "/v1/workspaces/{workspace}/tokens";
  router.add({Method::post, tokens + "/{token}:disable", AsyncHandler{awaiting(this, &TokenStoppingRoutes::disable)},
              kInWorkspace});
  router.add(
      {Method::delete_, tokens + "/{token}", AsyncHandler{awaiting(this, &TokenStoppingRoutes::remove)}, kInWorkspace});
  router.add({Method::post, tokens + ":batchDisable",
              AsyncHandler{awaiting(this, &TokenStoppingRoutes::stop_batch<core::DisableTokens>)},
              with_long_body(kInWorkspace)});
  router.add({Method::post, tokens + ":batchDelete",
              AsyncHandler{awaiting(this, &TokenStoppingRoutes::stop_batch<core::DeleteTokens>)},
              with_long_body(kInWorkspace)});
  router.add({Method::post, tokens + ":disableIssuedBefore",
              AsyncHandler{awaiting(this, &TokenStoppingRoutes::disable_issued_before)}, kInWorkspace});
}

Checked<TokenStoppingRoutes::Stop<core::DisableTokens>> TokenStoppingRoutes::read_disable(
    const Request& request) const {
  TALLY_TRY_ASSIGN(Access access, gate_.member(request, Need::tokens_write));
  TALLY_TRY(expect_no_query(request));
  TALLY_TRY_ASSIGN(const core::TokenId id, id_in_path<core::TokenId>(request, 1));
  core::DisableTokens command{access.workspace, {id}, core::AccessFate::keep, {}};
  TALLY_TRY_ASSIGN(command.expected, read_if_match(request));
  if (!request.body.empty()) {
    TALLY_TRY_ASSIGN(JsonReader reader, JsonReader::parse(request));
    command.reason = read_reason(reader);
    command.access = read_access_fate(reader, core::AccessFate::keep);
    TALLY_TRY(reader.finish());
  }
  return Stop<core::DisableTokens>{std::move(access), std::move(command)};
}

Checked<TokenStoppingRoutes::Stop<core::DeleteTokens>> TokenStoppingRoutes::read_delete(const Request& request) const {
  TALLY_TRY_ASSIGN(Access access, gate_.member(request, Need::tokens_write));
  TALLY_TRY(expect_no_body(request));
  TALLY_TRY_ASSIGN(const core::TokenId id, id_in_path<core::TokenId>(request, 1));
  TALLY_TRY_ASSIGN(QueryReader reader, QueryReader::parse(request, {"access", "reason"}));
  core::DeleteTokens command{access.workspace, {id}, core::AccessFate::keep, {}};
  TALLY_TRY_ASSIGN(command.expected, read_if_match(request));
  command.access = read_access_fate(reader, core::AccessFate::keep);
  command.reason = read_reason(reader);
  TALLY_TRY(reader.finish());
  return Stop<core::DeleteTokens>{std::move(access), std::move(command)};
}

template <class Command>
Checked<TokenStoppingRoutes::Stop<Command>> TokenStoppingRoutes::read_batch(const Request& request) const {
  TALLY_TRY_ASSIGN(Access access, gate_.member(request, Need::tokens_write));
  TALLY_TRY(expect_no_query(request));
  TALLY_TRY_ASSIGN(JsonReader reader, JsonReader::parse(request));
  Command command;
  command.workspace = access.workspace;
  command.ids = read_ids(reader);
  command.reason = read_reason(reader);
  command.access = read_access_fate(reader, core::AccessFate::keep);
  TALLY_TRY(reader.finish());
  return Stop<Command>{std::move(access), std::move(command)};
}

Checked<TokenStoppingRoutes::Stop<core::DisableIssuedBefore>> TokenStoppingRoutes::read_cut_off(
    const Request& request) const {
  TALLY_TRY_ASSIGN(Access access, gate_.admin(request, Need::tokens_write));
  TALLY_TRY(expect_no_query(request));
  TALLY_TRY_ASSIGN(JsonReader reader, JsonReader::parse(request));
  core::DisableIssuedBefore command;
  command.workspace = access.workspace;
  command.time = reader.time("time");
  command.owner = reader.id<core::UserId>("owner", Presence::optional);
  command.access = read_access_fate(reader, core::AccessFate::keep);
  TALLY_TRY(reader.finish());
  return Stop<core::DisableIssuedBefore>{std::move(access), std::move(command)};
}

core::Result<void> TokenStoppingRoutes::write_disabled(const core::DisableTokens::Outcome& outcome,
                                                       std::optional<core::Sequence> sequence,
                                                       Response& response) const {
  TALLY_TRY(outcome_of_one(outcome.results));
  TALLY_CHECK(outcome.token.has_value());
  const core::TokenState& state = *outcome.token;
  TALLY_TRY_ASSIGN(const auto last_used_at, tokens_.last_used_at(state.id));
  PeopleNames names{people_};
  TALLY_TRY(learn_people(state, names));
  response.start(200, kJson);
  response.set_no_store();
  response.set_sequence(sequence);
  JsonWriter json{response.body()};
  write_token(json, projections::TokenRecord{state, core::TokenStatus::disabled, last_used_at}, names);
  set_entity_tag(state.version, response);
  return {};
}

boost::asio::awaitable<void> TokenStoppingRoutes::disable(const Request& request, Response& response) const {
  auto stop = read_disable(request);
  if (stop.has_error()) co_return write_refusal(request, stop.error(), response);
  auto hold = idempotency_.begin(request, stop->access.caller, response);
  if (hold.is_answered()) co_return;
  const auto write = [this](const core::DisableTokens::Outcome& outcome, std::optional<core::Sequence> sequence,
                            Response& answer) { return write_disabled(outcome, sequence, answer); };
  auto context = context_of(request, stop->access.caller, random_);
  co_await idempotency_.run(request, std::move(hold), std::move(context), std::move(stop->command), write, Keeping{},
                            response);
}

boost::asio::awaitable<void> TokenStoppingRoutes::remove(const Request& request, Response& response) const {
  const auto stop = read_delete(request);
  if (stop.has_error()) co_return write_refusal(request, stop.error(), response);
  const auto done = co_await execute(commands_, context_of(request, stop->access.caller, random_), stop->command);
  if (done.has_error()) co_return write_refusal(request, done.error(), response);
  const auto allowed = outcome_of_one(done->outcome.results);
  if (allowed.has_error()) co_return write_refusal(request, allowed.error(), response);
  response.empty(204);
  response.set_sequence(done->sequence);
}

core::Result<std::vector<core::TokenId>> TokenStoppingRoutes::visible_of(const Access& access,
                                                                         const std::vector<core::TokenId>& ids) const {
  std::vector<core::TokenId> visible;
  for (const core::TokenId id : ids) {
    TALLY_TRY_ASSIGN(const auto token, tokens_.find_state(access.workspace, id));
    if (token && access.may_see(token->owner)) visible.push_back(id);
  }
  return visible;
}

// Forty kilobytes to parse, and a thousand rows: more than one request may take of an I/O thread.
template <class Command>
boost::asio::awaitable<void> TokenStoppingRoutes::stop_batch(const Request& request, Response& response) const {
  Checked<Stop<Command>> stop = Refusal{stopping()};
  core::Result<std::vector<core::TokenId>> visible = stopping();
  auto reading = request.read_in_turn([&] {
    stop = read_batch<Command>(request);
    if (stop.has_value()) visible = visible_of(stop->access, stop->command.ids);
  });
  static_cast<void>(co_await std::move(reading));
  if (stop.has_error()) {
    write_refusal(request, stop.error(), response);
    co_return;
  }
  auto hold = idempotency_.begin(request, stop->access.caller, response);
  if (hold.is_answered()) co_return;
  if (visible.has_error()) {
    write_refusal(request, visible.error(), response);
    co_return;
  }
  const std::vector<core::TokenId> asked = std::exchange(stop->command.ids, *std::move(visible));
  auto context = context_of(request, stop->access.caller, random_);
  if (stop->command.ids.empty()) {
    const auto write = [asked](const auto&, std::optional<core::Sequence>, Response& answer) -> core::Result<void> {
      write_results(asked, {}, std::nullopt, answer);
      return {};
    };
    co_await idempotency_.finish(request, std::move(hold), std::move(context), std::nullopt, write, response);
    co_return;
  }
  const auto write = [asked](const typename Command::Outcome& outcome, std::optional<core::Sequence> sequence,
                             Response& answer) -> core::Result<void> {
    write_results(asked, outcome.results, sequence, answer);
    return {};
  };
  co_await idempotency_.run(request, std::move(hold), std::move(context), std::move(stop->command), write, Keeping{},
                            response);
}

boost::asio::awaitable<core::Result<bool>> TokenStoppingRoutes::pass_the_dead(core::DisableIssuedBefore& command,
                                                                              const Request& request) const {
  while (!request.has_left()) {
    core::Result<projections::CutOffLook> look = stopping();
    auto looking = request.read_in_turn([&] { look = tokens_.look_for_cut_off(command, request.received_at); });
    static_cast<void>(co_await std::move(looking));
    if (look.has_error()) co_return look.error();
    command.after = look->passed;
    if (look->is_found || !look->more) co_return look->is_found;
  }
  co_return stopping();
}

boost::asio::awaitable<void> TokenStoppingRoutes::disable_issued_before(const Request& request,
                                                                        Response& response) const {
  auto stop = read_cut_off(request);
  if (stop.has_error()) co_return write_refusal(request, stop.error(), response);
  auto hold = idempotency_.begin(request, stop->access.caller, response);
  if (hold.is_answered()) co_return;
  std::uint64_t count = 0;
  std::optional<core::Sequence> sequence;
  for (bool more = true; more;) {
    const auto done = co_await execute(commands_, context_of(request, stop->access.caller, random_), stop->command);
    if (done.has_error()) co_return write_refusal(request, done.error(), response);
    count += done->outcome.count;
    if (done->sequence) sequence = done->sequence;
    more = done->outcome.more;
    // A step that goes no further and still wants another would go on for ever.
    TALLY_CHECK(!more || done->outcome.last_seen > stop->command.after);
    stop->command.after = done->outcome.last_seen;
    if (!more) break;
    auto looking = pass_the_dead(stop->command, request);
    const core::Result<bool> found = co_await std::move(looking);
    if (found.has_error()) co_return write_refusal(request, found.error(), response);
    more = *found;
  }
  const auto write = [count, sequence](const auto&, std::optional<core::Sequence>,
                                       Response& answer) -> core::Result<void> {
    answer.start(200, kJson);
    answer.set_no_store();
    answer.set_sequence(sequence);
    JsonWriter json{answer.body()};
    json.begin_object().member("count", count).end_object();
    return {};
  };
  co_await idempotency_.finish(request, std::move(hold), context_of(request, stop->access.caller, random_), sequence,
                               write, response);
}

}  // namespace tally::http
