#include <catch2/catch.hpp>

#include "core/crypto/hash.hpp"
#include "core/workspace/workspace_commands.hpp"
#include "tests/http/oauth/oauth_world.hpp"
#include "tests/http/oauth/token_forge.hpp"
#include "tests/support/proof_maker.hpp"

using namespace tally;
using namespace tally::testing;

namespace {

constexpr const char* kOrders = "https://orders.example/api";
/// The red workspace has an API of its own: another resource server, with a URI.
struct ResourceWorld : OAuthWorld {
  ResourceWorld() {
    orders = red;
    orders.resource_server = draw<core::ResourceServerId>();
    const auto secret = core::OpaqueSecret::generate(core::SecretKind::resource_server, random);
    orders.resource_server_secret = secret.reveal();
    run(as(red.admin),
        core::AddResourceServer{orders.resource_server, red.workspace, "orders", digest_of(secret.reveal()), kOrders});
    granted = grant(red);
  }
  Reply exchange(const std::string& subject_token, const std::string& more = {}, Headers headers = {}) {
    return post_form("/oauth2/token",
                     "grant_type=urn:ietf:params:oauth:grant-type:token-exchange&client_id=" + red.client_id() +
                         "&subject_token=" + subject_token +
                         "&subject_token_type=urn:ietf:params:oauth:token-type:access_token" + more,
                     std::move(headers));
  }
  http::AccessClaims claims_of(const Reply& reply) { return *access_tokens.verify(reply.text("access_token"), now); }

  Tenant orders;
  Granted granted;
};

}  // namespace

TEST_CASE("resource: a refresh can ask for an access token that is for one API only", "[http][oauth][resource]") {
  ResourceWorld world;
  const Reply reply =
      world.refresh(world.red.client_id(), world.granted.refresh_token, "&resource=" + std::string{kOrders});
  REQUIRE(reply.status == 200);
  CHECK(world.claims_of(reply).resource == kOrders);
  CHECK(part_of(reply.text("access_token"), 1).find(R"("aud":"https://orders.example/api")") != std::string::npos);
  const std::string token = reply.text("access_token");
  CHECK(world.introspect(world.orders, token).text("aud") == kOrders);
  // The other resource server of the workspace has nothing to do with it, and neither has the next workspace.
  CHECK(world.introspect(world.red, token).body == kInactive);
  CHECK(world.introspect(world.blue, token).body == kInactive);
  // The next one is for all again.
  const Reply next = world.refresh(world.red.client_id(), reply.text("refresh_token"));
  CHECK(world.introspect(world.red, next.text("access_token")).json().at("active").as_bool());
}

TEST_CASE("resource: the workspace's own audience and the management API need no registration",
          "[http][oauth][resource]") {
  ResourceWorld world;
  const std::string audience = "https://tally.example/w/" + world.red.client_id();
  const Reply own = world.refresh(world.red.client_id(), world.granted.refresh_token, "&resource=" + audience);
  REQUIRE(own.status == 200);
  CHECK(world.claims_of(own).resource.empty());
  const Reply management =
      world.refresh(world.red.client_id(), own.text("refresh_token"), "&resource=https://tally.example/v1");
  REQUIRE(management.status == 200);
  CHECK(world.claims_of(management).resource == "https://tally.example/v1");
  // However their host and port are written.
  const Reply capital = world.refresh(world.red.client_id(), management.text("refresh_token"),
                                      "&resource=https://TALLY.example:443/w/" + world.red.client_id());
  REQUIRE(capital.status == 200);
  CHECK(world.claims_of(capital).resource.empty());
  const Reply with_port =
      world.refresh(world.red.client_id(), capital.text("refresh_token"), "&resource=https://Tally.example:443/v1");
  REQUIRE(with_port.status == 200);
  CHECK(world.claims_of(with_port).resource == "https://tally.example/v1");
}

TEST_CASE("resource: what the workspace does not have is invalid_target, and spends nothing",
          "[http][oauth][resource]") {
  ResourceWorld world;
  const std::string bad = GENERATE("https://other.example", "https://orders.example/api/", "orders", "",
                                   "https://orders.example/api%23top", "https://tally.example", "twice", "foreign");
  std::string more = "&resource=" + bad;
  if (bad == "twice") more = "&resource=" + std::string{kOrders} + "&resource=" + kOrders;
  if (bad == "foreign") more = "&resource=https://tally.example/w/" + world.blue.client_id();
  const Reply reply = world.refresh(world.red.client_id(), world.granted.refresh_token, more);
  if (bad.empty()) {  // RFC 6749 §3.2: a parameter without a value is as if it were not there.
    CHECK(reply.status == 200);
    return;
  }
  CAPTURE(bad);
  CHECK(reply.status == 400);
  CHECK(reply.text("error") == "invalid_target");
  CHECK(world.refresh(world.red.client_id(), world.granted.refresh_token).status == 200);
}

TEST_CASE("resource: another workspace's is as if it were not there", "[http][oauth][resource]") {
  ResourceWorld world;
  const Granted granted = world.grant(world.blue);
  const Reply reply = world.refresh(world.blue.client_id(), granted.refresh_token, "&resource=" + std::string{kOrders});
  CHECK(reply.text("error") == "invalid_target");
}

TEST_CASE("resource: one that was removed is gone, and can be had again", "[http][oauth][resource]") {
  ResourceWorld world;
  world.run(world.as(world.red.admin), core::RemoveResourceServer{world.red.workspace, world.orders.resource_server});
  const Reply reply =
      world.refresh(world.red.client_id(), world.granted.refresh_token, "&resource=" + std::string{kOrders});
  CHECK(reply.text("error") == "invalid_target");
  world.run(world.as(world.blue.admin),
            core::AddResourceServer{world.draw<core::ResourceServerId>(), world.blue.workspace, "orders", {}, kOrders});
}

TEST_CASE("resource: the management API takes no access token for another one", "[http][auth][resource]") {
  ResourceWorld world;
  http::AccessClaims claims = *world.access_tokens.verify(world.granted.access_token, world.now);
  claims.scope = *core::ScopeSet::parse("tally:tokens.read", 50);
  const auto [resource, is_taken] = GENERATE(table<std::string, bool>(
      {{"", true}, {"https://tally.example/v1", true}, {kOrders, false}, {"https://tally.example/v2", false}}));
  claims.resource = resource;
  const FakeRequest request{
      http::Method::get, "/v1/x", {{"Authorization", "Bearer " + world.access_tokens.sign(claims)}}, "", world.now};
  CHECK(world.authenticator.authenticate(request, http::Need::tokens_read).has_value() == is_taken);
}

TEST_CASE("resource: a proxy lets an access token for one API pass there only", "[http][oauth][forward][resource]") {
  ResourceWorld world;
  const std::string token =
      world.refresh(world.red.client_id(), world.granted.refresh_token, "&resource=" + std::string{kOrders})
          .text("access_token");
  const auto ask = [&](const std::string& query, const std::string& access_token) {
    return world.call({http::Method::get, "/forward-auth" + query, {{"Authorization", "Bearer " + access_token}}, ""})
        .status;
  };
  CHECK(ask("?resource=https://orders.example/api", token) == 200);
  CHECK(ask("", token) == 401);
  CHECK(ask("?resource=https://other.example", token) == 401);
  // One for all of the workspace is good for this API too.
  CHECK(ask("?resource=https://orders.example/api", world.granted.access_token) == 200);
}

TEST_CASE("exchange: a live access token gives another, which says what it is", "[http][oauth][exchange]") {
  ResourceWorld world;
  world.now += std::chrono::minutes{10};
  const Reply reply = world.exchange(world.granted.access_token, "&scope=files.read&resource=" + std::string{kOrders});
  REQUIRE(reply.status == 200);
  CHECK(reply.header("Cache-Control") == "no-store");
  CHECK(reply.header("Tally-Sequence").has_value());
  std::vector<std::string> members;
  const boost::json::value answer = reply.json();
  for (const auto& member : answer.as_object()) members.emplace_back(member.key());
  CHECK(members == std::vector<std::string>{"access_token", "issued_token_type", "token_type", "expires_in", "scope"});
  CHECK(reply.text("issued_token_type") == "urn:ietf:params:oauth:token-type:access_token");
  CHECK(reply.text("token_type") == "Bearer");
  CHECK(reply.number("expires_in") == 3'000);  // What is left of the presented one.
  CHECK(reply.text("scope") == "files.read");
  const http::AccessClaims parent = *world.access_tokens.verify(world.granted.access_token, world.now);
  const http::AccessClaims claims = world.claims_of(reply);
  CHECK(claims.parent == parent.id);
  CHECK(claims.id != parent.id);
  CHECK(claims.token == parent.token);
  CHECK(claims.expires_at_seconds == parent.expires_at_seconds);
  CHECK(claims.resource == kOrders);
  CHECK(world.introspect(world.orders, reply.text("access_token")).text("scope") == "files.read");
  // Nothing happened to the presented one, nor to the family.
  CHECK(world.introspect(world.red, world.granted.access_token).json().at("active").as_bool());
  CHECK(world.refresh(world.red.client_id(), world.granted.refresh_token).status == 200);
}

TEST_CASE("exchange: the outcome dies with its parent, and with its family", "[http][oauth][exchange]") {
  ResourceWorld world;
  const std::string child = world.exchange(world.granted.access_token).text("access_token");
  const std::string sibling = world.exchange(world.granted.access_token).text("access_token");
  REQUIRE(world.introspect(world.red, child).json().at("active").as_bool());
  SECTION("revoking the child ends the child") {
    CHECK(world.revoke(world.red.client_id(), child).status == 200);
    CHECK(world.introspect(world.red, child).body == kInactive);
    CHECK(world.introspect(world.red, sibling).json().at("active").as_bool());
    CHECK(world.introspect(world.red, world.granted.access_token).json().at("active").as_bool());
  }
  SECTION("revoking the parent ends both") {
    CHECK(world.revoke(world.red.client_id(), world.granted.access_token).status == 200);
    CHECK(world.introspect(world.red, child).body == kInactive);
    CHECK(world.introspect(world.red, sibling).body == kInactive);
    CHECK(world.exchange(world.granted.access_token).text("error") == "invalid_request");
  }
  SECTION("disabling with revoke ends all") {
    world.disable(world.red, world.granted.id, core::AccessFate::revoke);
    CHECK(world.introspect(world.red, child).body == kInactive);
  }
  SECTION("a disabled family gives nothing new, while its access tokens run out") {
    world.disable(world.red, world.granted.id, core::AccessFate::keep);
    CHECK(world.introspect(world.red, child).json().at("active").as_bool());
    CHECK(world.exchange(world.granted.access_token).text("error") == "invalid_request");
  }
}

TEST_CASE("exchange: each refusal has its error", "[http][oauth][exchange]") {
  ResourceWorld world;
  const std::string token = world.granted.access_token;
  const std::string child = world.exchange(token, "&resource=" + std::string{kOrders}).text("access_token");
  const std::string type = "&subject_token_type=urn:ietf:params:oauth:token-type:access_token";
  const std::string grant = "grant_type=urn:ietf:params:oauth:grant-type:token-exchange";
  const std::string client = "&client_id=" + world.red.client_id();
  const std::string good = grant + client + type + "&subject_token=" + token;
  const auto [body, status, error] = GENERATE_REF(table<std::string, unsigned, std::string>({
      {grant + client + type, 400, "invalid_request"},
      {grant + client + "&subject_token=" + token, 400, "invalid_request"},
      {grant + type + "&subject_token=" + token, 400, "invalid_request"},
      {grant + "&client_id=nobody" + type + "&subject_token=" + token, 401, "invalid_client"},
      {grant + "&client_id=" + world.blue.client_id() + type + "&subject_token=" + token, 400, "invalid_request"},
      {grant + client + type + "&subject_token=garbage", 400, "invalid_request"},
      {grant + client + type + "&subject_token=" + world.granted.refresh_token, 400, "invalid_request"},
      {grant + client + type + "&subject_token=" + child, 400, "invalid_request"},
      {grant + client + "&subject_token_type=urn:ietf:params:oauth:token-type:refresh_token&subject_token=" + token,
       400, "invalid_request"},
      {good + "&requested_token_type=urn:ietf:params:oauth:token-type:refresh_token", 400, "invalid_request"},
      {good + "&actor_token=" + token, 400, "invalid_request"},
      {good + "&actor_token_type=urn:ietf:params:oauth:token-type:jwt", 400, "invalid_request"},
      {good + "&subject_token=" + token, 400, "invalid_request"},
      {good + "&scope=files.delete", 400, "invalid_scope"},
      {good + "&scope=a%22b", 400, "invalid_scope"},
      {good + "&resource=https://other.example", 400, "invalid_target"},
      {good + "&audience=https://other.example", 400, "invalid_target"},
      {good + "&audience=orders", 400, "invalid_target"},
      {good + "&resource=https://orders.example/api&audience=https://tally.example/v1", 400, "invalid_target"},
  }));
  CAPTURE(body);
  const auto size_before = world.sequencer().durable_size();
  const Reply reply = world.post_form("/oauth2/token", body);
  CHECK(reply.status == status);
  CHECK(reply.text("error") == error);
  CHECK(reply.body.find(token) == std::string::npos);
  CHECK(world.sequencer().durable_size() == size_before);
  CHECK(world
            .post_form("/oauth2/token", good + "&audience=https://orders.example/api" +
                                            "&requested_token_type=urn:ietf:params:oauth:token-type:jwt")
            .status == 200);
}

TEST_CASE("exchange: a bound access token asks for its key, and hands it on", "[http][oauth][exchange][dpop]") {
  ResourceWorld world;
  ProofMaker maker;
  const auto with_proof = [&](ProofMaker& prover, const std::string& nonce) {
    return Headers{{"DPoP", prover.proof({.at = world.now, .nonce = nonce})}};
  };
  const Reply asked = world.exchange(world.granted.access_token, "", with_proof(maker, "none"));
  CHECK(asked.text("error") == "use_dpop_nonce");
  const std::string nonce = asked.header("DPoP-Nonce").value();
  // An unbound one gives a bound one for a proof.
  const Reply bound = world.exchange(world.granted.access_token, "", with_proof(maker, nonce));
  REQUIRE(bound.status == 200);
  CHECK(bound.text("token_type") == "DPoP");
  CHECK(bound.header("DPoP-Nonce") == nonce);

  Call refresh = OAuthWorld::refresh_call(world.red.client_id(), world.granted.refresh_token);
  refresh.headers.emplace_back("DPoP", maker.proof({.at = world.now, .nonce = nonce}));
  const std::string subject = world.call(refresh).text("access_token");
  CHECK(world.exchange(subject).text("error") == "invalid_request");
  ProofMaker thief{78};
  CHECK(world.exchange(subject, "", with_proof(thief, nonce)).text("error") == "invalid_dpop_proof");
  const Reply child = world.exchange(subject, "", with_proof(maker, nonce));
  REQUIRE(child.status == 200);
  CHECK(world.claims_of(child).confirmation == world.access_tokens.verify(subject, world.now)->confirmation);
}
