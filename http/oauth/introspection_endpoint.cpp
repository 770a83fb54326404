#include "http/oauth/introspection_endpoint.hpp"

#include <string>

#include "core/base/secret.hpp"
#include "core/crypto/hash.hpp"
#include "http/auth/confirmation.hpp"
#include "http/oauth/oauth_error.hpp"
#include "http/oauth/oauth_form.hpp"
#include "http/server/json_writer.hpp"
#include "http/server/limits.hpp"

namespace tally::http {
namespace {

using core::Result;

constexpr RoutePolicy kIntrospectionPolicy{
    .audience = Audience::resource_server, .body_bytes_max = limits::kFormBytesMax, .error_form = &kOAuthForm};

constexpr std::string_view kInactive = R"({"active":false})";
constexpr std::string_view kSignedIntrospection = "application/token-introspection+jwt";
constexpr std::string_view kSignedIntrospectionType = "token-introspection+jwt";
constexpr std::string_view kRefreshTokenPrefix = "tlr_";

/// RFC 9701 §4: whoever accepts the signed form gets it. A list of types, or a weight, is no wish that is said clearly
/// enough to take the plain form from a client that has always got it.
bool wants_signature(const Request& request) { return request.header("Accept") == kSignedIntrospection; }

template <class Id>
void write_id(JsonWriter& writer, std::string_view name, const Id& id) {
  writer.member(name, std::string_view{id.str()});
}

}  // namespace

IntrospectionEndpoint::IntrospectionEndpoint(const projections::TokenQueries& tokens,
                                             const projections::PeopleQueries& people, AccessTokens& access_tokens,
                                             const projections::WorkspaceQueries& workspaces, UsageRecorder& usage,
                                             RequestLimits& limits, const LegacyTokens& legacy_tokens)
    : tokens_(tokens),
      people_(people),
      access_tokens_(access_tokens),
      workspaces_(workspaces),
      usage_(usage),
      resource_servers_(tokens, limits),
      legacy_tokens_(legacy_tokens) {}

void IntrospectionEndpoint::add_to(Router& router) {
  SyncHandler handler = [this](const Request& request, Response& response) { answer(request, response); };
  router.add({Method::post, "/oauth2/introspect", std::move(handler), kIntrospectionPolicy});
}

Result<bool> IntrospectionEndpoint::is_resource_of(const ResourceServer& caller, const std::string& resource) const {
  TALLY_TRY_ASSIGN(const auto server, workspaces_.find_resource_server(caller.workspace, caller.id));
  return server && server->resource == resource;
}

void IntrospectionEndpoint::answer(const Request& request, Response& response) const {
  const Result<void> written = write_answer(request, response);
  if (written.has_error()) write_oauth_error(request, written.error(), response, Challenge::always);
}

Result<void> IntrospectionEndpoint::write_answer(const Request& request, Response& response) const {
  TALLY_TRY_ASSIGN(const ResourceServer caller, resource_servers_.authenticate(request));
  TALLY_TRY_ASSIGN(const OAuthForm form, OAuthForm::read(request));
  TALLY_TRY_ASSIGN(const std::string_view token, form.required("token"));
  TALLY_TRY(form.optional("token_type_hint"));  // The token's own form says which it is.
  const bool is_signed = wants_signature(request);
  response.start(200, is_signed ? kSignedIntrospection : kJson);
  forbid_storing(response);
  std::string& body = response.body();
  const bool is_refresh_token = token.starts_with(kRefreshTokenPrefix);
  TALLY_TRY_ASSIGN(const bool alive, is_refresh_token ? write_refresh_token(caller, token, request.received_at, body)
                                                      : write_access_token(caller, token, request.received_at, body));
  if (!alive) {
    // Any text may be a legacy token, also one that looks like ours, but not one that is.
    bool is_legacy = false;
    if (!AccessTokens::is_ours(access_tokens_.verify(token, request.received_at))) {
      TALLY_TRY_ASSIGN(is_legacy, write_legacy_token(caller, token, request.received_at, response));
    }
    if (!is_legacy) body.assign(kInactive);
  }
  if (is_signed) body = signed_answer(caller, body, request.received_at);
  return {};
}

std::string IntrospectionEndpoint::signed_answer(const ResourceServer& caller, std::string_view answer,
                                                 core::Timestamp now) const {
  std::string payload;
  JsonWriter writer{payload};
  writer.begin_object().member("iss", std::string_view{access_tokens_.issuer()});
  write_id(writer, "aud", caller.id);
  writer.member("iat", core::seconds_of(now)).key("token_introspection").raw(answer).end_object();
  return access_tokens_.sign_jwt(kSignedIntrospectionType, payload, core::seconds_of(now));
}

Result<bool> IntrospectionEndpoint::write_access_token(const ResourceServer& caller, std::string_view token,
                                                       core::Timestamp now, std::string& body) const {
  const Result<AccessClaims> claims = access_tokens_.verify(token, now);
  if (claims.has_error() && is_about_storage(claims.error())) return claims.error();
  if (claims.has_error() || claims->workspace != caller.workspace) return false;
  if (!claims->resource.empty()) {
    TALLY_TRY_ASSIGN(const bool is_for_caller, is_resource_of(caller, claims->resource));
    if (!is_for_caller) return false;
  }
  TALLY_TRY_ASSIGN(const auto verdict, tokens_.access_verdict(claims->presented(), now));
  if (!verdict.is_live()) return false;
  usage_.record(claims->token, now);
  JsonWriter writer{body};
  writer.begin_object().member("active", true);
  writer.member("iss", std::string_view{access_tokens_.issuer()});
  write_id(writer, "sub", claims->subject);
  writer.member("aud", std::string_view{access_tokens_.audience_of(*claims)});
  write_id(writer, "client_id", claims->workspace);
  writer.member("scope", std::string_view{claims->scope.str()});
  writer.member("exp", claims->expires_at_seconds).member("iat", claims->issued_at_seconds);
  write_id(writer, "jti", claims->id);
  writer.member("token_type", token_type_of(claims->confirmation));
  write_confirmation(writer, claims->confirmation);
  write_id(writer, "tally_workspace", claims->workspace);
  write_id(writer, "tally_token", claims->token);
  writer.member("username", std::string_view{verdict.owner.username}).end_object();
  return true;
}

Result<bool> IntrospectionEndpoint::write_refresh_token(const ResourceServer& caller, std::string_view token,
                                                        core::Timestamp now, std::string& body) const {
  const auto secret = core::OpaqueSecret::parse(core::SecretKind::refresh_token, token);
  if (secret.has_error()) return false;
  TALLY_TRY_ASSIGN(const auto home, tokens_.find_secret(core::crypto::sha256(core::as_bytes(secret->reveal()))));
  if (!home || home->kind != core::SubjectKind::token || home->workspace != caller.workspace) return false;
  TALLY_TRY_ASSIGN(const auto record, tokens_.find(home->workspace, core::TokenId{home->subject}, now));
  // A predecessor is spent, even while its lost answer could still be asked for.
  if (!record || record->status != core::TokenStatus::active || home->generation != record->state.generation)
    return false;
  const core::TokenState& state = record->state;
  TALLY_TRY_ASSIGN(const auto person, people_.find(state.owner));
  if (!person) return false;
  JsonWriter writer{body};
  writer.begin_object().member("active", true);
  writer.member("iss", std::string_view{access_tokens_.issuer()});
  write_id(writer, "sub", state.owner);
  write_id(writer, "client_id", state.workspace);
  writer.member("scope", std::string_view{state.scope.str()});
  writer.member("exp", core::seconds_of(state.expires_at));
  writer.member("iat", core::seconds_of(state.last_refreshed_at.value_or(state.created_at)));
  writer.member("token_type", "refresh_token");
  write_confirmation(writer, state.confirmation);
  write_id(writer, "tally_workspace", state.workspace);
  write_id(writer, "tally_token", state.id);
  writer.member("username", std::string_view{person->username}).end_object();
  return true;
}

Result<bool> IntrospectionEndpoint::write_legacy_token(const ResourceServer& caller, std::string_view token,
                                                       core::Timestamp now, Response& response) const {
  TALLY_TRY_ASSIGN(const auto accepted, legacy_tokens_.accept(caller.workspace, token, now));
  if (!accepted) return false;
  const core::TokenState& state = accepted->token;
  TALLY_TRY_ASSIGN(const auto person, people_.find(state.owner));
  if (!person) return false;
  announce_legacy(*accepted, response);
  JsonWriter writer{response.body()};
  writer.begin_object().member("active", true);
  writer.member("iss", std::string_view{access_tokens_.issuer()});
  write_id(writer, "sub", state.owner);
  writer.member("aud", std::string_view{access_tokens_.audience_of(state.workspace)});
  write_id(writer, "client_id", state.workspace);
  writer.member("scope", std::string_view{state.scope.str()});
  writer.member("exp", core::seconds_of(accepted->sunset_at));
  writer.member("iat", core::seconds_of(state.created_at));
  writer.member("token_type", "Bearer");
  write_id(writer, "tally_workspace", state.workspace);
  write_id(writer, "tally_token", state.id);
  writer.member("tally_kind", core::name_of(state.kind));
  writer.member("username", std::string_view{person->username}).end_object();
  return true;
}

}  // namespace tally::http
