#include "http/oauth/token_exchange.hpp"

#include <chrono>
#include <string>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/this_coro.hpp>

#include "core/base/secret.hpp"
#include "core/crypto/hash.hpp"
#include "core/token/token_commands.hpp"
#include "http/auth/caller.hpp"
#include "http/auth/confirmation.hpp"
#include "http/commands/pending.hpp"
#include "http/oauth/oauth_error.hpp"
#include "http/server/json_writer.hpp"

namespace tally::http {
namespace {

using core::Errc;
using core::Result;

constexpr std::string_view kAccessTokenType = "urn:ietf:params:oauth:token-type:access_token";
constexpr std::string_view kJwtType = "urn:ietf:params:oauth:token-type:jwt";

core::Error bad_subject() { return core::fail(Errc::malformed, "the subject_token is not a live access token"); }

Result<void> check_types(const OAuthForm& form) {
  TALLY_TRY_ASSIGN(const std::string_view subject_type, form.required("subject_token_type"));
  if (subject_type != kAccessTokenType && subject_type != kJwtType) {
    return core::fail(Errc::malformed, "subject_token_type: only access tokens are exchanged");
  }
  TALLY_TRY_ASSIGN(const auto wanted_type, form.optional("requested_token_type"));
  if (wanted_type && *wanted_type != kAccessTokenType && *wanted_type != kJwtType) {
    return core::fail(Errc::malformed, "requested_token_type: only access tokens are issued");
  }
  TALLY_TRY_ASSIGN(const auto actor, form.optional("actor_token"));
  TALLY_TRY_ASSIGN(const auto actor_type, form.optional("actor_token_type"));
  if (actor || actor_type) return core::fail(Errc::malformed, "actor_token: there is no delegation here");
  return {};
}

core::ExchangeAccessToken::Subject subject_of(AccessClaims& claims) {
  const bool is_exchanged = !claims.parent.is_nil();
  const auto expires_at = core::timestamp_of_micros(claims.expires_at_seconds * 1'000'000);
  return {claims.id,
          claims.issued_at_seconds,
          expires_at,
          std::move(claims.scope),
          std::move(claims.resource),
          claims.confirmation,
          is_exchanged};
}

/// RFC 8693 §2.2.2: an error of the presented token is one of the request; there is no grant that could be invalid.
void write_exchange_error(const Request& request, const core::Error& error, Response& response) {
  if (oauth_code_of(error) == OAuthErrorCode::invalid_grant) {
    return write_oauth_error(request, OAuthErrorCode::invalid_request, "subject_token: " + error.detail, response);
  }
  write_oauth_error(request, error, response);
}

}  // namespace

Result<std::optional<core::AskedResource>> TokenExchange::asked_resource(const OAuthForm& form,
                                                                         core::WorkspaceId workspace) const {
  TALLY_TRY_ASSIGN(auto resource, form.resource(access_tokens_, workspace));
  TALLY_TRY_ASSIGN(auto audience, form.resource(access_tokens_, workspace, "audience"));
  if (resource && audience && resource->uri != audience->uri) {
    return core::Error{Errc::resource_refused, "resource and audience are not the same", "audience"};
  }
  return resource ? std::move(resource) : std::move(audience);
}

Result<TokenExchange::Exchange> TokenExchange::prepare(const Request& request, const OAuthForm& form) const {
  TALLY_TRY_ASSIGN(const core::WorkspaceState client, form.client(request, workspaces_));
  TALLY_TRY_ASSIGN(const std::string_view subject_token, form.required("subject_token"));
  TALLY_TRY(check_types(form));
  Exchange exchange;
  core::ExchangeAccessToken& command = exchange.command;
  TALLY_TRY_ASSIGN(command.scope, form.scope());
  TALLY_TRY_ASSIGN(command.resource, asked_resource(form, client.id));
  // What is dead ends here, on this thread: it shall not fill the writer's queue, nor the memory of proofs.
  auto claims = access_tokens_.verify(subject_token, request.received_at);
  if (claims.has_error() && is_about_storage(claims.error())) return claims.error();
  if (claims.has_error() || claims->workspace != client.id) return bad_subject();
  TALLY_TRY_ASSIGN(const auto verdict, tokens_.access_verdict(claims->presented(), request.received_at));
  if (!verdict.is_live()) return bad_subject();
  TALLY_TRY(limits_.admit_grant(request, {client.id, LiveGrant::Unasked::address_and_caller, claims->token}));
  if (is_bound_to_certificate(claims->confirmation)) {
    command.proven = certificate_of(request);
  } else if (DPoPVerifier::has_proof(request)) {
    TALLY_TRY_ASSIGN(command.proven, proofs_.verify(request, ProofNeeds{{}, claims->confirmation}));
  }
  command.client = client.id;
  command.token = claims->token;
  command.owner = claims->subject;
  command.subject = subject_of(*claims);
  command.access_token = core::draw_id<core::AccessTokenId>(random_, request.received_at);
  if (client.policy.access_token_format == core::AccessTokenFormat::opaque) {
    exchange.opaque_access = core::OpaqueSecret::generate(core::SecretKind::access_token, random_);
    command.access_token_hash = core::crypto::sha256(core::as_bytes(exchange.opaque_access->reveal()));
  }
  return exchange;
}

boost::asio::awaitable<void> TokenExchange::answer(const Request& request, OAuthForm form, Response& response) const {
  Result<Exchange> exchange = prepare(request, form);
  if (exchange.has_error()) {
    write_exchange_error(request, exchange.error(), response);
    co_return;
  }
  core::ExchangeAccessToken* const command = &exchange->command;
  const core::AccessTokenId id = command->access_token;
  const core::AccessTokenId parent = command->subject.id;
  const core::Actor actor{core::ActorKind::client, command->client.uuid()};
  const core::Credential credential = bearer_credential(command->token, parent);
  const boost::asio::any_io_executor executor = co_await boost::asio::this_coro::executor;
  auto pending = Pending<core::ExchangeAccessToken>::start(
      commands_, executor, context_of_client(request, actor, credential, random_), std::move(*command));
  co_await pending.arrival();
  const auto committed = pending.take();
  if (committed.has_error()) {
    write_exchange_error(request, committed.error(), response);
  } else {
    write_answer(*committed, id, parent, exchange->opaque_access, response);
  }
}

void TokenExchange::write_answer(const projections::Committed<core::ExchangeAccessToken::Outcome>& committed,
                                 core::AccessTokenId id, core::AccessTokenId parent,
                                 const std::optional<core::OpaqueSecret>& opaque_access, Response& response) const {
  const core::ExchangeAccessToken::Outcome& outcome = committed.outcome;
  AccessClaims claims = AccessClaims::issued(outcome.token, id, outcome.access_scope, outcome.issued_at_seconds,
                                             outcome.access_expires_at);
  claims.confirmation = outcome.confirmation;
  claims.resource = outcome.access_resource;
  claims.parent = parent;
  const bool is_opaque = outcome.access_format == core::AccessTokenFormat::opaque;
  const std::string access_token = is_opaque ? std::string{opaque_access->reveal()} : access_tokens_.sign(claims);
  response.start(200, kJson);
  forbid_storing(response);
  response.set_sequence(committed.sequence);
  const std::string scope = claims.scope.str();
  JsonWriter{response.body()}
      .begin_object()
      .member("access_token", std::string_view{access_token})
      .member("issued_token_type", kAccessTokenType)
      .member("token_type", token_type_of(claims.confirmation))
      .member("expires_in", claims.expires_at_seconds - claims.issued_at_seconds)
      .member("scope", std::string_view{scope})
      .end_object();
}

}  // namespace tally::http
