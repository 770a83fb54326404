#include "http/api/token_generation_routes.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "core/base/limits.hpp"
#include "core/base/secret.hpp"
#include "core/crypto/hash.hpp"
#include "core/token/token_commands.hpp"
#include "core/token/token_decider.hpp"
#include "http/auth/confirmation.hpp"
#include "http/formats/views.hpp"
#include "http/frame/json_reader.hpp"
#include "http/frame/query_reader.hpp"
#include "http/frame/route_policies.hpp"

namespace tally::http {
namespace {

std::optional<core::ScopeSet> scope_of(JsonReader& reader) {
  const std::string text = reader.text("scope", Presence::optional);
  if (!reader.has("scope")) return std::nullopt;
  auto scope = core::ScopeSet::parse(text, core::limits::kScopesPerTokenMax);
  if (scope.has_error()) {
    reader.invalid("scope", scope.error().detail);
    return std::nullopt;
  }
  return *std::move(scope);
}

/// Tells what the policy does not allow with what is wrong in itself. One mistake of the policy's alone is the
/// decider's to tell: it has a code of its own.
Checked<void> all_at_once(Checked<void> read, std::vector<core::Error> mistakes) {
  if (read.has_value() && mistakes.size() < 2) return {};
  std::vector<core::Error> all = read.has_error() ? std::move(read.error().errors) : std::vector<core::Error>{};
  for (core::Error& mistake : mistakes) {
    const bool is_told = std::ranges::any_of(all, [&](const core::Error& one) { return one.field == mistake.field; });
    if (!is_told) all.push_back(std::move(mistake));
  }
  return Refusal{std::move(all)};
}

std::string path_of(core::WorkspaceId workspace, core::TokenId token) {
  return "/v1/workspaces/" + workspace.str() + "/tokens/" + token.str();
}

}  // namespace

TokenGenerationRoutes::TokenGenerationRoutes(const Gate& gate, const projections::WorkspaceQueries& workspaces,
                                             const projections::PeopleQueries& people, AccessTokens& access_tokens,
                                             core::RandomSource& random, const Idempotency& idempotency)
    : gate_(gate),
      workspaces_(workspaces),
      people_(people),
      access_tokens_(access_tokens),
      random_(random),
      idempotency_(idempotency) {}

void TokenGenerationRoutes::add_to(Router& router) const {
  router.add({Method::post, "/v1/workspaces/{workspace}/tokens",
              AsyncHandler{awaiting(this, &TokenGenerationRoutes::generate)}, kInWorkspace});
}

Checked<TokenGenerationRoutes::NewToken> TokenGenerationRoutes::read_new_token(const Request& request) const {
  TALLY_TRY_ASSIGN(Access access, gate_.member(request, Need::tokens_write));
  TALLY_TRY(expect_no_query(request));
  TALLY_TRY_ASSIGN(JsonReader reader, JsonReader::parse(request));
  core::GenerateToken command;
  command.workspace = access.workspace;
  command.name = reader.name_of_thing("name");
  command.lifetime_days = static_cast<int>(
      reader.whole_number("lifetime_days", core::limits::kLifetimeDaysMin, core::limits::kLifetimeDaysMax));
  command.scope = scope_of(reader);
  TALLY_TRY_ASSIGN(const std::optional<core::WorkspaceState> workspace, workspaces_.find(command.workspace));
  auto mistakes = workspace ? core::mistakes_against(workspace->policy, command) : std::vector<core::Error>{};
  TALLY_TRY(all_at_once(reader.finish(), std::move(mistakes)));
  TALLY_TRY_ASSIGN(command.proven, gate_.proven_key(request, access.caller));
  auto secret = core::OpaqueSecret::generate(core::SecretKind::refresh_token, random_);
  command.secret_hash = core::crypto::sha256(core::as_bytes(secret.reveal()));
  command.access_token = core::draw_id<core::AccessTokenId>(random_, request.received_at);
  std::optional<core::OpaqueSecret> opaque_access;
  if (workspace && workspace->policy.access_token_format == core::AccessTokenFormat::opaque) {
    opaque_access = core::OpaqueSecret::generate(core::SecretKind::access_token, random_);
    command.access_token_hash = core::crypto::sha256(core::as_bytes(opaque_access->reveal()));
  }
  Drawn drawn{std::move(secret), std::move(opaque_access), command.access_token};
  return NewToken{std::move(access.caller), std::move(command), std::move(drawn)};
}

core::Result<void> TokenGenerationRoutes::write_generated(const core::GenerateToken::Outcome& outcome,
                                                          std::optional<core::Sequence> sequence, const Drawn& drawn,
                                                          Response& response) const {
  PeopleNames names{people_};
  names.know(drawn.owner);
  TALLY_TRY(learn_people(outcome.token, names));
  // Only now: its place in the status lists is the number of its first event.
  const bool is_opaque = outcome.access_format == core::AccessTokenFormat::opaque;
  const std::string access_token =
      is_opaque ? std::string{drawn.opaque_access->reveal()}
                : access_tokens_.sign(AccessClaims::issued(outcome.token, drawn.access_token, outcome.token.scope,
                                                           outcome.issued_at_seconds, outcome.access_expires_at));
  response.start(201, kJson);
  JsonWriter json{response.body()};
  json.begin_object().key("token");
  write_token(json, projections::TokenRecord{outcome.token, core::TokenStatus::active, {}}, names);
  json.member("access_token", std::string_view{access_token});
  json.member("token_type", token_type_of(outcome.token.confirmation));
  json.member("expires_in", core::seconds_of(outcome.access_expires_at) - outcome.issued_at_seconds);
  json.member("refresh_token", drawn.refresh_token.reveal());
  // As the token endpoint answers: token_endpoint.cpp.
  const std::int64_t refresh_expires_in = core::seconds_of(outcome.token.expires_at) - outcome.issued_at_seconds;
  json.member("refresh_token_expires_in", refresh_expires_in);
  json.member("refresh_token_timeout", refresh_expires_in);
  json.member("authorization_expires_in", refresh_expires_in);
  json.end_object();
  response.set_no_store();
  response.set_sequence(sequence);
  response.set("Location", path_of(outcome.token.workspace, outcome.token.id));
  return {};
}

boost::asio::awaitable<void> TokenGenerationRoutes::generate(const Request& request, Response& response) const {
  auto asked = read_new_token(request);
  if (asked.has_error()) co_return write_refusal(request, asked.error(), response);
  auto hold = idempotency_.begin(request, asked->caller, response);
  if (hold.is_answered()) co_return;
  auto context = context_of(request, asked->caller, random_);
  auto drawn = std::make_shared<Drawn>(std::move(asked->drawn));
  drawn->owner = std::move(asked->caller.person);
  const auto write = [this, drawn](const core::GenerateToken::Outcome& outcome, std::optional<core::Sequence> sequence,
                                   Response& answer) { return write_generated(outcome, sequence, *drawn, answer); };
  Keeping keeping{Keeping::Secret::held, {}};
  co_await idempotency_.run(request, std::move(hold), std::move(context), std::move(asked->command), write,
                            std::move(keeping), response);
}

}  // namespace tally::http
