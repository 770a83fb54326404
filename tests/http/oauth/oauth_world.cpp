#include "tests/http/oauth/oauth_world.hpp"

#include <algorithm>

#include "core/crypto/base64.hpp"
#include "core/token/token_commands.hpp"
#include "core/workspace/workspace_commands.hpp"

namespace tally::testing {
namespace {

constexpr const char* kScopes = "files.read files.write tally:tokens.read";

}  // namespace

OAuthWorld::OAuthWorld(std::uint64_t seed, const http::RequestLimitSettings& limit_settings)
    : HttpFixture(seed, kIssuer, limit_settings) {
  add_person("operator");
  red = add_tenant("red");
  blue = add_tenant("blue");
}

Tenant OAuthWorld::add_tenant(const std::string& name) {
  Tenant tenant;
  tenant.admin = add_person(name + "-admin");
  tenant.workspace = add_workspace(name);
  put_member(tenant.workspace, tenant.admin, core::Role::admin);
  core::Policy policy = policy_of(tenant);
  auto scopes = core::ScopeSet::parse(kScopes, core::limits::kScopesPerWorkspaceMax);
  TALLY_CHECK(scopes.has_value());
  policy.allowed_scopes = *scopes;
  set_policy(tenant, policy);

  const auto secret = core::OpaqueSecret::generate(core::SecretKind::resource_server, random);
  tenant.resource_server = draw<core::ResourceServerId>();
  tenant.resource_server_secret = secret.reveal();
  run(as(tenant.admin),
      core::AddResourceServer{tenant.resource_server, tenant.workspace, name + " files", digest_of(secret.reveal())});
  return tenant;
}

core::Policy OAuthWorld::policy_of(const Tenant& tenant) const {
  const auto workspace = workspaces.find(tenant.workspace);
  TALLY_CHECK(workspace.has_value() && workspace->has_value());
  return (*workspace)->policy;
}

void OAuthWorld::set_policy(const Tenant& tenant, core::Policy policy) {
  run(as(tenant.admin), core::ChangePolicy{tenant.workspace, std::move(policy)});
}

Granted OAuthWorld::grant(const Tenant& tenant, int lifetime_days) {
  const auto secret = core::OpaqueSecret::generate(core::SecretKind::refresh_token, random);
  core::GenerateToken command =
      generate_command(tenant.workspace, "nightly build", std::string{secret.reveal()}, lifetime_days);
  const core::AccessTokenId access_token = command.access_token;
  const auto outcome = run(as(tenant.admin), std::move(command));
  const http::AccessClaims claims{outcome.token.owner,
                                  tenant.workspace,
                                  outcome.token.id,
                                  access_token,
                                  outcome.issued_at_seconds,
                                  core::seconds_of(outcome.access_expires_at),
                                  outcome.token.scope,
                                  outcome.token.confirmation,
                                  {},
                                  {},
                                  outcome.token.created_sequence};
  return {outcome.token.id, std::string{secret.reveal()}, access_tokens.sign(claims)};
}

void OAuthWorld::disable(const Tenant& tenant, core::TokenId token, core::AccessFate access) {
  const auto outcome = run(as(tenant.admin), core::DisableTokens{tenant.workspace, {token}, access, "test"});
  TALLY_CHECK(outcome.results.front().outcome == core::BulkOutcome::disabled);
}

void OAuthWorld::remove_resource_server(const Tenant& tenant) {
  run(as(tenant.admin), core::RemoveResourceServer{tenant.workspace, tenant.resource_server});
}

Call OAuthWorld::form(const std::string& path, std::string body, Headers more_headers) {
  more_headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  return {http::Method::post, path, std::move(more_headers), std::move(body)};
}

Call OAuthWorld::refresh_call(const std::string& client_id, const std::string& refresh_token) {
  return form("/oauth2/token", "grant_type=refresh_token&client_id=" + client_id + "&refresh_token=" + refresh_token);
}

Reply OAuthWorld::post_form(const std::string& path, std::string body, Headers more_headers) {
  return call(form(path, std::move(body), std::move(more_headers)));
}

Reply OAuthWorld::refresh(const std::string& client_id, const std::string& refresh_token, const std::string& more) {
  Call refresh = refresh_call(client_id, refresh_token);
  refresh.body += more;
  return call(refresh);
}

Reply OAuthWorld::revoke(const std::string& client_id, const std::string& token) {
  return post_form("/oauth2/revoke", "client_id=" + client_id + "&token=" + token);
}

Reply OAuthWorld::introspect(const Tenant& caller, const std::string& token) {
  return post_form("/oauth2/introspect", "token=" + token,
                   {{"Authorization", basic(caller.resource_server.str(), caller.resource_server_secret)}});
}

std::string base64(std::string_view text) {
  std::string out = core::crypto::base64url_encode(core::as_bytes(text));
  std::replace(out.begin(), out.end(), '-', '+');
  std::replace(out.begin(), out.end(), '_', '/');
  while (out.size() % 4 != 0) out.push_back('=');
  return out;
}

std::string basic(std::string_view id, std::string_view secret) {
  return "Basic " + base64(std::string{id}.append(":").append(secret));
}

}  // namespace tally::testing
