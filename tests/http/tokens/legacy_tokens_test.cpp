#include <catch2/catch.hpp>

#include "core/crypto/hash.hpp"
#include "core/identity/person_commands.hpp"
#include "core/token/token_commands.hpp"
#include "events/log/log.hpp"
#include "tests/http/oauth/oauth_world.hpp"

using namespace tally;
using namespace tally::testing;

namespace {

struct LegacyWorld : OAuthWorld {
  core::TokenId import(const Tenant& tenant, const std::string& text, std::chrono::days life = std::chrono::days{100}) {
    core::LegacyToken token;
    token.created_at = now - std::chrono::days{400};
    token.id = core::draw_id<core::TokenId>(random, token.created_at);
    token.secret_hash = digest_of(text);
    token.owner = tenant.admin;
    token.description = "old";
    token.expires_at = now + life;
    const core::TokenId id = token.id;
    run(as(tenant.admin), core::ImportLegacyTokens{tenant.workspace, {std::move(token)}});
    return id;
  }
  Reply ask(const std::string& token, const std::string& query = {}) {
    return call({http::Method::get, "/forward-auth" + query, {{"Authorization", "Bearer " + token}}, ""});
  }
};

}  // namespace

TEST_CASE("legacy tokens: introspection accepts one of the caller's workspace, and says that it goes",
          "[http][oauth][legacy]") {
  LegacyWorld world;
  const auto text = GENERATE(values<std::string>(
      {"0123456789abcdef", "eyJhbGciOiJIUzI1NiJ9.e30.x", "with a blank", "tlr_looks_like_one_of_ours"}));
  const core::TokenId id = world.import(world.red, text);
  const Reply reply = world.introspect(world.red, text);
  REQUIRE(reply.status == 200);
  CHECK(reply.json().at("active").as_bool());
  CHECK(reply.text("sub") == world.red.admin.str());
  CHECK(reply.text("tally_token") == id.str());
  CHECK(reply.text("tally_kind") == "legacy");
  CHECK(reply.text("token_type") == "Bearer");
  CHECK(reply.text("scope") == "files.read files.write");
  CHECK(reply.number("iat") == core::seconds_of(world.now) - 400 * 86'400);
  CHECK(reply.number("exp") == core::seconds_of(world.now) + 100 * 86'400);
  CHECK(reply.header("Deprecation") == "@" + std::to_string(core::seconds_of(world.now)));
  CHECK(reply.header("Sunset") == "Sun, 25 Apr 2027 08:00:00 GMT");
  CHECK(reply.header("Cache-Control") == "no-store");
  CHECK(world.introspect(world.blue, text).body == kInactive);
  CHECK(world.introspect(world.red, text + "x").body == kInactive);
  const Reply dead = world.introspect(world.blue, text);
  CHECK(dead.header("Deprecation") == std::nullopt);
}

TEST_CASE("legacy tokens: the sunset and the owner's disabling end them", "[http][oauth][legacy]") {
  LegacyWorld world;
  const core::TokenId one = world.import(world.red, "one");
  world.import(world.red, "two");
  core::Policy policy = world.policy_of(world.red);
  policy.legacy_sunset_at = world.now + std::chrono::hours{1};
  world.set_policy(world.red, policy);
  CHECK(world.introspect(world.red, "one").header("Sunset") == "Fri, 15 Jan 2027 09:00:00 GMT");
  world.disable(world.red, one, core::AccessFate::keep);
  CHECK(world.introspect(world.red, "one").body == kInactive);
  CHECK(world.introspect(world.red, "two").body != kInactive);
  world.now += std::chrono::hours{1};
  CHECK(world.introspect(world.red, "two").body == kInactive);
  CHECK(world.ask("two").status == 401);
}

TEST_CASE("legacy tokens: /forward-auth lets them pass as their owner, in their workspace, with their scopes",
          "[http][oauth][legacy]") {
  LegacyWorld world;
  const core::TokenId id = world.import(world.red, "one");
  const Reply passed = world.ask("one");
  CHECK(passed.status == 200);
  CHECK(passed.header("Tally-Subject") == world.red.admin.str());
  CHECK(passed.header("Tally-Workspace") == world.red.workspace.str());
  CHECK(passed.header("Tally-Token") == id.str());
  CHECK(passed.header("Tally-Scope") == "files.read files.write");
  CHECK(passed.header("Deprecation").has_value());
  CHECK(passed.header("Sunset").has_value());
  CHECK(world.ask("one", "?workspace=" + world.red.workspace.str() + "&scope=files.read").status == 200);
  CHECK(world.ask("one", "?workspace=" + world.blue.workspace.str()).status == 401);
  const Reply narrow = world.ask("one", "?scope=other");
  CHECK(narrow.status == 403);
  CHECK(narrow.header("Deprecation") == std::nullopt);
  CHECK(world.ask("nobody's").status == 401);
  // What this server signed is no legacy token, dead or alive.
  const Granted granted = world.grant(world.red);
  world.import(world.red, granted.access_token);
  world.now += std::chrono::hours{2};
  CHECK(world.ask(granted.access_token).status == 401);
}

TEST_CASE("legacy tokens: they can not be refreshed", "[http][oauth][legacy]") {
  LegacyWorld world;
  const auto secret = core::OpaqueSecret::generate(core::SecretKind::refresh_token, world.random);
  const std::string text{secret.reveal()};
  world.import(world.red, text);
  const Reply refused = world.refresh(world.red.client_id(), text);
  CHECK(refused.status == 400);
  CHECK(refused.text("error") == "invalid_grant");
  CHECK(world.introspect(world.red, text).json().at("active").as_bool());
}

TEST_CASE("legacy tokens: their use is recorded", "[http][oauth][legacy]") {
  LegacyWorld world;
  const core::TokenId id = world.import(world.red, "one");
  world.introspect(world.red, "one");
  world.usage.flush(world.now);
  world.run(world.as(world.red.admin), core::SignOut{});  // comes after the flush
  CHECK(value_of(world.tokens.last_used_at(id)) == world.now);
}

TEST_CASE("legacy tokens: whoever holds one may end it, and it is dead at each door", "[http][oauth][legacy][revoke]") {
  LegacyWorld world;
  const auto text = GENERATE(values<std::string>({"0123456789abcdef", "eyJhbGciOiJIUzI1NiJ9.e30.x", "with a blank",
                                                  "tlr_looks_like_one_of_ours", "tla_looks_like_one_of_ours"}));
  const core::TokenId id = world.import(world.red, text);
  const std::string encoded = text == "with a blank" ? "with+a+blank" : text;
  const auto size = world.sequencer().durable_size();
  CHECK(world.revoke(world.blue.client_id(), encoded).status == 200);
  CHECK(world.revoke(world.red.client_id(), "another").status == 200);
  CHECK(world.sequencer().durable_size() == size);
  CHECK(world.ask(text).status == 200);

  CHECK(world.revoke(world.red.client_id(), encoded).status == 200);
  CHECK(world.introspect(world.red, encoded).body == kInactive);
  CHECK(world.ask(text).status == 401);
  const auto state = *value_of(world.tokens.find_state(world.red.workspace, id));
  CHECK(state.mark == core::TokenMark::disabled);
  CHECK(state.stop_cause == core::DisableCause::revoked);
  CHECK(state.access_revoked_at.has_value());
  const auto event = value_of(events::read_event(world.store(), core::Sequence{size}));
  CHECK(event->credential == core::Credential{core::CredentialKind::legacy_token, id.uuid(), {}});
  CHECK(world.sequencer().durable_size() == size + 1);
  CHECK(world.revoke(world.red.client_id(), encoded).status == 200);
  CHECK(world.sequencer().durable_size() == size + 1);
}

TEST_CASE("legacy tokens: an access token of ours is none, whoever imports its hash", "[http][oauth][legacy][revoke]") {
  LegacyWorld world;
  const Granted granted = world.grant(world.red);
  const Tenant importer = GENERATE(true, false) ? world.red : world.blue;
  world.import(importer, granted.access_token);
  SECTION("it is revoked by whoever holds it") {
    CHECK(world.revoke(world.red.client_id(), granted.access_token).status == 200);
  }
  SECTION("it ends with its token") { world.disable(world.red, granted.id, core::AccessFate::revoke); }
  SECTION("it expires") { world.now += std::chrono::hours{2}; }
  CHECK(world.introspect(world.red, granted.access_token).body == kInactive);
  CHECK(world.introspect(world.blue, granted.access_token).body == kInactive);
  CHECK(world.ask(granted.access_token).status == 401);
}
