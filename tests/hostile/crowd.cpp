#include "tests/hostile/crowd.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "core/crypto/base64.hpp"
#include "core/crypto/hash.hpp"

namespace tally::testing {
namespace {

namespace json = boost::json;

constexpr const char* kPassword = "a password for everybody";
constexpr const char* kLegacyToken = "legacy-token-of-2019";

std::string bearer(const json::value& text) { return "Bearer " + std::string{text.as_string()}; }

std::string text_of(const json::value& answer, const char* name) {
  return std::string{answer.as_object().at(name).as_string()};
}

tools::Settings settings_for(const std::string& folder) {
  tools::Settings settings;
  settings.data_dir = folder;
  settings.listen_port = 0;
  settings.log_level = tools::LogLevel::off;
  settings.request_limits = {};
  return settings;
}

std::string hex_of(const core::Digest& digest) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t byte : digest.bytes) {
    out += kHex[byte >> 4];
    out += kHex[byte & 15U];
  }
  return out;
}

}  // namespace

Crowd::Crowd() {
  auto started =
      tools::Application::start(settings_for(data_ / "folder"), {core::SecretText{std::string{kPassword}}, {}});
  INFO((started.has_error() ? started.error().detail : ""));
  REQUIRE(started.has_value());
  application_ = std::move(*started);
  root_ = sign_in("operator", kPassword);
  workspace_ = text_of(must(root_, "POST", "/v1/workspaces", R"({"name":"Orders"})"), "id");
  const std::string elsewhere = text_of(must(root_, "POST", "/v1/workspaces", R"({"name":"Elsewhere"})"), "id");
  const Person admin = newcomer("admin");
  const Person member = newcomer("member");
  const Person auditor = newcomer("auditor");
  const Person foreigner = newcomer("foreigner");
  const Person victim = newcomer("victim");
  join(admin, workspace_, "admin");
  join(member, workspace_, "member");
  join(auditor, workspace_, "auditor");
  join(victim, workspace_, "member");
  join(foreigner, elsewhere, "admin");
  // The victim comes first: what is asked for politely may be done to it.
  things["ws_"] = {workspace_, elsewhere};
  things["usr_"] = {victim.id};
  things["username"] = {"nobody-in-particular"};
  things["since"] = things["until"] = things["time"] = {"2026-01-01T00:00:00Z"};
  callers = {{"nobody", {}}, root_, admin.session, member.session, auditor.session, foreigner.session};
  add_tokens(admin);
  add_resource_server(admin);
  add_cursors(admin);
}

void Crowd::add_tokens(const Person& admin) {
  must(admin.session, "PUT", "/v1/workspaces/" + workspace_ + "/policy",
       R"({"max_lifetime_days":365,"who_may_generate":"members","max_active_tokens_per_user":10000,)"
       R"("access_token_seconds":3600,"refresh_retry_seconds":60,"allowed_scopes":["orders.read","orders.write"],)"
       R"("legacy_sunset_at":"2099-01-01T00:00:00Z","access_token_format":"jwt"})");
  for (const char* scope : {"tally:tokens.read", "tally:tokens.write", "tally:audit.read", "orders.read"}) {
    const json::value made = generate(admin.session, workspace_, scope);
    callers.push_back({scope, {{"Authorization", bearer(made.at("access_token"))}}});
    things["secret"].push_back(text_of(made, "access_token"));
    if (scope != std::string_view{"orders.read"}) continue;
    const std::string form =
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&subject_token=" +
        text_of(made, "access_token") +
        "&subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token&client_id=" + workspace_;
    const json::value exchanged = must({}, "POST", "/oauth2/token", form, "application/x-www-form-urlencoded");
    callers.push_back({"exchanged", {{"Authorization", bearer(exchanged.at("access_token"))}}});
    callers.push_back({"refresh token", {{"Authorization", bearer(made.at("refresh_token"))}}});
    things["refresh_token"] = things["Tally-Refresh-Token"] = {text_of(made, "refresh_token")};
  }
  const json::value lost = generate(admin.session, workspace_, "orders.read");
  things["tok_"] = {text_of(lost.at("token"), "id")};
  things["subject_token"] = {text_of(lost, "access_token")};
  things["token"] = things["subject_token"];
  const std::string legacy = hex_of(core::crypto::sha256(core::as_bytes(std::string_view{kLegacyToken})));
  must(admin.session, "POST", "/v1/workspaces/" + workspace_ + "/legacy-tokens:import",
       R"({"hash":")" + legacy + R"(","owner":"admin","description":"old","created":"2019-04-01T12:00:00Z"})" + "\n",
       "application/x-ndjson");
  callers.push_back({"legacy token", {{"Authorization", std::string{"Bearer "} + kLegacyToken}}});
  things["secret"].emplace_back(kLegacyToken);
}

void Crowd::add_resource_server(const Person& admin) {
  const std::string target = "/v1/workspaces/" + workspace_ + "/resource-servers";
  const json::value lost = must(admin.session, "POST", target, R"({"name":"Lost"})");
  const json::value made =
      must(admin.session, "POST", target, R"({"name":"Orders API","resource":"https://orders.example/"})");
  things["rs_"] = {text_of(lost, "id")};
  things["resource"] = {"https://orders.example/"};
  const std::string pair = text_of(made, "id") + ":" + text_of(made, "secret");
  callers.push_back(
      {"resource server", {{"Authorization", "Basic " + core::crypto::base64_encode(core::as_bytes(pair))}}});
}

void Crowd::add_cursors(const Person& admin) {
  const std::string path = "/v1/workspaces/" + workspace_;
  const std::pair<const CallerKind*, std::string> lists[] = {
      {&root_, "/v1/workspaces?limit=1"},          {&root_, "/v1/users?limit=1"},
      {&admin.session, path + "/members?limit=1"}, {&admin.session, path + "/resource-servers?limit=1"},
      {&admin.session, path + "/tokens?limit=1"},  {&admin.session, path + "/tokens?limit=1&sort=name"},
  };
  for (const auto& [caller, target] : lists) {
    things["cursor"].push_back(text_of(must(*caller, "GET", target), "next_cursor"));
  }
}

CallerKind Crowd::sign_in(const std::string& name, const std::string& password) {
  const std::string body = R"({"username":")" + name + R"(","password":")" + password + R"("})";
  const WireReply reply = exchange(
      "POST", "/v1/session", {{"Content-Type", "application/json"}, {"Origin", application_->url()}}, body, false);
  INFO(reply.body);
  REQUIRE(reply.status == 200);
  const std::string cookie = reply.field("Set-Cookie");
  return {name, {{"Cookie", cookie.substr(0, cookie.find(';'))}, {"Origin", application_->url()}}};
}

Crowd::Person Crowd::newcomer(const std::string& name) {
  const std::string body =
      R"({"username":")" + name + R"(","display_name":"Somebody","password":")" + kPassword + R"("})";
  const std::string id = text_of(must(root_, "POST", "/v1/users", body), "id");
  return {id, sign_in(name, kPassword)};
}

void Crowd::join(const Person& person, const std::string& workspace, const std::string& role) {
  must(root_, "PUT", "/v1/workspaces/" + workspace + "/members/" + person.id, R"({"role":")" + role + R"("})");
}

json::value Crowd::generate(const CallerKind& owner, const std::string& workspace, const std::string& scope) {
  return must(owner, "POST", "/v1/workspaces/" + workspace + "/tokens",
              R"({"name":")" + scope + R"(","lifetime_days":30,"scope":")" + scope + R"("})");
}

json::value Crowd::must(const CallerKind& caller, const std::string& method, const std::string& target,
                        const std::string& body, const std::string& type) {
  Pairs headers = caller.headers;
  if (!body.empty()) headers.emplace_back("Content-Type", type);
  const WireReply reply = exchange(method, target, headers, body, false);
  INFO(method << " " << target << ": " << reply.status << " " << reply.body);
  REQUIRE(reply.status / 100 == 2);
  return json::parse(reply.body);
}

WireReply Crowd::ask(const Operation& operation, const Draft& draft, const CallerKind& caller) {
  Pairs headers = caller.headers;
  if (!draft.content_type.empty()) headers.emplace_back("Content-Type", draft.content_type);
  headers.insert(headers.end(), draft.headers.begin(), draft.headers.end());
  // What has no end is only asked how it would begin.
  const http::Method method = operation.streams ? http::Method::head : operation.method;
  return exchange(method_name(method), draft.target(operation), headers, draft.body, method == http::Method::head);
}

WireReply Crowd::exchange(std::string_view method, const std::string& target, const Pairs& headers,
                          const std::string& body, bool to_head) {
  std::string bytes{method};
  bytes += " " + target + " HTTP/1.1\r\nHost: localhost\r\n";
  for (const auto& [name, value] : headers) bytes += name + ": " + value + "\r\n";
  if (!body.empty()) bytes += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  bytes += "\r\n" + body;
  if (!connection_) connection_.emplace(application_->port());
  connection_->send(bytes);
  WireReply reply = connection_->read(to_head);
  if (reply.field("Connection") == "close" || !reply.complete) connection_.reset();
  return reply;
}

}  // namespace tally::testing
