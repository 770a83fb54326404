#include <catch2/catch.hpp>

#include "core/crypto/base64.hpp"
#include "core/crypto/hash.hpp"
#include "tests/http/oauth/oauth_world.hpp"
#include "tests/http/oauth/token_forge.hpp"
#include "tests/support/proof_maker.hpp"

using namespace tally;
using namespace tally::testing;
using core::Errc;
using http::Need;

namespace {

using Certificate = std::optional<core::Digest>;

Certificate certificate(std::string_view name) { return core::crypto::sha256(core::as_bytes(name)); }

const Certificate kRobot = certificate("robot");
const Certificate kOther = certificate("other");

/// Calls over connections with and without a client certificate.
struct CertificateWorld : OAuthWorld {
  Reply over(const Certificate& shown, Call call) {
    call.client_certificate = shown;
    return this->call(call);
  }
  Reply refresh_over(const Certificate& shown, const std::string& refresh_token) {
    return over(shown, refresh_call(red.client_id(), refresh_token));
  }
  /// The pair of a family that was bound by its first refresh.
  Reply bound() {
    const Reply reply = refresh_over(kRobot, grant(red).refresh_token);
    REQUIRE(reply.status == 200);
    return reply;
  }
  /// The same access token with a scope of the management API.
  std::string for_management(const std::string& access_token) {
    http::AccessClaims claims = *access_tokens.verify(access_token, now);
    claims.scope = *core::ScopeSet::parse("tally:tokens.read tally:tokens.write", 50);
    return access_tokens.sign(claims);
  }
  core::Result<http::Caller> authenticate(const Certificate& shown, const std::string& scheme,
                                          const std::string& access_token) {
    FakeRequest request{http::Method::get, "/v1/x", {{"Authorization", scheme + " " + access_token}}, "", now};
    request.client_certificate = shown;
    return authenticator.authenticate(request, Need::tokens_read);
  }
  Reply exchange_over(const Certificate& shown, const std::string& access_token) {
    return over(shown, form("/oauth2/token", "grant_type=urn:ietf:params:oauth:grant-type:token-exchange&client_id=" +
                                                 red.client_id() + "&subject_token=" + access_token +
                                                 "&subject_token_type=urn:ietf:params:oauth:token-type:access_token"));
  }
};

std::string thumbprint(const Certificate& shown) { return core::crypto::base64url_encode(shown->bytes); }

}  // namespace

TEST_CASE("certificate: the first refresh over its connection binds the family", "[http][oauth][mtls]") {
  CertificateWorld world;
  const Granted granted = world.grant(world.red);
  const Reply reply = world.refresh_over(kRobot, granted.refresh_token);
  REQUIRE(reply.status == 200);
  // RFC 8705 §3: used as any bearer token; the connection proves.
  CHECK(reply.text("token_type") == "Bearer");
  CHECK(part_of(reply.text("access_token"), 1).find(R"("cnf":{"x5t#S256":")" + thumbprint(kRobot) + R"("})") !=
        std::string::npos);
  const Reply introspected = world.introspect(world.red, reply.text("access_token"));
  CHECK(introspected.json().at("active").as_bool());
  CHECK(introspected.json().at("cnf").at("x5t#S256").as_string() == thumbprint(kRobot));
  // The access token of before the binding is as it was.
  CHECK_FALSE(world.introspect(world.red, granted.access_token).json().as_object().contains("cnf"));
}

TEST_CASE("certificate: a bound family refreshes with its certificate only", "[http][oauth][mtls]") {
  CertificateWorld world;
  const std::string refresh_token = world.bound().text("refresh_token");
  for (const Certificate& shown : {Certificate{}, kOther}) {
    const Reply refused = world.refresh_over(shown, refresh_token);
    CHECK(refused.status == 400);
    CHECK(refused.text("error") == "invalid_grant");
  }
  CHECK(world.refresh_over(kRobot, refresh_token).status == 200);
}

TEST_CASE("certificate: a lost answer is given again to the same certificate", "[http][oauth][mtls]") {
  CertificateWorld world;
  const Granted granted = world.grant(world.red);
  const Reply first = world.refresh_over(kRobot, granted.refresh_token);
  CHECK(world.refresh_over(kRobot, granted.refresh_token).text("refresh_token") == first.text("refresh_token"));
  // Whoever comes without it has not lost an answer, but found a secret.
  CHECK(world.refresh_over({}, granted.refresh_token).text("error") == "invalid_grant");
  CHECK(world.refresh_over(kRobot, first.text("refresh_token")).text("error") == "invalid_grant");
}

TEST_CASE("certificate: a bound access token is nobody's without it", "[http][oauth][mtls]") {
  CertificateWorld world;
  const std::string token = world.for_management(world.bound().text("access_token"));
  const auto caller = world.authenticate(kRobot, "Bearer", token);
  REQUIRE(caller.has_value());
  CHECK(caller->bearer->proven == core::Confirmation{core::ConfirmationMethod::x5t_s256, *kRobot});
  CHECK(world.authenticate({}, "Bearer", token).error().code == Errc::unauthenticated);
  CHECK(world.authenticate(kOther, "Bearer", token).error().code == Errc::unauthenticated);
  CHECK(world.authenticate(kRobot, "DPoP", token).error().code == Errc::unauthenticated);
}

TEST_CASE("certificate: an unbound access token asks for none", "[http][oauth][mtls]") {
  CertificateWorld world;
  const std::string token = world.for_management(world.grant(world.red).access_token);
  CHECK(world.authenticate(kRobot, "Bearer", token).has_value());
  CHECK_FALSE(world.authenticate(kRobot, "Bearer", token)->bearer->proven.has_value());
}

TEST_CASE("certificate: /forward-auth passes it over the connection that proves it only", "[http][oauth][mtls]") {
  CertificateWorld world;
  const std::string token = world.bound().text("access_token");
  const Call ask{http::Method::get, "/forward-auth", {{"Authorization", "Bearer " + token}}, ""};
  CHECK(world.over(kRobot, ask).status == 200);
  CHECK(world.over({}, ask).status == 401);
  CHECK(world.over(kOther, ask).status == 401);
}

TEST_CASE("certificate: a refresh beside a request proves the family's, and binds none", "[http][oauth][mtls]") {
  CertificateWorld world;
  const auto beside = [](const std::string& refresh_token) {
    return Call{http::Method::get, "/forward-auth?refresh=yes", {{"Tally-Refresh-Token", refresh_token}}, ""};
  };
  const std::string refresh_token = world.bound().text("refresh_token");
  CHECK(world.over(kOther, beside(refresh_token)).status == 401);
  const Reply passed = world.over(kRobot, beside(refresh_token));
  CHECK(passed.status == 200);
  CHECK(passed.header("Tally-Access-Token").has_value());

  const Reply unbound = world.over(kRobot, beside(world.grant(world.red).refresh_token));
  REQUIRE(unbound.status == 200);
  CHECK_FALSE(world.introspect(world.red, *unbound.header("Tally-Access-Token")).json().as_object().contains("cnf"));
}

TEST_CASE("certificate: an exchanged token stays bound, and is given to its certificate only", "[http][oauth][mtls]") {
  CertificateWorld world;
  const std::string token = world.bound().text("access_token");
  CHECK(world.exchange_over({}, token).status == 400);
  CHECK(world.exchange_over(kOther, token).status == 400);
  const Reply exchanged = world.exchange_over(kRobot, token);
  REQUIRE(exchanged.status == 200);
  CHECK(exchanged.text("token_type") == "Bearer");
  const Reply introspected = world.introspect(world.red, exchanged.text("access_token"));
  CHECK(introspected.json().at("cnf").at("x5t#S256").as_string() == thumbprint(kRobot));
}

TEST_CASE("certificate: a proof is the more explicit word, and each binding has its own", "[http][oauth][mtls]") {
  CertificateWorld world;
  const FakeRequest asking{http::Method::post, "/oauth2/token", {{"DPoP", "x"}}, "", world.now};
  http::Response offered;
  world.proofs.offer_nonce(asking, offered);
  const std::string nonce = *Reply{0, offered.headers(), ""}.header("DPoP-Nonce");
  ProofMaker maker;
  const auto with_both = [&](const std::string& refresh_token) {
    Call call = OAuthWorld::refresh_call(world.red.client_id(), refresh_token);
    call.headers.emplace_back("DPoP", maker.proof({.at = world.now, .nonce = nonce}));
    return world.over(kRobot, std::move(call));
  };
  const Reply by_proof = with_both(world.grant(world.red).refresh_token);
  REQUIRE(by_proof.status == 200);
  CHECK(by_proof.text("token_type") == "DPoP");
  CHECK(world.refresh_over(kRobot, by_proof.text("refresh_token")).text("error") == "invalid_grant");
  // Bound to the certificate already: the proof changes nothing.
  const Reply by_certificate = with_both(world.bound().text("refresh_token"));
  REQUIRE(by_certificate.status == 200);
  CHECK(by_certificate.text("token_type") == "Bearer");
}

TEST_CASE("certificate: the metadata say whether the server asks for them", "[http][oauth][metadata][mtls]") {
  CertificateWorld world;
  const auto says = [](http::Router& router, const char* path) {
    const auto match = router.find(http::Method::get, path);
    const FakeRequest request{http::Method::get, path, {}, "", {}};
    http::Response response;
    std::get<http::SyncHandler>(match.route->handler)(request, response);
    return Reply{200, "", response.body()}.json().at("tls_client_certificate_bound_access_tokens").as_bool();
  };
  for (const char* path : {"/.well-known/oauth-authorization-server", "/.well-known/oauth-protected-resource/v1"}) {
    CHECK_FALSE(says(world.router, path));
    http::MetadataEndpoint asking{world.access_tokens, http::ClientCertificates::asked};
    http::Router router;
    asking.add_to(router);
    CHECK(says(router, path));
  }
}
