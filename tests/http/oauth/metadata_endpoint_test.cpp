#include "http/oauth/metadata_endpoint.hpp"

#include <catch2/catch.hpp>

#include "tests/support/http_fixture.hpp"

using namespace tally;
using namespace tally::testing;

namespace {

constexpr const char* kWellKnown = "/.well-known/oauth-authorization-server";

}  // namespace

TEST_CASE("metadata: names what is served, and only that", "[http][oauth][metadata]") {
  HttpFixture fixture;
  const Reply reply = fixture.call({http::Method::get, kWellKnown, {}, ""});
  CHECK(reply.status == 200);
  CHECK(reply.header("Content-Type") == "application/json");
  CHECK(reply.body ==
        R"({"issuer":"https://tally.example","token_endpoint":"https://tally.example/oauth2/token",)"
        R"("revocation_endpoint":"https://tally.example/oauth2/revoke",)"
        R"("introspection_endpoint":"https://tally.example/oauth2/introspect",)"
        R"("jwks_uri":"https://tally.example/oauth2/jwks","grant_types_supported":["refresh_token",)"
        R"("urn:ietf:params:oauth:grant-type:token-exchange"],)"
        R"("response_types_supported":[],)"
        R"("scopes_supported":["tally:tokens.read","tally:tokens.write","tally:audit.read"],)"
        R"("token_endpoint_auth_methods_supported":["none"],"revocation_endpoint_auth_methods_supported":["none"],)"
        R"("introspection_endpoint_auth_methods_supported":["client_secret_basic"],)"
        R"("refresh_token_expiration_types_supported":["authorization","token_timeout"],)"
        R"("introspection_signing_alg_values_supported":["EdDSA"],)"
        R"("dpop_signing_alg_values_supported":["ES256","Ed25519","EdDSA","RS256","PS256"],)"
        R"("tls_client_certificate_bound_access_tokens":false,"protected_resources":["https://tally.example/v1"]})");
}

TEST_CASE("metadata: stands where clients for OpenID Connect look for it, and claims nothing of that",
          "[http][oauth][metadata]") {
  HttpFixture fixture;
  const Reply reply = fixture.call({http::Method::get, "/.well-known/openid-configuration", {}, ""});
  CHECK(reply.status == 200);
  CHECK(reply.body == fixture.call({http::Method::get, kWellKnown, {}, ""}).body);
  CHECK(reply.body.find("id_token") == std::string::npos);
  CHECK(reply.body.find("authorization_endpoint") == std::string::npos);
}

TEST_CASE("resource metadata: says how the management API takes access tokens", "[http][oauth][metadata]") {
  HttpFixture fixture;
  const Reply reply = fixture.call({http::Method::get, "/.well-known/oauth-protected-resource/v1", {}, ""});
  CHECK(reply.status == 200);
  CHECK(reply.header("Content-Type") == "application/json");
  CHECK(reply.body == R"({"resource":"https://tally.example/v1","authorization_servers":["https://tally.example"],)"
                      R"("scopes_supported":["tally:tokens.read","tally:tokens.write","tally:audit.read"],)"
                      R"("bearer_methods_supported":["header"],)"
                      R"("dpop_signing_alg_values_supported":["ES256","Ed25519","EdDSA","RS256","PS256"],)"
                      R"("tls_client_certificate_bound_access_tokens":false,)"
                      R"("dpop_bound_access_tokens_required":false,"resource_name":"Tally management API",)"
                      R"("resource_documentation":"https://tally.example/openapi.json"})");
}

TEST_CASE("resource metadata: stands between the issuer's host and the resource's path", "[http][oauth][metadata]") {
  HttpFixture fixture{1, "https://example.com:8443/auth/tally"};
  const Reply reply = fixture.call({http::Method::get, "/.well-known/oauth-protected-resource/auth/tally/v1", {}, ""});
  CHECK(reply.text("resource") == "https://example.com:8443/auth/tally/v1");
}

TEST_CASE("metadata: every endpoint that is named has a route", "[http][oauth][metadata]") {
  HttpFixture fixture;
  const auto metadata = fixture.call({http::Method::get, kWellKnown, {}, ""}).json();
  const std::size_t issuer_size = metadata.at("issuer").as_string().size();
  for (const auto& [name, method] :
       std::vector<std::pair<const char*, http::Method>>{{"token_endpoint", http::Method::post},
                                                         {"revocation_endpoint", http::Method::post},
                                                         {"introspection_endpoint", http::Method::post},
                                                         {"jwks_uri", http::Method::get}}) {
    const std::string url{metadata.at(name).as_string()};
    CHECK(fixture.router.find(method, url.substr(issuer_size)).route != nullptr);
  }
}

TEST_CASE("metadata: an issuer with a path has its own well-known place", "[http][oauth][metadata]") {
  HttpFixture fixture{1, "https://example.com:8443/auth/tally"};
  const Reply reply = fixture.call({http::Method::get, std::string{kWellKnown} + "/auth/tally", {}, ""});
  CHECK(reply.text("issuer") == "https://example.com:8443/auth/tally");
  CHECK(reply.text("token_endpoint") == "https://example.com:8443/auth/tally/oauth2/token");
  CHECK(fixture.call({http::Method::get, "/.well-known/openid-configuration/auth/tally", {}, ""}).body == reply.body);
}

TEST_CASE("jwks: is the key that signs", "[http][oauth][metadata]") {
  HttpFixture fixture;
  const Reply reply = fixture.call({http::Method::get, "/oauth2/jwks", {}, ""});
  CHECK(reply.status == 200);
  CHECK(reply.header("Content-Type") == "application/jwk-set+json");
  CHECK(reply.body == fixture.access_tokens.jwks());
}
