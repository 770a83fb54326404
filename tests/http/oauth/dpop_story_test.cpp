#include <catch2/catch.hpp>

#include "http/server/limits.hpp"
#include "tests/http/oauth/oauth_world.hpp"
#include "tests/http/oauth/token_forge.hpp"
#include "tests/support/proof_maker.hpp"

using namespace tally;
using namespace tally::testing;
using core::Errc;
using http::Need;

namespace {

/// A client with a key, and what it was told last.
struct DPoPWorld : OAuthWorld {
  DPoPWorld() { nonce = proofs_nonce(); }

  std::string proofs_nonce() {
    const FakeRequest request{http::Method::post, "/oauth2/token", {{"DPoP", "x"}}, "", now};
    http::Response response;
    proofs.offer_nonce(request, response);
    return *Reply{0, response.headers(), ""}.header("DPoP-Nonce");
  }
  Reply refresh_proving(const std::string& refresh_token, const std::string& proof) {
    Call call = refresh_call(red.client_id(), refresh_token);
    call.headers.emplace_back("DPoP", proof);
    return this->call(call);
  }
  Reply refresh_proving(const std::string& refresh_token, ProofMaker& prover) {
    return refresh_proving(refresh_token, prover.proof({.at = now, .nonce = nonce}));
  }
  core::Result<http::Caller> authenticate(const std::string& scheme, const std::string& access_token,
                                          const std::optional<std::string>& proof, Need need = Need::tokens_read) {
    Headers headers{{"Authorization", scheme + " " + access_token}};
    if (proof) headers.emplace_back("DPoP", *proof);
    const FakeRequest request{http::Method::get, "/v1/x?limit=3", std::move(headers), "", now};
    return authenticator.authenticate(request, need);
  }
  ProofMaker::Claims for_get(const std::string& access_token) const {
    return {
        .method = "GET", .url = "https://tally.example/v1/x", .at = now, .nonce = nonce, .access_token = access_token};
  }
  /// An access token for /v1 that is bound to the maker's key.
  std::string bound_access_token(ProofMaker& prover) {
    const Granted granted = grant(red);
    const Reply reply = refresh_proving(granted.refresh_token, prover);
    REQUIRE(reply.status == 200);
    http::AccessClaims claims = *access_tokens.verify(reply.text("access_token"), now);
    claims.scope = *core::ScopeSet::parse("tally:tokens.read", 50);
    return access_tokens.sign(claims);
  }

  ProofMaker maker;
  std::string nonce;
};

}  // namespace

TEST_CASE("dpop: a refresh with a proof gives a bound access token, and binds the family", "[http][oauth][dpop]") {
  DPoPWorld world;
  const Granted granted = world.grant(world.red);
  const Reply reply = world.refresh_proving(granted.refresh_token, world.maker);
  REQUIRE(reply.status == 200);
  CHECK(reply.text("token_type") == "DPoP");
  CHECK(reply.header("DPoP-Nonce") == world.nonce);
  CHECK(part_of(reply.text("access_token"), 1).find(R"("cnf":{"jkt":")" + world.maker.thumbprint() + R"("})") !=
        std::string::npos);
  const Reply introspected = world.introspect(world.red, reply.text("access_token"));
  CHECK(introspected.text("token_type") == "DPoP");
  CHECK(introspected.json().at("cnf").at("jkt").as_string() == world.maker.thumbprint());
  CHECK(world.introspect(world.red, reply.text("refresh_token")).json().at("cnf").at("jkt").as_string() ==
        world.maker.thumbprint());
  // The access token of before the binding is as it was.
  CHECK(world.introspect(world.red, granted.access_token).text("token_type") == "Bearer");

  const std::string successor = reply.text("refresh_token");
  const Reply without = world.refresh(world.red.client_id(), successor);
  CHECK(without.status == 400);
  CHECK(without.text("error") == "invalid_grant");
  CHECK_FALSE(without.header("DPoP-Nonce").has_value());
  ProofMaker thief{78};
  CHECK(world.refresh_proving(successor, thief).text("error") == "invalid_grant");
  CHECK(world.refresh_proving(successor, world.maker).status == 200);
}

TEST_CASE("dpop: a lost answer is given again to the same key", "[http][oauth][dpop]") {
  DPoPWorld world;
  const Granted granted = world.grant(world.red);
  const Reply first = world.refresh_proving(granted.refresh_token, world.maker);
  const Reply again = world.refresh_proving(granted.refresh_token, world.maker);
  CHECK(again.text("refresh_token") == first.text("refresh_token"));
  CHECK(again.text("token_type") == "DPoP");
}

TEST_CASE("dpop: the owner of a stolen token that a thief has bound is heard", "[http][oauth][dpop]") {
  DPoPWorld world;
  const Granted granted = world.grant(world.red);
  ProofMaker thief{78};
  const Reply stolen = world.refresh_proving(granted.refresh_token, thief);
  REQUIRE(stolen.status == 200);
  CHECK(world.refresh(world.red.client_id(), granted.refresh_token).text("error") == "invalid_grant");
  CHECK(world.refresh_proving(stolen.text("refresh_token"), thief).text("error") == "invalid_grant");
}

TEST_CASE("dpop: a proof without this server's nonce is told it", "[http][oauth][dpop]") {
  DPoPWorld world;
  const Granted granted = world.grant(world.red);
  const auto size_before = world.sequencer().durable_size();
  for (const std::optional<std::string>& nonce :
       {std::optional<std::string>{}, std::optional<std::string>{"nonsense"}}) {
    const Reply reply =
        world.refresh_proving(granted.refresh_token, world.maker.proof({.at = world.now, .nonce = nonce}));
    CHECK(reply.status == 400);
    CHECK(reply.text("error") == "use_dpop_nonce");
    CHECK(reply.header("DPoP-Nonce") == world.nonce);
  }
  CHECK(world.sequencer().durable_size() == size_before);
  CHECK(world.refresh_proving(granted.refresh_token, world.maker).status == 200);
}

TEST_CASE("dpop: a proof that is not for this request is refused, and nothing is spent", "[http][oauth][dpop]") {
  DPoPWorld world;
  const Granted granted = world.grant(world.red);
  const auto skew = http::limits::kProofClockSkew;
  const auto [what, claims] = GENERATE_REF(table<std::string, ProofMaker::Claims>({
      {"method", {.method = "GET", .at = world.now, .nonce = world.nonce}},
      {"method in another case", {.method = "post", .at = world.now, .nonce = world.nonce}},
      {"path", {.url = "https://tally.example/oauth2/revoke", .at = world.now, .nonce = world.nonce}},
      {"host", {.url = "https://other.example/oauth2/token", .at = world.now, .nonce = world.nonce}},
      {"old", {.at = world.now - skew - std::chrono::seconds{1}, .nonce = world.nonce}},
      {"from the future", {.at = world.now + skew + std::chrono::seconds{1}, .nonce = world.nonce}},
  }));
  CAPTURE(what);
  const Reply reply = world.refresh_proving(granted.refresh_token, world.maker.proof(claims));
  CHECK(reply.status == 400);
  CHECK(reply.text("error") == "invalid_dpop_proof");
  CHECK(reply.header("DPoP-Nonce") == world.nonce);
  CHECK(world.refresh_proving(granted.refresh_token, world.maker.proof({.at = world.now - skew, .nonce = world.nonce}))
            .status == 200);
}

TEST_CASE("dpop: damaged, doubled and replayed proofs are refused", "[http][oauth][dpop]") {
  DPoPWorld world;
  const Granted granted = world.grant(world.red);
  const std::string good = world.maker.proof({.at = world.now, .nonce = world.nonce});
  std::string damaged = good;
  damaged[damaged.size() - 10] = damaged[damaged.size() - 10] == 'A' ? 'B' : 'A';
  CHECK(world.refresh_proving(granted.refresh_token, damaged).text("error") == "invalid_dpop_proof");
  CHECK(world.refresh_proving(granted.refresh_token, "").text("error") == "invalid_dpop_proof");
  Call twice = OAuthWorld::refresh_call(world.red.client_id(), granted.refresh_token);
  twice.headers.emplace_back("DPoP", good);
  twice.headers.emplace_back("DPoP", good);
  CHECK(world.call(twice).text("error") == "invalid_dpop_proof");

  CHECK(world.refresh_proving(granted.refresh_token, good).status == 200);
  CHECK(world.refresh_proving(granted.refresh_token, good).text("error") == "invalid_dpop_proof");
  // Another key may use the same jti.
  ProofMaker other{78};
  const Granted second = world.grant(world.red);
  CHECK(world.refresh_proving(second.refresh_token, other).status == 200);
}

TEST_CASE("dpop: a stranger's guess uses up no proof", "[http][oauth][dpop]") {
  DPoPWorld world;
  const std::string unknown{core::OpaqueSecret::generate(core::SecretKind::refresh_token, world.random).reveal()};
  const std::string proof = world.maker.proof({.at = world.now, .nonce = world.nonce});
  CHECK(world.refresh_proving(unknown, proof).text("error") == "invalid_grant");
  CHECK(world.refresh_proving(world.grant(world.red).refresh_token, proof).status == 200);
}

TEST_CASE("dpop: a bound access token is good with a proof that names it", "[http][auth][dpop]") {
  DPoPWorld world;
  const std::string token = world.bound_access_token(world.maker);
  const auto caller = world.authenticate("DPoP", token, world.maker.proof(world.for_get(token)));
  REQUIRE(caller.has_value());
  REQUIRE(caller->bearer.has_value());
  CHECK(caller->bearer->proven.has_value());
  CHECK(world.authenticate("dpop", token, world.maker.proof(world.for_get(token))).has_value());
}

TEST_CASE("dpop: a bound access token is good for nothing in any other way", "[http][auth][dpop]") {
  DPoPWorld world;
  const std::string token = world.bound_access_token(world.maker);
  const auto code_of = [&](const std::string& scheme, const std::optional<std::string>& proof) {
    const auto caller = world.authenticate(scheme, token, proof);
    return caller.has_error() ? caller.error().code : Errc{};
  };
  const auto proof_of = [&](auto change) {
    ProofMaker::Claims claims = world.for_get(token);
    change(claims);
    return world.maker.proof(claims);
  };
  CHECK(code_of("Bearer", std::nullopt) == Errc::unauthenticated);
  CHECK(code_of("Bearer", world.maker.proof(world.for_get(token))) == Errc::unauthenticated);
  CHECK(code_of("DPoP", std::nullopt) == Errc::invalid_proof);
  CHECK(code_of("DPoP", proof_of([](auto& claims) { claims.access_token = "another"; })) == Errc::invalid_proof);
  CHECK(code_of("DPoP", proof_of([](auto& claims) { claims.access_token.reset(); })) == Errc::invalid_proof);
  CHECK(code_of("DPoP", proof_of([](auto& claims) { claims.method = "POST"; })) == Errc::invalid_proof);
  CHECK(code_of("DPoP", proof_of([](auto& claims) { claims.nonce.reset(); })) == Errc::nonce_required);
  ProofMaker thief{78};
  CHECK(code_of("DPoP", thief.proof(world.for_get(token))) == Errc::invalid_proof);
  const std::string once = world.maker.proof(world.for_get(token));
  CHECK(code_of("DPoP", once) == Errc{});
  CHECK(code_of("DPoP", once) == Errc::invalid_proof);
}

TEST_CASE("dpop: an access token that is not bound is no DPoP token", "[http][auth][dpop]") {
  DPoPWorld world;
  http::AccessClaims claims = *world.access_tokens.verify(world.grant(world.red).access_token, world.now);
  claims.scope = *core::ScopeSet::parse("tally:tokens.read", 50);
  const std::string token = world.access_tokens.sign(claims);
  CHECK(world.authenticate("Bearer", token, std::nullopt).has_value());
  const auto caller = world.authenticate("DPoP", token, world.maker.proof(world.for_get(token)));
  REQUIRE(caller.has_error());
  CHECK(caller.error().code == Errc::unauthenticated);
}

TEST_CASE("dpop: a proxy's question is about the request that it guards", "[http][oauth][forward][dpop]") {
  DPoPWorld world;
  const std::string token = world.bound_access_token(world.maker);
  const Headers said{{"X-Forwarded-Method", "PUT"},
                     {"X-Forwarded-Proto", "https"},
                     {"X-Forwarded-Host", "orders.example"},
                     {"X-Forwarded-Uri", "/orders/7?draft=1"}};
  const auto ask = [&](Headers headers, const ProofMaker::Claims& claims) {
    headers.emplace_back("Authorization", "DPoP " + token);
    headers.emplace_back("DPoP", world.maker.proof(claims));
    return world.call({http::Method::get, "/forward-auth", std::move(headers), ""});
  };
  ProofMaker::Claims claims = world.for_get(token);
  claims.method = "PUT";
  claims.url = "https://orders.example/orders/7";
  const Reply passed = ask(said, claims);
  CHECK(passed.status == 200);
  CHECK(passed.header("Tally-Subject") == world.red.admin.str());
  CHECK(passed.header("DPoP-Nonce") == world.nonce);
  // A proof of its own URL would be one that any other request could have brought.
  CHECK(ask(said, world.for_get(token)).status == 401);
  for (std::size_t missing = 0; missing < said.size(); ++missing) {
    Headers some = said;
    some.erase(some.begin() + static_cast<std::ptrdiff_t>(missing));
    CHECK(ask(some, claims).status == 401);
    Headers doubled = said;
    doubled.push_back(said[missing]);
    CHECK(ask(doubled, claims).status == 401);
  }
  // The client writes the Host field: it must not end the URL where it likes.
  for (const std::string host :
       {"orders.example/orders/7?", "orders.example/orders/7#", "orders.example/orders/7/.."}) {
    const Headers tricked{{"X-Forwarded-Method", "PUT"},
                          {"X-Forwarded-Proto", "https"},
                          {"X-Forwarded-Host", host},
                          {"X-Forwarded-Uri", "/admin"}};
    const Reply refused = ask(tricked, claims);
    CHECK(refused.status == 401);
    CHECK(refused.text("code") == "invalid_proof");
    CHECK(refused.text("detail") == "the proxy must say what it asks about: X-Forwarded-Host is no host and port");
  }
  claims.nonce.reset();
  const Reply asked = ask(said, claims);
  CHECK(asked.status == 401);
  CHECK(asked.header("WWW-Authenticate") == R"(DPoP realm="tally", error="use_dpop_nonce")");
  CHECK(asked.header("DPoP-Nonce") == world.nonce);
  const Reply as_bearer = world.call({http::Method::get, "/forward-auth", {{"Authorization", "Bearer " + token}}, ""});
  CHECK(as_bearer.status == 401);
}

TEST_CASE("dpop: a bound family is not refreshed beside a request", "[http][oauth][forward][dpop]") {
  DPoPWorld world;
  const Granted granted = world.grant(world.red);
  const Reply bound = world.refresh_proving(granted.refresh_token, world.maker);
  const std::string refresh_token = bound.text("refresh_token");
  const auto ask = [&](Headers headers) {
    headers.emplace_back("Tally-Refresh-Token", refresh_token);
    return world.call({http::Method::get, "/forward-auth?refresh=yes", std::move(headers), ""});
  };
  CHECK(ask({}).status == 401);
  CHECK(ask({{"DPoP", world.maker.proof({.at = world.now, .nonce = world.nonce})}}).status == 401);
  const Reply beside = ask({{"Authorization", "DPoP " + bound.text("access_token")}});
  CHECK(beside.status == 401);
  CHECK_FALSE(beside.header("Tally-Refresh-Token").has_value());
  // It was left alone.
  CHECK(world.refresh_proving(refresh_token, world.maker).status == 200);
}
