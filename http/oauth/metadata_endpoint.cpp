#include "http/oauth/metadata_endpoint.hpp"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/limits.hpp"
#include "core/state/scope.hpp"
#include "http/auth/dpop_verifier.hpp"
#include "http/oauth/oauth_error.hpp"
#include "http/oauth/token_exchange.hpp"
#include "http/server/json_writer.hpp"
#include "http/server/web_origin.hpp"
#include "http/tokens/resources.hpp"

namespace tally::http {
namespace {

constexpr RoutePolicy kDocument{.audience = Audience::everyone, .cross_origin = CrossOrigin::open};
constexpr RoutePolicy kKeySet{
    .audience = Audience::everyone, .error_form = &kOAuthForm, .cross_origin = CrossOrigin::open};

constexpr std::string_view kWellKnown = "/.well-known/oauth-authorization-server";
/// Where RFC 8414 §5 lets it stand as well, for clients that were written for OpenID Connect. The document is the same
/// and claims no more: nothing of OpenID Connect is served.
constexpr std::string_view kOpenIdWellKnown = "/.well-known/openid-configuration";
constexpr std::string_view kResourceWellKnown = "/.well-known/oauth-protected-resource";
constexpr std::string_view kJwkSet = "application/jwk-set+json";
/// A client that polls shall not ask every time; a new key is published for longer than this before it signs.
const std::string kCacheControl = "public, max-age=" + std::to_string(core::limits::kKeySetCacheTime.count());

void write_list(JsonWriter& writer, std::string_view name, std::initializer_list<std::string_view> items) {
  writer.key(name).begin_array();
  for (const std::string_view item : items) writer.value(item);
  writer.end_array();
}

void write_proof_algorithms(JsonWriter& writer) {
  writer.key("dpop_signing_alg_values_supported").begin_array();
  std::string_view rest = kProofAlgorithms;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    writer.value(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  writer.end_array();
}

/// RFC 8705 §3.3 for the authorization server, RFC 9728 §2 for the resource.
void write_certificates(JsonWriter& writer, ClientCertificates client_certificates) {
  writer.member("tls_client_certificate_bound_access_tokens", client_certificates == ClientCertificates::asked);
}

std::string make_metadata(const std::string& issuer, const std::vector<std::string_view>& signing_algorithms,
                          ClientCertificates client_certificates) {
  std::string metadata;
  JsonWriter writer{metadata};
  const auto endpoint = [&](std::string_view name, std::string_view path) {
    writer.member(name, std::string_view{issuer + std::string{path}});
  };
  writer.begin_object().member("issuer", std::string_view{issuer});
  endpoint("token_endpoint", "/oauth2/token");
  endpoint("revocation_endpoint", "/oauth2/revoke");
  endpoint("introspection_endpoint", "/oauth2/introspect");
  endpoint("jwks_uri", "/oauth2/jwks");
  write_list(writer, "grant_types_supported", {"refresh_token", TokenExchange::kGrantType});
  // The member must be there, and there is no authorization endpoint.
  write_list(writer, "response_types_supported", {});
  write_list(writer, "scopes_supported", {core::kScopeTokensRead, core::kScopeTokensWrite, core::kScopeAuditRead});
  write_list(writer, "token_endpoint_auth_methods_supported", {"none"});
  write_list(writer, "revocation_endpoint_auth_methods_supported", {"none"});
  write_list(writer, "introspection_endpoint_auth_methods_supported", {"client_secret_basic"});
  write_list(writer, "refresh_token_expiration_types_supported", {"authorization", "token_timeout"});
  // A key of another algorithm comes with a start only, and is published from then on.
  writer.key("introspection_signing_alg_values_supported").begin_array();
  for (const std::string_view algorithm : signing_algorithms) writer.value(algorithm);
  writer.end_array();
  write_proof_algorithms(writer);
  write_certificates(writer, client_certificates);
  writer.key("protected_resources").begin_array().value(management_resource_of(issuer)).end_array();
  writer.end_object();
  return metadata;
}

std::string make_resource_metadata(const std::string& issuer, ClientCertificates client_certificates) {
  std::string metadata;
  JsonWriter writer{metadata};
  writer.begin_object().member("resource", std::string_view{management_resource_of(issuer)});
  writer.key("authorization_servers").begin_array().value(issuer).end_array();
  write_list(writer, "scopes_supported", {core::kScopeTokensRead, core::kScopeTokensWrite, core::kScopeAuditRead});
  write_list(writer, "bearer_methods_supported", {"header"});
  write_proof_algorithms(writer);
  write_certificates(writer, client_certificates);
  writer.member("dpop_bound_access_tokens_required", false);
  writer.member("resource_name", "Tally management API");
  writer.member("resource_documentation", std::string_view{issuer + "/openapi.json"}).end_object();
  return metadata;
}

/// Scheme, host and port as they are written.
std::string text_of_origin(const std::string& url) { return url.substr(0, url.size() - path_of_url(url).size()); }

/// RFC 8414 §3.1, RFC 9728 §3.1: the well-known part stands between the host and the path of what it is about.
std::string well_known_path(std::string_view well_known, const std::string& url) {
  return std::string{well_known}.append(path_of_url(url));
}

SyncHandler constant_answer(std::string_view content_type, const std::string& body) {
  return [content_type, &body](const Request&, Response& response) {
    response.start(200, content_type);
    response.set("Cache-Control", kCacheControl);
    response.body().assign(body);
  };
}

}  // namespace

MetadataEndpoint::MetadataEndpoint(const AccessTokens& access_tokens, ClientCertificates client_certificates)
    : access_tokens_(access_tokens),
      metadata_(make_metadata(access_tokens.issuer(), access_tokens.keys().algorithms(), client_certificates)),
      resource_metadata_(make_resource_metadata(access_tokens.issuer(), client_certificates)),
      resource_path_(well_known_path(kResourceWellKnown, management_resource_of(access_tokens.issuer()))),
      hints_{text_of_origin(access_tokens.issuer()) + resource_path_, std::string{kProofAlgorithms}} {}

void MetadataEndpoint::add_to(Router& router) {
  for (const std::string_view well_known : {kWellKnown, kOpenIdWellKnown}) {
    router.add({Method::get, std::string{well_known}, constant_answer(kJson, metadata_), kDocument});
    const std::string path = well_known_path(well_known, access_tokens_.issuer());
    if (path != well_known) router.add({Method::get, path, constant_answer(kJson, metadata_), kDocument});
  }
  // The proxy of an issuer with a path may hand it on, or not.
  const std::string bare_resource_path = std::string{kResourceWellKnown} + "/v1";
  router.add({Method::get, bare_resource_path, constant_answer(kJson, resource_metadata_), kDocument});
  if (resource_path_ != bare_resource_path) {
    router.add({Method::get, resource_path_, constant_answer(kJson, resource_metadata_), kDocument});
  }
  SyncHandler key_set = [this](const Request&, Response& response) {
    response.start(200, kJwkSet);
    response.set("Cache-Control", kCacheControl);
    response.body().assign(access_tokens_.jwks());
  };
  router.add({Method::get, "/oauth2/jwks", std::move(key_set), kKeySet});
}

}  // namespace tally::http
