#include "tests/http/api/api_fixture.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "http/auth/session_cookie.hpp"

namespace tally::testing {
namespace {

/// Not from the fixture's random source: what is drawn from that stays what it was.
core::crypto::SigningKey make_ledger_key() {
  SeededRandom random{2};
  return core::crypto::SigningKey::generate(random);
}

}  // namespace

ApiFixture::ApiFixture(const http::RequestLimitSettings& limit_settings)
    : HttpFixture(1, kIssuer, limit_settings),
      ledger_key(make_ledger_key()),
      checkpointer_({audit, checkpoints, ledger_key, clock_}, *core::LedgerOrigin::parse("tally.example"),
                    std::nullopt),
      api_(
          {authenticator, access_tokens, tokens, workspaces, people, audit, commands(), passwords_, limits,
           answer_seal_, kept_answers_, clock_, random,
           [this](http::ReadyFor purpose) { return purpose == http::ReadyFor::all ? readiness : core::Result<void>{}; },
           keys, key_rotation, checkpointer_, offboarding_}) {
  key_rotation.serve(access_tokens);
  api_.add_to(router);
  root = sign_in(add_person("operator"));
  workspace = core::draw_id<core::WorkspaceId>(random, now);
  must({core::ActorKind::operator_person, root.id.uuid()}, core::CreateWorkspace{workspace, "Payments"});
  ada = newcomer("ada");
  join(ada, core::Role::admin);
  grace = newcomer("grace");
  join(grace, core::Role::member);
  edith = newcomer("edith");
  join(edith, core::Role::auditor);
  stranger = newcomer("stranger");
}

Visitor ApiFixture::newcomer(const std::string& username) {
  core::CreateUser command;
  command.id = core::draw_id<core::UserId>(random, now);
  command.username = username;
  command.display_name = username;
  must({core::ActorKind::operator_person, root.id.uuid()}, command);
  return sign_in(command.id);
}

Visitor ApiFixture::sign_in(core::UserId user) {
  const http::NewSession session = http::draw_session(random);
  core::SignIn command;
  command.user = user;
  command.password_matched = true;
  command.credentials_version = people.find(user).value()->credentials_version;
  command.session_hash = session.hash;
  command.session_expires_at = now + core::limits::kSessionLifetime;
  must({core::ActorKind::user, user.uuid()}, command);
  return {user, "tally_session=" + std::string{session.cookie_value.reveal()}, {}};
}

void ApiFixture::join(const Visitor& visitor, core::Role role) {
  must({core::ActorKind::operator_person, root.id.uuid()}, core::PutMember{workspace, visitor.id, role});
}

std::string ApiFixture::path(const std::string& below) const { return "/v1/workspaces/" + workspace.str() + below; }

Call ApiFixture::call_of(const Visitor& visitor, http::Method method, const std::string& target,
                         const std::string& body, const Headers& more) {
  Call call{method, target, {{"User-Agent", "test/1"}}, body};
  if (!visitor.cookie.empty()) {
    call.headers.emplace_back("Cookie", visitor.cookie);
    call.headers.emplace_back("Origin", kIssuer);
  }
  if (!visitor.bearer.empty()) call.headers.emplace_back("Authorization", "Bearer " + visitor.bearer);
  if (!body.empty()) call.headers.emplace_back("Content-Type", "application/json");
  call.headers.insert(call.headers.end(), more.begin(), more.end());
  return call;
}

Reply ApiFixture::send(const Visitor& visitor, http::Method method, const std::string& target, const std::string& body,
                       const Headers& more) {
  return send_raw(call_of(visitor, method, target, body, more));
}

Reply ApiFixture::send_raw(const Call& given) {
  Reply reply = call(given);
  CHECK(reply.complete);
  const std::string target_path = given.target.substr(0, given.target.find('?'));
  const http::Router::Match match = router.find(given.method, target_path);
  const std::string complaint = contract.complaint(given.method, match.route->pattern, reply.status,
                                                   reply.header("Content-Type").value_or(""), reply.body);
  CHECK(complaint == "");
  return reply;
}

std::string ApiFixture::generate(const Visitor& visitor, const std::string& name) {
  const Reply reply = post(visitor, path("/tokens"), R"({"name":")" + name + R"(","lifetime_days":30})");
  REQUIRE(reply.status == 201);
  return std::string{reply.json().at("token").at("id").as_string()};
}

Visitor ApiFixture::bearer_of(const Visitor& visitor, const std::string& scope) {
  const Reply reply =
      post(visitor, path("/tokens"), R"({"name":"bearer","lifetime_days":1,"scope":")" + scope + R"("})");
  REQUIRE(reply.status == 201);
  return {visitor.id, {}, reply.text("access_token")};
}

std::vector<core::Event> ApiFixture::events_of(core::EventType type) {
  projections::AuditFilter filter;
  filter.workspace = workspace;
  filter.types = {type};
  auto page = audit.list(filter, std::nullopt, core::limits::kPageItemsMax);
  REQUIRE(page.has_value());
  return std::move(page->items);
}

std::vector<std::string> fields_of(const Reply& reply) {
  std::vector<std::string> fields;
  const boost::json::value problem = reply.json();
  if (const auto* errors = problem.as_object().if_contains("errors")) {
    for (const auto& error : errors->as_array()) fields.emplace_back(error.at("field").as_string());
  }
  return fields;
}

}  // namespace tally::testing
