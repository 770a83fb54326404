#include "http/tokens/key_rotation.hpp"

#include <catch2/catch.hpp>

#include "tests/http/oauth/oauth_world.hpp"
#include "tests/support/memory_signing_keys.hpp"

/// The keys of a server over starts, rotations and crashes.
using namespace tally;
using namespace tally::testing;
using core::Errc;
using core::crypto::SigningAlgorithm;
using http::AccessTokens;
using http::KeyRotation;
using namespace std::chrono_literals;

namespace {

/// A ledger and stored private keys that outlive the server that is started over them.
struct KeyWorld : LedgerFixture {
  struct Served {
    Served(KeyWorld& world, http::KeyRotationOptions options)
        : rotation(world.queries, world.stored, world.commands(), options),
          tokens(HttpFixture::kIssuer, value_of(rotation.prepare(world.contexts())), nullptr) {
      rotation.serve(tokens);
    }
    KeyRotation rotation;
    AccessTokens tokens;
  };

  KeyWorld() { add_person("operator"); }
  std::function<core::CommandContext()> contexts() {
    return [this] { return as_system(); };
  }
  std::unique_ptr<Served> serve(http::KeyRotationOptions options = {}) {
    return std::make_unique<Served>(*this, options);
  }
  std::vector<core::SigningKeyState> keys() { return value_of(queries.list()); }
  core::CommandContext operator_context() { return as(core::ActorKind::operator_person, operator_person.uuid()); }

  http::AccessClaims claims() {
    http::AccessClaims claims;
    claims.subject = draw<core::UserId>();
    claims.workspace = draw<core::WorkspaceId>();
    claims.token = draw<core::TokenId>();
    claims.id = draw<core::AccessTokenId>();
    claims.issued_at_seconds = core::seconds_of(now);
    claims.expires_at_seconds = claims.issued_at_seconds + 3600;
    return claims;
  }

  MemorySigningKeys stored{random};
  projections::KeyQueries queries{store()};
};

bool publishes(const KeyWorld::Served& server, const std::string& key_id) {
  return server.tokens.jwks().find(key_id) != std::string::npos;
}

}  // namespace

TEST_CASE("rotation: the first start makes the first key, and a later one finds it", "[http][keys]") {
  KeyWorld world;
  const auto first = world.serve();
  REQUIRE(world.keys().size() == 1);
  CHECK(world.keys().front().algorithm == SigningAlgorithm::eddsa);
  CHECK(world.keys().front().activates_at == world.now);
  const std::string token = first->tokens.sign(world.claims());
  const auto second = world.serve();
  CHECK(world.keys().size() == 1);
  CHECK(second->tokens.jwks() == first->tokens.jwks());
  CHECK(second->tokens.verify(token, world.now).has_value());
}

TEST_CASE("rotation: a first start that died between file and event goes on with its key", "[http][keys]") {
  KeyWorld world;
  const std::string left_behind = value_of(world.stored.make(SigningAlgorithm::eddsa)).public_key().thumbprint();
  world.serve();
  REQUIRE(world.keys().size() == 1);
  CHECK(world.keys().front().key_id == left_behind);
}

TEST_CASE("rotation: publishes, takes over, retires by itself; restarts in between see the same", "[http][keys]") {
  KeyWorld world;
  auto server = world.serve();
  const std::string old_id = world.keys().front().key_id;
  const std::string old_token = server->tokens.sign(world.claims());
  const auto change = value_of(server->rotation.rotate(world.operator_context(), KeyRotation::Activation::after_lead));
  REQUIRE(change.sequence.has_value());
  CHECK(publishes(*server, old_id));
  CHECK(publishes(*server, change.key_id));

  world.now += 599s;
  server = world.serve();
  const std::string last_old_token = server->tokens.sign(world.claims());
  world.now += 1s;
  for (int round = 0; round < 2; ++round) {
    const std::string new_token = server->tokens.sign(world.claims());
    CHECK(new_token.substr(0, 100) != last_old_token.substr(0, 100));
    CHECK(server->tokens.verify(old_token, world.now).has_value());
    CHECK(server->tokens.verify(last_old_token, world.now).has_value());
    server = world.serve();
  }
  // The last token of the old key ends an hour after the change; a minute later nobody's clock is behind any more.
  world.now += 1h + 59s;
  CHECK(value_of(server->rotation.retire_expired(world.contexts())).empty());
  CHECK(publishes(*server, old_id));
  world.now += 1s;
  CHECK(value_of(server->rotation.retire_expired(world.contexts())) == std::vector<std::string>{old_id});
  CHECK_FALSE(publishes(*server, old_id));
  CHECK(publishes(*server, change.key_id));
  CHECK(world.stored.kept.size() == 1);
  CHECK(value_of(server->rotation.retire_expired(world.contexts())).empty());
  server = world.serve();
  CHECK_FALSE(publishes(*server, old_id));
}

TEST_CASE("rotation: one that is refused leaves no private key behind", "[http][keys]") {
  KeyWorld world;
  const auto server = world.serve();
  value_of(server->rotation.rotate(world.operator_context(), KeyRotation::Activation::after_lead));
  CHECK(server->rotation.rotate(world.operator_context(), KeyRotation::Activation::after_lead).error().code ==
        Errc::conflict);
  CHECK(world.stored.kept.size() == 2);
  CHECK(world.keys().size() == 2);
}

TEST_CASE("rotation: a disk that is full is told, and nothing happened", "[http][keys]") {
  KeyWorld world;
  const auto server = world.serve();
  world.stored.is_full = true;
  CHECK(server->rotation.rotate(world.operator_context(), KeyRotation::Activation::now).error().code == Errc::no_space);
  CHECK(world.keys().size() == 1);
}

TEST_CASE("rotation: one that died between file and event leaves a key that nobody uses", "[http][keys]") {
  KeyWorld world;
  world.serve();
  const std::string orphan = value_of(world.stored.make(SigningAlgorithm::eddsa)).public_key().thumbprint();
  const auto server = world.serve();
  CHECK_FALSE(publishes(*server, orphan));
  CHECK(world.keys().size() == 1);
}

TEST_CASE("rotation: in an emergency a key signs at once, and the old one's tokens end at once", "[http][keys]") {
  KeyWorld world;
  const auto server = world.serve();
  const std::string old_id = world.keys().front().key_id;
  const std::string stolen = server->tokens.sign(world.claims());
  CHECK(server->rotation.retire(world.operator_context(), old_id, core::Force::yes).error().code == Errc::conflict);
  world.now += 1s;
  const auto change = value_of(server->rotation.rotate(world.operator_context(), KeyRotation::Activation::now));
  const std::string token = server->tokens.sign(world.claims());
  CHECK(server->tokens.verify(stolen, world.now).has_value());
  CHECK(server->rotation.retire(world.operator_context(), old_id, core::Force::no).error().code == Errc::conflict);
  CHECK(server->tokens.verify(stolen, world.now).has_value());
  REQUIRE(server->rotation.retire(world.operator_context(), old_id, core::Force::yes).has_value());
  CHECK(server->tokens.verify(stolen, world.now).error().code == Errc::unauthenticated);
  CHECK(server->tokens.verify(token, world.now).has_value());
  CHECK_FALSE(world.stored.kept.contains(old_id));
  CHECK(world.stored.kept.contains(change.key_id));
  CHECK(world.serve()->tokens.verify(stolen, world.now).error().code == Errc::unauthenticated);
}

TEST_CASE("rotation: a start that finds the file of a retired key discards it", "[http][keys]") {
  KeyWorld world;
  auto server = world.serve();
  const std::string old_id = world.keys().front().key_id;
  const std::string pem = world.stored.kept.at(old_id);
  world.now += 1s;
  value_of(server->rotation.rotate(world.operator_context(), KeyRotation::Activation::now));
  value_of(server->rotation.retire(world.operator_context(), old_id, core::Force::yes));
  world.stored.kept[old_id] = pem;  // as if the process had died before it came to that
  server = world.serve();
  CHECK_FALSE(world.stored.kept.contains(old_id));
  CHECK_FALSE(publishes(*server, old_id));
}

TEST_CASE("rotation: a key that only verifies needs no private half; one that signs does", "[http][keys]") {
  KeyWorld world;
  auto server = world.serve();
  const std::string old_id = world.keys().front().key_id;
  const std::string token = server->tokens.sign(world.claims());
  const auto change = value_of(server->rotation.rotate(world.operator_context(), KeyRotation::Activation::after_lead));
  world.now += 600s;
  world.stored.kept.erase(old_id);
  server = world.serve();
  CHECK(server->tokens.verify(token, world.now).has_value());
  world.stored.kept.erase(change.key_id);
  KeyRotation starting{world.queries, world.stored, world.commands(), {}};
  CHECK(starting.prepare(world.contexts()).error().code == Errc::io_failed);
  CHECK(world.keys().size() == 2);
}

TEST_CASE("rotation: another algorithm is asked for at a start, and comes with the lead", "[http][keys]") {
  KeyWorld world;
  world.serve();
  // Not asked for: what was chosen stays.
  world.serve({.algorithm = SigningAlgorithm::es256, .lead = 300s});
  REQUIRE(world.keys().size() == 2);
  CHECK(world.keys().back().algorithm == SigningAlgorithm::es256);
  CHECK(world.keys().back().activates_at == world.now + 300s);
  world.serve({.algorithm = SigningAlgorithm::es256, .lead = 300s});
  auto server = world.serve();
  CHECK(world.keys().size() == 2);
  world.now += 301s;
  value_of(server->rotation.rotate(world.operator_context(), KeyRotation::Activation::after_lead));
  CHECK(world.keys().back().algorithm == SigningAlgorithm::es256);
}

TEST_CASE("rotation: another algorithm waits for the key that waits", "[http][keys]") {
  KeyWorld world;
  const auto server = world.serve();
  value_of(server->rotation.rotate(world.operator_context(), KeyRotation::Activation::after_lead));
  world.serve({.algorithm = SigningAlgorithm::es256, .lead = 300s});
  CHECK(world.keys().size() == 2);
  world.now += 600s;
  world.serve({.algorithm = SigningAlgorithm::es256, .lead = 300s});
  REQUIRE(world.keys().size() == 3);
  CHECK(world.keys().back().algorithm == SigningAlgorithm::es256);
}

TEST_CASE("rotation: is the operator's", "[http][keys]") {
  KeyWorld world;
  const core::UserId somebody = world.add_person("somebody");
  const auto server = world.serve();
  CHECK(server->rotation.rotate(world.as(somebody), KeyRotation::Activation::now).error().code == Errc::forbidden);
  CHECK(server->rotation.retire(world.as(somebody), "x", core::Force::no).error().code == Errc::forbidden);
  CHECK(world.stored.kept.size() == 1);
}
