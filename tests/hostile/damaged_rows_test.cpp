#include <cstdlib>
#include <set>

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "core/crypto/base64.hpp"
#include "core/crypto/hash.hpp"
#include "events/store/family.hpp"
#include "projections/commands/usage.hpp"
#include "tests/hostile/draft.hpp"
#include "tests/hostile/walk_size.hpp"
#include "tests/http/api/api_fixture.hpp"

using namespace tally;
using events::Family;
using testing::ApiFixture;
using testing::Call;
using testing::Draft;
using testing::Operation;
using testing::Reply;
using testing::SeededRandom;
using testing::Things;
using testing::Visitor;

namespace {

struct Row {
  std::string key;
  std::string value;
};

enum class Damage : std::uint8_t { emptied, cut, longer, flipped, garbage, ones, large, short_key, long_key };
constexpr int kDamages = 9;

std::string random_bytes(SeededRandom& random, std::size_t size) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random.below(256));
  return bytes;
}

Row damaged(Row row, Damage damage, SeededRandom& random) {
  switch (damage) {
    case Damage::emptied:
      row.value.clear();
      break;
    case Damage::cut:
      row.value.resize(row.value.size() - std::min<std::size_t>(row.value.size(), 1 + random.below(8)));
      break;
    case Damage::longer:
      row.value += random_bytes(random, 1 + random.below(8));
      break;
    case Damage::flipped:
      if (row.value.empty()) break;
      row.value[random.below(row.value.size())] ^= static_cast<char>(1U << random.below(8));
      break;
    case Damage::garbage:
      row.value = random_bytes(random, row.value.size());
      break;
    case Damage::ones:
      // The version stays: what comes after it is read.
      for (std::size_t at = 1; at < row.value.size(); ++at) row.value[at] = '\xff';
      break;
    case Damage::large:
      row.value = random_bytes(random, 100'000);
      break;
    case Damage::short_key:
      row.key.resize(row.key.size() - std::min<std::size_t>(row.key.size() - 1, 1 + random.below(8)));
      break;
    case Damage::long_key:
      row.key += random_bytes(random, 1 + random.below(8));
      break;
  }
  return row;
}

/// A management API over a ledger that has a row, at least, in every family that one can be in.
class Damageable : public ApiFixture {
 public:
  Damageable() {
    const std::string policy =
        R"({"max_lifetime_days":365,"who_may_generate":"members","max_active_tokens_per_user":100,)"
        R"("access_token_seconds":3600,"refresh_retry_seconds":60,"allowed_scopes":["orders.read"],)"
        R"("legacy_sunset_at":"2099-01-01T00:00:00Z","access_token_format":)";
    must_be(200, put(ada, path("/policy"), policy + R"("opaque"})"));
    const Reply made = post(ada, path("/tokens"), R"({"name":"kept","lifetime_days":30,"scope":"orders.read"})",
                            {{"Idempotency-Key", "kept"}});
    must_be(201, made);
    refresh(made.text("refresh_token"));
    must_be(200, put(ada, path("/policy"), policy + R"("jwt"})"));
    token_ = generate(ada, "stopped");
    must_be(200, post(ada, path("/tokens/" + token_ + ":disable"), R"({"access":"revoke","reason":"why"})"));
    bearer_ = bearer_of(ada, "tally:tokens.read tally:tokens.write tally:audit.read");
    token_ = generate(ada, "victim");
    must_be(201, post(ada, path("/resource-servers"), R"({"name":"API","resource":"https://api.example/"})"));
    usage.flush(now);
    things_["ws_"] = {workspace.str()};
    things_["usr_"] = {stranger.id.str()};
    things_["tok_"] = {token_};
    things_["since"] = things_["time"] = {"2026-01-01T00:00:00Z"};
    things_["refresh_token"] = {post(ada, path("/tokens"), R"({"name":"r","lifetime_days":3})").text("refresh_token")};
    join(stranger, core::Role::member);
    leave_unfinished();
  }

  std::vector<Row> rows_of(Family family) {
    wait_for_writer();
    std::vector<Row> rows;
    const auto cursor = store().scan(family, {});
    for (; cursor->valid(); cursor->next()) rows.push_back({std::string{cursor->key()}, std::string{cursor->value()}});
    return rows;
  }
  void replace(Family family, const Row& before, const Row& after) {
    wait_for_writer();
    const auto batch = store().new_batch();
    if (before.key != after.key) batch->erase(family, before.key);
    batch->put(family, after.key, after.value);
    REQUIRE(store().commit(*batch, events::Durability::synced).has_value());
  }

  /// As everybody who may be somebody; empty if each answer was one of the contract's.
  std::set<std::string> complaints_about(const Operation& operation) {
    std::set<std::string> complaints;
    for (const Visitor* visitor : {&root, &ada, &grace, &edith, &bearer_, &nobody}) {
      for (const Draft& draft : testing::polite_drafts(operation, things_)) {
        const http::Method method = operation.streams ? http::Method::head : operation.method;
        testing::Headers headers = draft.headers;
        if (!draft.content_type.empty()) headers.emplace_back("Content-Type", draft.content_type);
        const Call call = call_of(*visitor, method, draft.target(operation), {}, headers);
        complaints.insert(complaint_about(operation, {call.method, call.target, call.headers, draft.body, {}}));
      }
    }
    complaints.erase("");
    return complaints;
  }

 private:
  std::string complaint_about(const Operation& operation, const Call& asked) {
    Reply reply;
    try {
      reply = call(asked);
    } catch (const core::BrokenPromise& broken) {
      return operation.name() + ": " + broken.what();
    }
    if (reply.status > 500) return operation.name() + ": " + std::to_string(reply.status);
    return contract.complaint(asked.method, operation.pattern, reply.status, reply.header("Content-Type").value_or(""),
                              reply.body);
  }
  void must_be(unsigned status, const Reply& reply) {
    INFO(reply.body);
    REQUIRE(reply.status == status);
  }
  /// Ada has left another workspace, and some of her tokens there are still to be stopped.
  void leave_unfinished() {
    const core::Actor the_operator{core::ActorKind::operator_person, root.id.uuid()};
    const auto elsewhere = draw<core::WorkspaceId>();
    must(the_operator, core::CreateWorkspace{elsewhere, "Elsewhere"});
    must(the_operator, core::PutMember{elsewhere, ada.id, core::Role::member});
    for (const char* secret : {"e0", "e1", "e2"}) run(as(ada.id), generate_command(elsewhere, "t", secret));
    core::RemoveMember removal{elsewhere, ada.id};
    removal.bounds = {1, 9};
    REQUIRE(must(the_operator, removal).tokens.next);
  }
  void refresh(const std::string& token) {
    const std::string body = "grant_type=refresh_token&client_id=" + workspace.str() + "&refresh_token=" + token;
    must_be(
        200,
        call({http::Method::post, "/oauth2/token", {{"Content-Type", "application/x-www-form-urlencoded"}}, body, {}}));
  }
  /// What nobody waits for is written, too.
  void wait_for_writer() { run(as_system(), projections::RecordUsage{}); }

  std::string token_;
  Visitor bearer_;
  Things things_;
};

}  // namespace

TEST_CASE("hostile: one damaged row of any family is a 500 or a right answer", "[hostile]") {
  const core::BrokenPromisePolicy policy{core::OnBrokenPromise::raise};
  SeededRandom random{testing::walk_seed()};
  const testing::Contract contract;
  const std::vector<Operation> operations = testing::operations_of(contract);
  std::set<std::string> complaints;
  std::set<Family> seen;
  const std::uint64_t every = std::min<std::uint64_t>(testing::one_in(), 3);
  for (std::size_t index = 0; index < events::kFamilyCount; ++index) {
    const auto family = static_cast<Family>(index);
    for (int number = 0; number < kDamages; ++number) {
      if (random.below(every) != 0) continue;
      Damageable world;
      const std::vector<Row> rows = world.rows_of(family);
      if (rows.empty()) break;
      seen.insert(family);
      const Row& before = rows[random.below(rows.size())];
      const Row after = damaged(before, static_cast<Damage>(number), random);
      world.replace(family, before, after);
      for (const Operation& operation : operations) {
        for (const std::string& wrong : world.complaints_about(operation)) {
          if (!complaints.insert(wrong).second) continue;
          UNSCOPED_INFO(events::name_of(family) << " damaged as " << number);
          CHECK(wrong == "");
        }
      }
    }
  }
  CHECK(complaints.empty());
  CHECK(seen.size() > 15);
}
