#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "core/base/limits.hpp"
#include "core/crypto/password.hpp"
#include "http/frame/kept_answer.hpp"
#include "http/server/limits.hpp"
#include "projections/rows/idempotency_rows.hpp"
#include "tests/http/api/api_fixture.hpp"

using namespace tally;
using testing::ApiFixture;
using testing::Headers;
using testing::Reply;

namespace {

const std::string kNewToken = R"({"name":"build robot","lifetime_days":30})";

Headers key(const std::string& text) { return {{"Idempotency-Key", text}}; }

/// As much is kept for grace as there is room for, but for so many short answers.
void use_up_but(ApiFixture& fixture, int answers) {
  const core::Duration each = std::chrono::milliseconds{8'640};  // one of 10,000 a day
  std::string row;
  projections::encode_idempotency_use({fixture.now + std::chrono::hours{24} - answers * each, fixture.now}, row);
  const auto batch = fixture.store().new_batch();
  batch->put(events::Family::idempotency, projections::idempotency_use_key(fixture.grace.id.uuid()), row);
  REQUIRE(fixture.store().commit(*batch, events::Durability::synced).has_value());
}

}  // namespace

TEST_CASE_METHOD(ApiFixture, "idempotency: a repeated generation gives the same token again, and makes no second one",
                 "[api][idempotency]") {
  const Reply first = post(grace, path("/tokens"), kNewToken, key("k-1"));
  REQUIRE(first.status == 201);
  const Reply again = post(grace, path("/tokens"), kNewToken, key("k-1"));
  CHECK(again.status == first.status);
  CHECK(again.body == first.body);
  CHECK(again.headers == first.headers);
  CHECK(events_of(core::EventType::token_generated).size() == 1);
  // The access token in it works.
  CHECK(access_tokens.verify(again.text("access_token"), now).has_value());
  CHECK(post(grace, path("/tokens"), kNewToken, key("k-2")).text("refresh_token") != first.text("refresh_token"));
  CHECK(post(grace, path("/tokens"), kNewToken).text("refresh_token") != first.text("refresh_token"));
  CHECK(events_of(core::EventType::token_generated).size() == 3);
}

TEST_CASE_METHOD(ApiFixture, "idempotency: the key belongs to its caller", "[api][idempotency]") {
  const Reply of_grace = post(grace, path("/tokens"), kNewToken, key("k"));
  const Reply of_ada = post(ada, path("/tokens"), kNewToken, key("k"));
  REQUIRE(of_ada.status == 201);
  CHECK(of_ada.body != of_grace.body);
}

TEST_CASE_METHOD(ApiFixture, "idempotency: another request with the key is told so, and not done",
                 "[api][idempotency]") {
  REQUIRE(post(grace, path("/tokens"), kNewToken, key("k")).status == 201);
  const Reply other_body = post(grace, path("/tokens"), R"({"name":"other","lifetime_days":30})", key("k"));
  CHECK(other_body.status == 422);
  CHECK(other_body.text("code") == "idempotency_mismatch");
  const std::string id = generate(grace);
  CHECK(post(grace, path("/tokens/" + id + ":disable"), kNewToken, key("k")).status == 400);  // read first
  CHECK(post(grace, path("/tokens/" + id + ":disable"), R"({"reason":"x"})", key("k")).status == 422);
  CHECK(get(grace, path("/tokens/" + id)).text("status") == "active");
}

TEST_CASE_METHOD(ApiFixture, "idempotency: a secret can be had again for ten minutes, its token's id for a day",
                 "[api][idempotency]") {
  const Reply first = post(grace, path("/tokens"), kNewToken, key("k"));
  const core::Timestamp begin = now;
  now = begin + core::limits::kIdempotentSecretLifetime - std::chrono::seconds{1};
  CHECK(post(grace, path("/tokens"), kNewToken, key("k")).body == first.body);
  now = begin + core::limits::kIdempotentSecretLifetime;
  const Reply late = post(grace, path("/tokens"), kNewToken, key("k"));
  CHECK(late.status == 409);
  CHECK(late.text("code") == "answer_gone");
  CHECK(late.header("Location") == first.header("Location"));
  CHECK(late.text("detail").find(first.header("Location").value()) != std::string::npos);
  CHECK(post(grace, path("/tokens"), R"({"name":"other","lifetime_days":30})", key("k")).status == 422);
  CHECK(events_of(core::EventType::token_generated).size() == 1);
}

TEST_CASE_METHOD(ApiFixture, "idempotency: an answer without a secret can be had again for a day",
                 "[api][idempotency]") {
  const std::string id = generate(grace);
  const core::Timestamp begin = now;
  const std::string target = path("/tokens/" + id + ":disable");
  const Reply first = post(grace, target, R"({"reason":"old"})", key("k"));
  REQUIRE(first.status == 200);
  now = begin + std::chrono::hours{11};
  CHECK(post(grace, target, R"({"reason":"old"})", key("k")).headers == first.headers);
  REQUIRE(first.header("Tally-Sequence").has_value());
  now = begin + core::limits::kIdempotencyLifetime;
  grace = sign_in(grace.id);
  const Reply fresh = post(grace, target, R"({"reason":"old"})", key("k"));
  CHECK(fresh.status == 200);
  CHECK_FALSE(fresh.header("Tally-Sequence").has_value());  // done anew: it was disabled before
}

TEST_CASE_METHOD(ApiFixture, "idempotency: what was refused may be tried again with the same key",
                 "[api][idempotency]") {
  const std::string body = R"({"name":"build robot","lifetime_days":30,"scope":"orders.read"})";
  CHECK(post(grace, path("/tokens"), body, key("k")).status == 400);
  core::Policy policy;
  policy.allowed_scopes = *core::ScopeSet::parse("orders.read", 1);
  must({core::ActorKind::user, ada.id.uuid()}, core::ChangePolicy{workspace, policy});
  CHECK(post(grace, path("/tokens"), body, key("k")).status == 201);
}

TEST_CASE_METHOD(ApiFixture, "idempotency: while a request runs, its repeat is told so", "[api][idempotency]") {
  const std::string body = R"({"username":"babbage","display_name":"C","password":"the difference engine"})";
  const auto one = call_of(root, http::Method::post, "/v1/users", body, key("k"));
  const auto replies = call_all({one, one});
  CHECK(replies[0].status == 201);
  CHECK(replies[1].status == 409);
  CHECK(replies[1].text("code") == "request_running");
  CHECK(replies[1].header("Retry-After") == "1");
  const Reply after = post(root, "/v1/users", body, key("k"));
  CHECK(after.body == replies[0].body);
}

TEST_CASE_METHOD(ApiFixture, "idempotency: the form of the key is checked", "[api][idempotency]") {
  for (const std::string& bad : {std::string{}, std::string{"a b"}, std::string(65, 'x'), std::string{"caf\xc3\xa9"}}) {
    CAPTURE(bad);
    const Reply reply = post(grace, path("/tokens"), kNewToken, key(bad));
    CHECK(reply.status == 400);
    CHECK(fields_of(reply) == std::vector<std::string>{"Idempotency-Key"});
  }
  CHECK(post(grace, path("/tokens"), kNewToken, {{"Idempotency-Key", "a"}, {"Idempotency-Key", "a"}}).status == 400);
  CHECK(post(grace, path("/tokens"), kNewToken, key(std::string(64, '~'))).status == 201);
  CHECK(events_of(core::EventType::token_generated).size() == 1);
}

TEST_CASE_METHOD(ApiFixture, "idempotency: every POST of /v1 gives its answer again", "[api][idempotency]") {
  const std::string token = generate(grace);
  const std::string batch = R"({"ids":[")" + token + R"("]})";
  struct Case {
    const testing::Visitor& who;
    std::string target, body;
  };
  const std::vector<Case> cases{
      {root, "/v1/users", R"({"username":"babbage","display_name":"C","password":"the difference engine"})"},
      {root, "/v1/users/" + stranger.id.str() + ":deactivate", ""},
      {root, "/v1/users/" + edith.id.str() + ":setPassword", R"({"password":"the difference engine"})"},
      {root, "/v1/workspaces", R"({"name":"Orders"})"},
      {ada, path("/resource-servers"), R"({"name":"API"})"},
      {grace, path("/tokens"), kNewToken},
      {grace, path("/tokens/" + token + ":disable"), R"({"reason":"old"})"},
      {grace, path("/tokens:batchDisable"), batch},
      {grace, path("/tokens:batchDelete"), batch},
      {ada, path("/tokens:disableIssuedBefore"), R"({"time":"2026-01-01T00:00:00Z"})"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.target);
    const Reply first = post(one.who, one.target, one.body, key("every"));
    CHECK(first.status / 100 == 2);
    const auto before = sequencer().durable_size();
    const Reply again = post(one.who, one.target, one.body, key("every"));
    CHECK(again.status == first.status);
    CHECK(again.body == first.body);
    CHECK(again.headers == first.headers);
    CHECK(sequencer().durable_size() == before);
    // Used up: for this caller the next case needs another key.
    CHECK(post(one.who, one.target, one.body, key("every")).status == first.status);
    const Reply reused = post(one.who, one.target + "?", R"({"name":"y"})", key("every"));
    CHECK((reused.status == 422 || reused.status == 400));
    now += core::limits::kIdempotencyLifetime;
    root = sign_in(root.id);
    ada = sign_in(ada.id);
    grace = sign_in(grace.id);
  }
}

TEST_CASE_METHOD(ApiFixture, "idempotency: of what made no event nothing is kept", "[api][idempotency]") {
  const std::string id = generate(grace);
  const auto kept = [&] {
    std::size_t rows = 0;
    const auto snapshot = store().snapshot();
    for (const auto cursor = snapshot->scan(events::Family::idempotency, {}); cursor->valid(); cursor->next()) ++rows;
    return rows;
  };
  const core::TokenId unknown = core::draw_id<core::TokenId>(random, now);
  CHECK(post(grace, path("/tokens:batchDisable"), R"({"ids":[")" + unknown.str() + R"("]})", key("k")).status == 200);
  CHECK(post(ada, path("/tokens:disableIssuedBefore"), R"({"time":"2020-01-01T00:00:00Z"})", key("k")).status == 200);
  REQUIRE(post(grace, path("/tokens/" + id + ":disable"), {}).status == 200);
  const auto before = kept();
  CHECK(post(grace, path("/tokens/" + id + ":disable"), {}, key("k")).status == 200);
  CHECK(post(grace, path("/tokens:batchDisable"), R"({"ids":[")" + id + R"("]})", key("l")).status == 200);
  CHECK(kept() == before);
}

TEST_CASE_METHOD(ApiFixture, "idempotency: of a long answer the fact is kept, and the repeat is decided again",
                 "[api][idempotency]") {
  std::string ids;
  for (int count = 0; count < 200; ++count) {
    ids += "\"" + core::draw_id<core::TokenId>(random, now).str() + "\",";
  }
  const std::string id = generate(grace);
  const std::string body = R"({"ids":[)" + ids + "\"" + id + "\"]}";
  const Reply first = post(grace, path("/tokens:batchDisable"), body, key("k"));
  REQUIRE(first.status == 200);
  REQUIRE(first.body.size() > http::limits::kIdempotentAnswerBytesMax);
  std::size_t bytes = 0;
  const auto snapshot = store().snapshot();
  for (const auto cursor = snapshot->scan(events::Family::idempotency, {}); cursor->valid(); cursor->next()) {
    bytes += cursor->key().size() + cursor->value().size();
  }
  CHECK(bytes < 500);
  const auto size = sequencer().durable_size();
  const Reply again = post(grace, path("/tokens:batchDisable"), body, key("k"));
  CHECK(again.status == 200);
  CHECK(again.body.find("already_disabled") != std::string::npos);
  CHECK(sequencer().durable_size() == size);
  // It is known all the same that the key was used.
  CHECK(post(grace, path("/tokens:batchDisable"), R"({"ids":[")" + id + R"("]})", key("k")).status == 422);
}

TEST_CASE_METHOD(ApiFixture, "idempotency: the longest answer with a token is kept", "[api][idempotency]") {
  std::string scope;
  for (std::size_t count = 0; count < core::limits::kScopesPerTokenMax; ++count) {
    scope += (count == 0 ? "" : " ") + std::to_string(100 + count) + std::string(core::limits::kScopeBytesMax - 3, 's');
  }
  core::Policy policy;
  policy.allowed_scopes = *core::ScopeSet::parse(scope, core::limits::kScopesPerWorkspaceMax);
  must({core::ActorKind::user, ada.id.uuid()}, core::ChangePolicy{workspace, policy});
  const std::string name = std::string(core::limits::kNameCharactersMax, 'n');
  const std::string body = R"({"name":")" + name + R"(","lifetime_days":30})";
  const Reply first = post(grace, path("/tokens"), body, key("k"));
  REQUIRE(first.status == 201);
  REQUIRE(first.body.size() > 2 * http::limits::kIdempotentAnswerBytesMax);
  CHECK(post(grace, path("/tokens"), body, key("k")).body == first.body);
  CHECK(events_of(core::EventType::token_generated).size() == 1);
}

TEST_CASE_METHOD(ApiFixture, "idempotency: for one caller a day's worth is kept, and beyond nothing is done",
                 "[api][idempotency][limits]") {
  use_up_but(*this, 0);
  const auto size = sequencer().durable_size();
  const Reply refused = post(grace, path("/tokens"), kNewToken, key("k"));
  CHECK(refused.status == 429);
  CHECK(refused.text("code") == "rate_limited");
  CHECK(refused.header("Retry-After") == "9");  // one of 10,000 a day
  CHECK(sequencer().durable_size() == size);
  CHECK(post(grace, path("/tokens"), kNewToken).status == 201);
  CHECK(post(ada, path("/tokens"), kNewToken, key("k")).status == 201);
  now += std::chrono::seconds{9};
  CHECK(post(grace, path("/tokens"), kNewToken, key("k")).status == 201);
  CHECK(post(grace, path("/tokens"), kNewToken, key("k")).status == 201);  // kept: told again, whatever the limit
  CHECK(post(grace, path("/tokens"), kNewToken, key("l")).status == 429);
}

TEST_CASE_METHOD(ApiFixture, "idempotency: whoever is overtaken is told when there is room, wherever it shows",
                 "[api][idempotency][limits]") {
  use_up_but(*this, 1);
  const auto with_key = [this](const char* text) {
    return call_of(grace, http::Method::post, path("/tokens"), kNewToken, key(text));
  };
  const auto replies = call_all({with_key("k"), with_key("l")});
  CHECK(replies[0].status == 201);
  CHECK(replies[1].status == 429);
  CHECK(replies[1].header("Retry-After") == "9");
}

TEST_CASE_METHOD(ApiFixture, "idempotency: signing in again with the key gives the same session",
                 "[api][idempotency]") {
  core::CreateUser command;
  command.id = core::draw_id<core::UserId>(random, now);
  command.username = "lovelace";
  command.display_name = "Ada";
  command.password_verifier = core::crypto::make_password_verifier("an engine of analysis", random);
  must({core::ActorKind::operator_person, root.id.uuid()}, command);
  const auto sign_in_with = [&](const std::string& password) {
    return post(nobody, "/v1/session", R"({"username":"lovelace","password":")" + password + R"("})", key("k"));
  };
  const Reply first = sign_in_with("an engine of analysis");
  REQUIRE(first.status == 200);
  CHECK(sign_in_with("an engine of analysis").header("Set-Cookie") == first.header("Set-Cookie"));
  // Without the password nobody learns that the key was used.
  CHECK(sign_in_with("an engine of guessing").status == 401);
  now += core::limits::kIdempotentSecretLifetime;
  CHECK(sign_in_with("an engine of analysis").status == 409);
}

TEST_CASE("kept answers: whatever the bytes, an answer or corrupt", "[api][idempotency]") {
  http::Response answer;
  answer.start(201, http::kJson);
  answer.set("Location", "/v1/x");
  answer.body() = R"({"a":1})";
  const core::SecretText packed_answer = http::pack_answer(answer);
  const std::string packed{packed_answer.reveal()};
  http::Response out;
  REQUIRE(http::unpack_answer(packed, out).has_value());
  CHECK(out.status() == 201);
  CHECK(out.headers() == answer.headers());
  CHECK(out.body() == answer.body());
  const std::size_t head_bytes = packed.size() - answer.body().size();
  for (std::size_t size = 0; size < head_bytes; ++size) {
    CHECK(http::unpack_answer(packed.substr(0, size), out).has_error());
  }
  for (std::size_t index = 0; index < head_bytes; ++index) {
    for (const char byte : {'\0', '\r', '\n', '\x7f', '\xff'}) {
      std::string damaged = packed;
      damaged[index] = byte;
      const auto read = http::unpack_answer(damaged, out);
      if (read.has_value()) CHECK(http::pack_answer(out).reveal() == damaged);
    }
  }
}
