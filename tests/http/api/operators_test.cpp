#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "events/log/log.hpp"
#include "projections/commands/usage.hpp"
#include "tests/http/api/api_fixture.hpp"

using namespace tally;
using core::ServerStanding;
using testing::ApiFixture;
using testing::Reply;
using testing::Visitor;
namespace json = boost::json;

namespace {

std::string user_path(const Visitor& visitor, const std::string& verb = {}) {
  return "/v1/users/" + visitor.id.str() + verb;
}

std::string standing_body(ServerStanding standing) {
  return std::string{R"({"standing":")"} + core::name_of(standing) + "\"}";
}

/// Everything that has an id, so that each path of openapi.json leads somewhere.
class Places {
 public:
  explicit Places(ApiFixture& api) {
    values_["{workspace}"] = api.workspace.str();
    values_["{user}"] = api.grace.id.str();
    values_["{token}"] = api.generate(api.grace);
    values_["{resource_server}"] = api.post(api.ada, api.path("/resource-servers"), R"({"name":"API"})").text("id");
    values_["{key}"] = api.post(api.root, "/v1/keys:rotate", "{}").text("id");
    api.get(api.ada, api.path("/events:export"));
    const auto exports = api.events_of(core::EventType::export_completed);
    REQUIRE(exports.size() == 1);
    values_["{export}"] = std::get<core::ExportCompleted>(exports.front().payload).export_id.str();
  }
  [[nodiscard]] std::string target(std::string pattern) const {
    for (const auto& [name, value] : values_) {
      if (const auto at = pattern.find(name); at != std::string::npos) pattern.replace(at, name.size(), value);
    }
    REQUIRE(pattern.find('{') == std::string::npos);
    if (pattern.ends_with(":count")) pattern += "?since=2026-01-01T00:00:00Z";
    if (pattern.ends_with(":countIssuedBefore")) pattern += "?time=2026-01-01T00:00:00Z";
    return pattern;
  }

 private:
  std::map<std::string, std::string> values_;
};

/// One operation of the management API.
struct Operation {
  http::Method method = http::Method::get;
  std::string pattern;
  std::string body;  ///< The document's own example.
};

std::vector<Operation> operations_of(const testing::Contract& contract) {
  const std::map<std::string_view, http::Method> methods{{"get", http::Method::get},
                                                         {"post", http::Method::post},
                                                         {"put", http::Method::put},
                                                         {"delete", http::Method::delete_}};
  std::vector<Operation> found;
  for (const auto& [path, item] : contract.document().at("paths").as_object()) {
    if (!path.starts_with("/v1/")) continue;
    for (const auto& [method, operation] : item.as_object()) {
      Operation one{methods.at(method), std::string{path}, {}};
      if (const auto* body = operation.as_object().if_contains("requestBody")) {
        const json::object& content = body->at("content").as_object();
        const json::value& example = content.begin()->value().at("examples").as_object().begin()->value().at("value");
        one.body = example.is_string() ? std::string{example.as_string()} : json::serialize(example);
      }
      found.push_back(std::move(one));
    }
  }
  return found;
}

/// One after the other: what was asked for before is done.
void flush_of(ApiFixture& api) { api.run(api.as_system(), projections::RecordUsage{}); }

bool is_own_account(const Operation& operation) { return operation.pattern == "/v1/session"; }

}  // namespace

TEST_CASE_METHOD(ApiFixture, "operators: two of them act under two ids", "[api][operators]") {
  const Reply appointed = post(root, user_path(grace, ":setOperator"), standing_body(ServerStanding::operator_person));
  REQUIRE(appointed.status == 200);
  CHECK(appointed.text("standing") == "operator");
  CHECK(appointed.json().at("is_operator").as_bool());
  CHECK(put(root, path("/members/") + stranger.id.str(), R"({"role":"member"})").status == 201);
  CHECK(put(grace, path("/members/") + stranger.id.str(), R"({"role":"admin"})").status == 200);
  CHECK(events_of(core::EventType::member_added).back().actor ==
        core::Actor{core::ActorKind::operator_person, root.id.uuid()});
  CHECK(events_of(core::EventType::member_role_changed).back().actor ==
        core::Actor{core::ActorKind::operator_person, grace.id.uuid()});
}

TEST_CASE_METHOD(ApiFixture, "operators: a standing is set once, and only as the person was seen", "[api][operators]") {
  const auto standing = GENERATE(ServerStanding::operator_person, ServerStanding::break_glass, ServerStanding::auditor);
  const std::string tag = get(root, user_path(grace)).header("ETag").value();
  const std::string target = user_path(grace, ":setOperator");
  const Reply first = post(root, target, standing_body(standing), {{"If-Match", tag}});
  CHECK(first.status == 200);
  CHECK(first.header("Tally-Sequence").has_value());
  CHECK(first.header("ETag") == get(root, user_path(grace)).header("ETag"));
  CHECK(get(grace, "/v1/session").json().at("user").at("standing") == core::name_of(standing));
  const Reply again = post(root, target, standing_body(standing));
  CHECK(again.status == 200);
  CHECK_FALSE(again.header("Tally-Sequence").has_value());
  CHECK(post(root, target, standing_body(ServerStanding::none), {{"If-Match", tag}}).status == 412);
  CHECK(post(root, target, standing_body(ServerStanding::none)).text("standing") == "none");
}

TEST_CASE_METHOD(ApiFixture, "operators: a bad standing is named, and the last break-glass account stays",
                 "[api][operators]") {
  const std::string target = user_path(root, ":setOperator");
  for (const char* body : {"{}", R"({"standing":"root"})", R"({"standing":1})", R"({"standing":"none","more":1})"}) {
    CHECK(post(root, target, body).status == 400);
  }
  const Reply last = post(root, target, standing_body(ServerStanding::operator_person));
  CHECK(last.status == 409);
  CHECK(last.text("code") == "last_break_glass");
  post(root, user_path(grace, ":setOperator"), standing_body(ServerStanding::operator_person));
  CHECK(post(grace, user_path(root, ":deactivate"), {}).text("code") == "last_break_glass");
  post(root, user_path(ada, ":setOperator"), standing_body(ServerStanding::break_glass));
  CHECK(post(grace, user_path(root, ":deactivate"), {}).status == 200);
}

TEST_CASE_METHOD(ApiFixture, "operators: who is reactivated signs in again", "[api][operators]") {
  const std::string target = user_path(grace, ":reactivate");
  CHECK_FALSE(post(root, target, {}).header("Tally-Sequence").has_value());
  post(root, user_path(grace, ":deactivate"), {});
  const std::string tag = get(root, user_path(grace)).header("ETag").value();
  CHECK(post(root, target, "{}").status == 400);
  CHECK(post(root, target, {}, {{"If-Match", "\"1\""}}).status == 412);
  const Reply back = post(root, target, {}, {{"If-Match", tag}, {"Idempotency-Key", "once"}});
  CHECK(back.status == 200);
  CHECK(back.json().as_object().if_contains("deactivated_at") == nullptr);
  CHECK(post(root, target, {}, {{"If-Match", tag}, {"Idempotency-Key", "once"}}).body == back.body);
  CHECK(get(sign_in(grace.id), path("/tokens")).status == 200);
}

TEST_CASE_METHOD(ApiFixture, "server auditor: reads whatever anybody may, and changes nothing", "[api][operators]") {
  const bool is_admin_too = GENERATE(false, true);
  CAPTURE(is_admin_too);
  const Places places{*this};
  const Visitor auditor = newcomer("olga");
  if (is_admin_too) join(auditor, core::Role::admin);
  REQUIRE(post(root, user_path(auditor, ":setOperator"), standing_body(ServerStanding::auditor)).status == 200);
  std::size_t read = 0;
  std::size_t refused = 0;
  for (const Operation& operation : operations_of(contract)) {
    const std::string target = places.target(operation.pattern);
    CAPTURE(testing::method_name(operation.method), target);
    if (operation.method == http::Method::get) {
      // A stream has no end.
      const bool is_stream = operation.pattern.ends_with(":stream");
      CHECK(send(auditor, is_stream ? http::Method::head : http::Method::get, target).status == 200);
      ++read;
    } else if (!is_own_account(operation)) {
      const auto size_before = audit.size().value();
      const Reply reply = send(auditor, operation.method, target, operation.body);
      CHECK(reply.status == 403);
      CHECK(reply.text("detail") == core::auditor_changes_nothing().detail);
      // Nobody waits for the denial: it is there once the next command is.
      flush_of(*this);
      for (auto number = size_before; number < audit.size().value(); ++number) {
        const auto event = events::read_event(store(), core::Sequence{number});
        CHECK(core::type_of(event.value()->payload) == core::EventType::command_denied);
      }
      ++refused;
    }
  }
  CHECK(read > 15);
  CHECK(refused > 15);
}

TEST_CASE_METHOD(ApiFixture, "server auditor: has that power by a session only, and keeps their own account",
                 "[api][operators]") {
  const Visitor bearer = bearer_of(grace, "tally:tokens.read tally:tokens.write tally:audit.read");
  post(root, user_path(grace, ":setOperator"), standing_body(ServerStanding::auditor));
  CHECK(get(grace, path("/tokens?owner=all")).status == 200);
  CHECK(get(bearer, path("/tokens?owner=all")).status == 403);
  CHECK(get(bearer, path("/events")).status == 403);
  CHECK(post(bearer, path("/tokens"), R"({"name":"x","lifetime_days":1})").status == 403);
  CHECK(get(bearer, path("/tokens")).status == 200);
  const core::WorkspaceId elsewhere = core::draw_id<core::WorkspaceId>(random, now);
  must({core::ActorKind::operator_person, root.id.uuid()}, core::CreateWorkspace{elsewhere, "Elsewhere"});
  CHECK(get(grace, "/v1/workspaces/" + elsewhere.str()).text("role") == "auditor");
  CHECK(get(bearer, "/v1/workspaces/" + elsewhere.str() + "/tokens").status == 404);
  CHECK(get(grace, "/v1/workspaces").json().at("items").as_array().size() == 2);
  CHECK(send(grace, http::Method::delete_, "/v1/session").status == 204);
}

TEST_CASE_METHOD(ApiFixture, "server auditor: is one as long as an operator says so", "[api][operators]") {
  const Visitor auditor = newcomer("olga");
  post(root, user_path(auditor, ":setOperator"), standing_body(ServerStanding::auditor));
  CHECK(get(auditor, path("/events")).status == 200);
  post(root, user_path(auditor, ":setOperator"), standing_body(ServerStanding::none));
  CHECK(get(auditor, path("/events")).status == 404);
  CHECK(get(auditor, "/v1/users").status == 403);
}
