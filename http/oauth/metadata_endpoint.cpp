#include "http/oauth/metadata_endpoint.hpp"

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "core/check.hpp"
#include "core/limits.hpp"
#include "core/scope.hpp"
#include "http/server/json_writer.hpp"

namespace tally::http {
namespace {

constexpr std::string_view kWellKnown = "/.well-known/oauth-authorization-server";
constexpr std::string_view kJwkSet = "application/jwk-set+json";
/// A client that polls shall not ask every time; a new key is published for longer than this before it signs.
const std::string kCacheControl = "public, max-age=" + std::to_string(core::limits::kKeySetCacheTime.count());

void write_list(JsonWriter& writer, std::string_view name, std::initializer_list<std::string_view> items) {
  writer.key(name).begin_array();
  for (const std::string_view item : items) writer.value(item);
  writer.end_array();
}

std::string make_metadata(const std::string& issuer) {
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
  write_list(writer, "grant_types_supported", {"refresh_token"});
  // The member must be there, and there is no authorization endpoint.
  write_list(writer, "response_types_supported", {});
  write_list(writer, "scopes_supported", {core::kScopeTokensRead, core::kScopeTokensWrite, core::kScopeAuditRead});
  write_list(writer, "token_endpoint_auth_methods_supported", {"none"});
  write_list(writer, "revocation_endpoint_auth_methods_supported", {"none"});
  write_list(writer, "introspection_endpoint_auth_methods_supported", {"client_secret_basic"});
  writer.end_object();
  return metadata;
}

/// RFC 8414 §3.1: the well-known part stands between the issuer's host and its path.
std::string metadata_path(const std::string& issuer) {
  const std::size_t scheme_end = issuer.find("://");
  TALLY_CHECK(scheme_end != std::string::npos, issuer);
  const std::size_t path = issuer.find('/', scheme_end + 3);
  return std::string{kWellKnown} + (path == std::string::npos ? std::string{} : issuer.substr(path));
}

SyncHandler constant_answer(std::string_view content_type, const std::string& body) {
  return [content_type, &body](const Request&, Response& response) {
    response.start(200, content_type);
    response.set("Cache-Control", kCacheControl);
    response.body().assign(body);
  };
}

}  // namespace

MetadataEndpoint::MetadataEndpoint(const AccessTokens& access_tokens)
    : access_tokens_(access_tokens),
      metadata_(make_metadata(access_tokens.issuer())),
      path_(metadata_path(access_tokens.issuer())) {}

void MetadataEndpoint::add_to(Router& router) {
  router.add({Method::get, std::string{kWellKnown}, constant_answer(kJson, metadata_)});
  if (path_ != kWellKnown) router.add({Method::get, path_, constant_answer(kJson, metadata_)});
  SyncHandler key_set = [this](const Request&, Response& response) {
    response.start(200, kJwkSet);
    response.set("Cache-Control", kCacheControl);
    response.body().assign(access_tokens_.jwks());
  };
  router.add({Method::get, "/oauth2/jwks", std::move(key_set)});
}

}  // namespace tally::http
