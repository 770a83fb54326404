#include "http/api/offboarding.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "core/crypto/base64.hpp"
#include "http/api/export_stream.hpp"
#include "tests/http/api/api_fixture.hpp"

using namespace tally;
using testing::ApiFixture;
using testing::Reply;
using testing::value_of;
using testing::Visitor;

namespace {

using Fields = std::vector<std::string>;

/// Every door that an access token opens, asked about one of Grace's.
class Doors : public ApiFixture {
 public:
  Doors() {
    const Reply server = post(ada, path("/resource-servers"), R"({"name":"Orders API"})");
    const std::string pair = server.text("id") + ":" + server.text("secret");
    resource_server = "Basic " + core::crypto::base64_encode(core::as_bytes(pair));
    const Reply made = post(grace, path("/tokens"), R"({"name":"t","lifetime_days":9,"scope":"tally:tokens.read"})");
    access = made.text("access_token");
    refresh = made.text("refresh_token");
    id = *core::TokenId::parse(made.json().at("token").at("id").as_string());
    now += std::chrono::seconds{2};
  }

  [[nodiscard]] bool introspects(const std::string& token) {
    const Reply reply = form("/oauth2/introspect", "token=" + token, {{"Authorization", resource_server}});
    REQUIRE(reply.status == 200);
    return reply.json().at("active").as_bool();
  }
  [[nodiscard]] unsigned forward_auth() { return send_raw({http::Method::get, "/forward-auth", bearer(), {}}).status; }
  [[nodiscard]] unsigned management() { return send_raw({http::Method::get, path("/tokens"), bearer(), {}}).status; }
  [[nodiscard]] unsigned exchange() {
    return form("/oauth2/token",
                "grant_type=urn:ietf:params:oauth:grant-type:token-exchange&client_id=" + workspace.str() +
                    "&subject_token=" + access + "&subject_token_type=urn:ietf:params:oauth:token-type:access_token")
        .status;
  }
  [[nodiscard]] unsigned refresh_grant() {
    return form("/oauth2/token", "grant_type=refresh_token&client_id=" + workspace.str() + "&refresh_token=" + refresh)
        .status;
  }
  [[nodiscard]] unsigned refresh_beside() {
    return send_raw({http::Method::get, path("/tokens"), {{"Tally-Refresh-Token", refresh}}, {}}).status;
  }
  [[nodiscard]] bool is_in_status_list() {
    const std::uint64_t place = value_of(tokens.find_state(workspace, id))->created_sequence;
    const std::uint64_t first = place / 8 * 8;
    return (value_of(tokens.revoked_bits(core::Sequence{first}, 8))[0] >> (place - first) & 1) != 0;
  }
  Reply let_go(bool deactivates, const std::string& fate, const std::string& reason = {}) {
    if (deactivates) {
      boost::json::object body;
      if (!fate.empty()) body["access"] = fate;
      if (!reason.empty()) body["reason"] = reason;
      return post(root, "/v1/users/" + grace.id.str() + ":deactivate",
                  body.empty() ? std::string{} : boost::json::serialize(body));
    }
    std::string query;
    if (!fate.empty()) query = "?access=" + fate;
    if (!reason.empty()) query += (query.empty() ? "?reason=" : "&reason=") + reason;
    return remove(ada, path("/members/" + grace.id.str()) + query);
  }

  std::string resource_server;
  std::string access;
  std::string refresh;
  core::TokenId id;

 private:
  [[nodiscard]] testing::Headers bearer() const { return {{"Authorization", "Bearer " + access}}; }
  Reply form(const std::string& target, const std::string& body, testing::Headers headers = {}) {
    headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    return send_raw({http::Method::post, target, headers, body});
  }
};

core::Timestamp time_in(const Reply& reply, const char* member) { return *core::parse_rfc3339(reply.text(member)); }

/// Grace has so many tokens more.
void generate_more(ApiFixture& fixture, int count) {
  core::Policy policy;
  policy.max_active_tokens_per_user = 5'000;
  fixture.must({core::ActorKind::user, fixture.ada.id.uuid()}, core::ChangePolicy{fixture.workspace, policy});
  for (int index = 0; index < count; ++index) {
    fixture.run(fixture.as(fixture.grace.id),
                fixture.generate_command(fixture.workspace, "t", "secret " + std::to_string(index)));
  }
}

}  // namespace

TEST_CASE_METHOD(Doors, "offboarding: every door says the same of an access token", "[api][offboarding]") {
  const bool deactivates = GENERATE(true, false);
  const std::string fate = GENERATE("", "revoke", "keep");
  const bool keeps = fate == "keep";
  REQUIRE(introspects(access));
  REQUIRE(forward_auth() == 200);
  REQUIRE(management() == 200);

  CHECK(let_go(deactivates, fate, "left").status == 200);

  CHECK(introspects(access) == keeps);
  CHECK(forward_auth() == (keeps ? 200 : 401));
  // Whoever is no member any more has nothing to see there, whatever lives.
  CHECK(management() == (!keeps ? 401 : deactivates ? 200 : 404));
  CHECK(is_in_status_list() == !keeps);
  CHECK_FALSE(introspects(refresh));
  CHECK(exchange() == 400);
  CHECK(refresh_grant() == 400);
  CHECK(refresh_beside() == 401);
  CHECK(get(grace, "/v1/session").status == (deactivates ? 401 : 200));
  now += std::chrono::hours{1};
  CHECK_FALSE(introspects(access));
  CHECK(forward_auth() == 401);
  CHECK(management() == 401);
}

TEST_CASE_METHOD(Doors, "offboarding: who comes back has no old secret that works", "[api][offboarding]") {
  REQUIRE(let_go(false, "revoke").status == 200);
  join(grace, core::Role::member);
  CHECK_FALSE(introspects(access));
  CHECK(forward_auth() == 401);
  CHECK(management() == 401);
  CHECK(refresh_grant() == 400);
  now += std::chrono::seconds{2};
  CHECK(get(bearer_of(grace, "tally:tokens.read"), path("/tokens")).status == 200);
}

TEST_CASE_METHOD(Doors, "offboarding: the answer counts, and tells when the last access token is dead",
                 "[api][offboarding]") {
  const bool deactivates = GENERATE(true, false);
  const std::string fate = GENERATE("revoke", "keep");
  const auto end_of_access =
      core::timestamp_of_micros(core::micros_of(now)) + std::chrono::minutes{60} - std::chrono::seconds{2};
  const Reply reply = let_go(deactivates, fate);
  REQUIRE(reply.status == 200);
  CHECK(reply.number("tokens_disabled") == 1);
  CHECK(reply.number("access_revoked") == 0);
  CHECK(reply.number("sessions_ended") == (deactivates ? 1 : 0));
  CHECK(reply.json().at("workspaces_without_admin").as_array().empty());
  CHECK(reply.header("Tally-Sequence").has_value());
  // A person may have left a workspace with `keep` just before.
  const core::Timestamp latest_end = deactivates ? now + std::chrono::hours{1} : end_of_access;
  const core::Timestamp dead = fate == "keep" ? latest_end : now;
  CHECK(time_in(reply, "dead_here_at") == dead);
  CHECK(time_in(reply, "dead_in_status_lists_by") == dead + std::chrono::seconds{60});
  CHECK(time_in(reply, "dead_everywhere_by") == latest_end);
}

TEST_CASE_METHOD(Doors, "offboarding: deactivating twice is as good as once, but revokes what was kept",
                 "[api][offboarding]") {
  REQUIRE(let_go(true, "keep").status == 200);
  REQUIRE(introspects(access));
  CHECK_FALSE(let_go(true, "keep").header("Tally-Sequence").has_value());
  const Reply revoked = let_go(true, "");
  CHECK(revoked.number("access_revoked") == 1);
  CHECK(revoked.number("tokens_disabled") == 0);
  CHECK_FALSE(introspects(access));
  CHECK(is_in_status_list());
  const Reply again = let_go(true, "revoke");
  CHECK(again.status == 200);
  CHECK_FALSE(again.header("Tally-Sequence").has_value());
  CHECK(again.number("access_revoked") == 0);
}

TEST_CASE_METHOD(ApiFixture, "offboarding: what is not known is refused, and nothing happens", "[api][offboarding]") {
  const std::string deactivate = "/v1/users/" + grace.id.str() + ":deactivate";
  const std::string member = path("/members/" + grace.id.str());
  const auto size = audit.size().value();
  CHECK(fields_of(post(root, deactivate, R"({"acces":"revoke"})")) == Fields{"acces"});
  CHECK(fields_of(post(root, deactivate, R"({"access":"revoked"})")) == Fields{"access"});
  CHECK(fields_of(post(root, deactivate, R"({"access":1,"reason":2})")) == Fields{"access", "reason"});
  CHECK(fields_of(post(root, deactivate, R"({"reason":")" + std::string(501, 'x') + R"("})")) == Fields{"reason"});
  CHECK(post(root, deactivate, "[]").status == 400);
  testing::Call plain = call_of(root, http::Method::post, deactivate);
  plain.headers.emplace_back("Content-Type", "text/plain");
  plain.body = "{}";
  CHECK(send_raw(plain).status == 415);
  CHECK(post(root, deactivate + "?access=revoke", {}).status == 400);
  CHECK(fields_of(remove(ada, member + "?access=no")) == Fields{"access"});
  CHECK(fields_of(remove(ada, member + "?force=1")) == Fields{"force"});
  CHECK(fields_of(remove(ada, member + "?reason=" + std::string(501, 'x'))) == Fields{"reason"});
  CHECK(send(ada, http::Method::delete_, member, R"({"access":"keep"})").status == 400);
  CHECK(audit.size().value() == size);
  CHECK(get(grace, "/v1/session").status == 200);
}

TEST_CASE_METHOD(ApiFixture, "offboarding: a reason is kept with the event", "[api][offboarding]") {
  REQUIRE(remove(ada, path("/members/" + grace.id.str()) + "?access=keep&reason=moves%20on").status == 200);
  const auto events = events_of(core::EventType::member_removed);
  REQUIRE(events.size() == 1);
  CHECK(std::get<core::MemberRemoved>(events[0].payload) ==
        core::MemberRemoved{grace.id, core::AccessFate::keep, "moves on"});
}

TEST_CASE_METHOD(ApiFixture, "offboarding: who has more tokens than an append stops is answered when all are done",
                 "[api][offboarding]") {
  generate_more(*this, 1'600);
  const bool deactivates = GENERATE(true, false);
  const Reply reply =
      deactivates ? post(root, "/v1/users/" + grace.id.str() + ":deactivate", {}, {{"Idempotency-Key", "\"one\""}})
                  : remove(ada, path("/members/" + grace.id.str()));
  REQUIRE(reply.status == 200);
  CHECK(reply.number("tokens_disabled") == 1'600);
  CHECK(value_of(projections::OffboardingQueries{store()}.unfinished()).empty());
  const core::Sequence last{audit.size().value() - 1};
  CHECK(reply.header("Tally-Sequence") == std::to_string(last.value));
  const auto gone = events_of(core::EventType::member_removed);
  if (!deactivates) CHECK(std::get<core::MemberRemoved>(gone.at(0).payload).has_more_tokens);
  if (deactivates) {
    const Reply again = post(root, "/v1/users/" + grace.id.str() + ":deactivate", {}, {{"Idempotency-Key", "\"one\""}});
    CHECK(again.body == reply.body);
  }
}

TEST_CASE_METHOD(ApiFixture, "offboarding: what a request left over is done, unless one is about to",
                 "[api][offboarding]") {
  class FixedClock final : public http::Clock {
   public:
    explicit FixedClock(core::Timestamp time) : time_(time) {}
    [[nodiscard]] core::Timestamp now() const override { return time_; }

   private:
    core::Timestamp time_;
  };
  generate_more(*this, 6);
  const projections::OffboardingQueries queries{store()};
  const FixedClock clock{now};
  const http::Offboarding offboarding{{commands(), queries, clock, random}};
  core::RemoveMember removal{workspace, grace.id};
  removal.bounds = {2, 100};
  must({core::ActorKind::user, ada.id.uuid()}, removal);
  const projections::Unfinished part{grace.id, workspace};
  REQUIRE(value_of(queries.unfinished()) == std::vector{part});

  CHECK(value_of(offboarding.continue_unfinished([]() -> std::optional<core::CommandContext> { return {}; })).empty());
  CHECK(value_of(offboarding.continue_unfinished([this] { return std::optional{as_system()}; })) == std::vector{part});
  CHECK(value_of(queries.unfinished()).empty());
  CHECK(value_of(offboarding.continue_unfinished([this] { return std::optional{as_system()}; })).empty());
  CHECK(events_of(core::EventType::offboarding_completed).size() == 1);
}

TEST_CASE_METHOD(ApiFixture, "batch: ids that the caller knows nothing of never reach the writer", "[api][tokens]") {
  const std::string mine = generate(grace);
  const std::string others = generate(ada);
  const std::string made_up = "tok_00000000000000000000000001";
  const auto outcomes = [&](const std::vector<std::string>& ids) {
    boost::json::object body{{"ids", boost::json::array(ids.begin(), ids.end())}};
    const Reply reply = post(grace, path("/tokens:batchDisable"), boost::json::serialize(body));
    std::vector<std::string> told;
    if (reply.status != 200) return told;
    const boost::json::value answer = reply.json();
    for (const auto& result : answer.at("results").as_array()) {
      told.push_back(std::string{result.at("id").as_string()} + " " + std::string{result.at("outcome").as_string()});
    }
    return told;
  };
  CHECK(outcomes({made_up, mine, others, mine, made_up}) ==
        std::vector<std::string>{made_up + " not_found", mine + " disabled", others + " not_found",
                                 mine + " already_disabled", made_up + " not_found"});
  sequencer().stop();
  CHECK(outcomes({made_up, others}) == std::vector<std::string>{made_up + " not_found", others + " not_found"});
  CHECK(outcomes({made_up, mine}).empty());
}

TEST_CASE_METHOD(ApiFixture, "export: it breaks off when whoever asked may not see it any more", "[api][export]") {
  class FixedClock final : public http::Clock {
   public:
    [[nodiscard]] core::Timestamp now() const override { return {}; }
  };
  generate_more(*this, 400);
  const FixedClock clock;
  bool is_allowed = true;
  projections::AuditFilter filter;
  filter.workspace = workspace;
  http::ExportStream stream{{workspace, draw<core::ExportId>(), http::export_formats().front(), as(ada.id),
                             [&](core::Timestamp) -> core::Result<bool> { return is_allowed; }},
                            value_of(audit.walk(filter, std::nullopt)),
                            people,
                            commands(),
                            clock};
  REQUIRE(value_of(stream.next()).has_value());
  is_allowed = false;
  CHECK(stream.next().has_error());
  CHECK(events_of(core::EventType::export_completed).empty());
}
