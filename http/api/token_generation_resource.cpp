#include "http/api/token_generation_resource.hpp"

#include <utility>

#include <boost/asio/this_coro.hpp>

#include "core/crypto/hash.hpp"
#include "core/limits.hpp"
#include "core/secret.hpp"
#include "core/token/token_decider.hpp"
#include "http/api/json_reader.hpp"
#include "http/api/query_reader.hpp"
#include "http/api/views.hpp"
#include "http/server/pending.hpp"

namespace tally::http::api {
namespace {

namespace limits = core::limits;

std::optional<core::ScopeSet> scope_of(JsonReader& reader) {
  const std::string text = reader.text("scope", Presence::optional);
  if (!reader.has("scope")) return std::nullopt;
  auto scope = core::ScopeSet::parse(text, limits::kScopesPerTokenMax);
  if (scope.has_error()) {
    reader.invalid("scope", scope.error().detail);
    return std::nullopt;
  }
  return *std::move(scope);
}

AccessClaims claims_of(const core::GenerateToken::Outcome& outcome, core::AccessTokenId id) {
  AccessClaims claims;
  claims.subject = outcome.token.owner;
  claims.workspace = outcome.token.workspace;
  claims.token = outcome.token.id;
  claims.id = id;
  claims.issued_at_seconds = outcome.issued_at_seconds;
  claims.expires_at_seconds = core::seconds_of(outcome.access_expires_at);
  claims.scope = outcome.token.scope;
  return claims;
}

std::string path_of(core::WorkspaceId workspace, core::TokenId token) {
  return "/v1/workspaces/" + workspace.str() + "/tokens/" + token.str();
}

bool say_the_same(const AccessClaims& left, const AccessClaims& right) {
  return left.subject == right.subject && left.workspace == right.workspace && left.token == right.token &&
         left.id == right.id && left.issued_at_seconds == right.issued_at_seconds &&
         left.expires_at_seconds == right.expires_at_seconds && left.scope == right.scope;
}

}  // namespace

TokenGenerationResource::TokenGenerationResource(const Gate& gate, const projections::WorkspaceQueries& workspaces,
                                                 const projections::PeopleQueries& people,
                                                 projections::CommandService& commands, AccessTokens& access_tokens,
                                                 core::RandomSource& random, const Idempotency& idempotency)
    : gate_(gate),
      workspaces_(workspaces),
      people_(people),
      commands_(commands),
      access_tokens_(access_tokens),
      random_(random),
      idempotency_(idempotency) {}

void TokenGenerationResource::add_to(Router& router) const {
  router.add({Method::post, "/v1/workspaces/{workspace}/tokens",
              AsyncHandler{awaiting(this, &TokenGenerationResource::generate)}});
}

core::Result<AccessClaims> TokenGenerationResource::likely_claims(const Request& request, const Caller& caller,
                                                                  const core::GenerateToken& command) const {
  TALLY_TRY_ASSIGN(const std::optional<core::WorkspaceState> workspace, workspaces_.find(command.workspace));
  if (!workspace) return core::fail(core::Errc::not_found, "no such workspace");
  core::GenerateToken::Outcome likely;
  likely.token.id = command.id;
  likely.token.owner = caller.person.id;
  likely.token.workspace = command.workspace;
  likely.token.scope = command.scope ? *command.scope : workspace->policy.allowed_scopes.without_tally_scopes();
  likely.token.expires_at = request.received_at + std::chrono::days{command.lifetime_days};
  likely.access_expires_at = core::access_expiry(likely.token, workspace->policy, request.received_at);
  likely.issued_at_seconds = core::seconds_of(request.received_at);
  return claims_of(likely, command.access_token);
}

Checked<TokenGenerationResource::NewToken> TokenGenerationResource::read_new_token(const Request& request) const {
  TALLY_TRY_ASSIGN(Access access, gate_.member(request, Need::tokens_write));
  TALLY_TRY(expect_no_query(request));
  TALLY_TRY_ASSIGN(JsonReader reader, JsonReader::parse(request));
  core::GenerateToken command;
  command.id = core::draw_id<core::TokenId>(random_, request.received_at);
  command.workspace = access.workspace;
  command.name = reader.text("name");
  command.lifetime_days =
      static_cast<int>(reader.whole_number("lifetime_days", limits::kLifetimeDaysMin, limits::kLifetimeDaysMax));
  command.scope = scope_of(reader);
  TALLY_TRY(reader.finish());
  auto secret = core::OpaqueSecret::generate(core::SecretKind::refresh_token, random_);
  command.secret_hash = core::crypto::sha256(core::as_bytes(secret.reveal()));
  command.access_token = core::draw_id<core::AccessTokenId>(random_, request.received_at);
  TALLY_TRY_ASSIGN(AccessClaims claims, likely_claims(request, access.caller, command));
  return NewToken{std::move(access.caller), std::move(command), std::move(secret), std::move(claims)};
}

core::Result<void> TokenGenerationResource::write_generated(const core::GenerateToken::Outcome& outcome,
                                                            std::optional<core::Sequence> sequence,
                                                            const Signed& signed_ahead,
                                                            const core::OpaqueSecret& secret,
                                                            Response& response) const {
  const AccessClaims claims = claims_of(outcome, signed_ahead.claims.id);
  const bool is_as_expected = say_the_same(claims, signed_ahead.claims);
  const std::string access_token = is_as_expected ? signed_ahead.access_token : access_tokens_.sign(claims);
  response.start(201, kJson);
  PeopleNames names{people_};
  JsonWriter json{response.body()};
  json.begin_object().key("token");
  TALLY_TRY(write_token(json, projections::TokenView{outcome.token, core::TokenStatus::active, {}}, names));
  json.member("access_token", std::string_view{access_token}).member("token_type", "Bearer");
  json.member("expires_in", core::seconds_of(outcome.access_expires_at) - outcome.issued_at_seconds);
  json.member("refresh_token", secret.reveal());
  json.member("refresh_token_expires_in", core::seconds_of(outcome.token.expires_at) - outcome.issued_at_seconds);
  json.end_object();
  response.set_no_store();
  response.set_sequence(sequence);
  response.set("Location", path_of(outcome.token.workspace, outcome.token.id));
  return {};
}

boost::asio::awaitable<void> TokenGenerationResource::generate(const Request& request, Response& response) const {
  auto asked = read_new_token(request);
  if (asked.has_error()) co_return write_refusal(request, asked.error(), response);
  auto turn = idempotency_.begin(request, asked->caller.person.id, response);
  if (turn.is_answered()) co_return;
  if (turn.is_claimed()) {
    co_await generate_once(request, std::move(turn), *std::move(asked), response);
    co_return;
  }

  auto executor = co_await boost::asio::this_coro::executor;
  auto context = context_of(request, asked->caller, random_);
  auto pending =
      Pending<core::GenerateToken>::start(commands_, executor, std::move(context), std::move(asked->command));
  const Signed signed_ahead{asked->likely_claims, access_tokens_.sign(asked->likely_claims)};
  const auto generated = co_await pending.wait();
  if (generated.has_error()) co_return write_refusal(request, generated.error(), response);
  const auto written = write_generated(generated->outcome, generated->sequence, signed_ahead, asked->secret, response);
  if (written.has_error()) co_return write_refusal(request, written.error(), response);
}

boost::asio::awaitable<void> TokenGenerationResource::generate_once(const Request& request, Idempotency::Turn turn,
                                                                    NewToken asked, Response& response) const {
  auto context = context_of(request, asked.caller, random_);
  Keeping keeping{Keeping::Secret::held, path_of(asked.command.workspace, asked.command.id)};
  const Signed signed_ahead{asked.likely_claims, access_tokens_.sign(asked.likely_claims)};
  auto secret = std::make_shared<core::OpaqueSecret>(std::move(asked.secret));
  const auto write = [this, signed_ahead, secret](const core::GenerateToken::Outcome& outcome,
                                                  std::optional<core::Sequence> sequence, Response& answer) {
    return write_generated(outcome, sequence, signed_ahead, *secret, answer);
  };
  co_await idempotency_.run(request, std::move(turn), std::move(context), std::move(asked.command), write,
                            std::move(keeping), response);
}

}  // namespace tally::http::api
