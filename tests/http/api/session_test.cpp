#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "core/crypto/password.hpp"
#include "tests/http/api/api_fixture.hpp"

using namespace tally;
using testing::ApiFixture;
using testing::Call;
using testing::Reply;
using testing::Visitor;

namespace {

constexpr const char* kPassword = "an engine of analysis";

/// With one person, `lovelace`, whose password is kPassword.
class SignInFixture : public ApiFixture {
 public:
  SignInFixture() {
    core::CreateUser command;
    command.id = core::draw_id<core::UserId>(random, now);
    command.username = "lovelace";
    command.display_name = "Ada Lovelace";
    command.password_verifier = core::crypto::make_password_verifier(kPassword, random);
    must(operator_actor(), command);
    lovelace = command.id;
  }
  [[nodiscard]] core::Actor operator_actor() const { return {core::ActorKind::operator_person, root.id.uuid()}; }

  Reply sign_in_as(const std::string& username, const std::string& password, testing::Headers more = {}) {
    Call call{http::Method::post, "/v1/session", std::move(more), {}};
    call.headers.emplace_back("Content-Type", "application/json");
    call.body = R"({"username":")" + username + R"(","password":")" + password + R"("})";
    return send_raw(call);
  }
  Visitor visitor_of(const Reply& reply) const {
    const std::string cookie = reply.header("Set-Cookie").value();
    return {lovelace, cookie.substr(0, cookie.find(';')), {}};
  }
  std::uint32_t failures_in_minute() {
    // The failure is recorded by nobody who waits: this command comes after it.
    must(operator_actor(), core::SignOut{});
    return people.find(lovelace).value()->failures_in_minute;
  }
  core::UserId lovelace;
};

}  // namespace

TEST_CASE_METHOD(SignInFixture, "session: who signs in is known until they sign out", "[api][session]") {
  const Reply reply = sign_in_as("Lovelace", kPassword, {{"Origin", kIssuer}});
  REQUIRE(reply.status == 200);
  CHECK(reply.json().at("user").at("id").as_string() == lovelace.str());
  CHECK(reply.header("Cache-Control") == "no-store");
  CHECK(reply.header("Tally-Sequence").has_value());
  const std::string cookie = reply.header("Set-Cookie").value();
  for (const char* part : {"HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200", "Secure"}) {
    CHECK(cookie.find(part) != std::string::npos);
  }
  const Visitor visitor = visitor_of(reply);
  CHECK(get(visitor, "/v1/session").json() == reply.json());
  const Reply out = remove(visitor, "/v1/session");
  CHECK(out.status == 204);
  CHECK(out.header("Set-Cookie").value().find("Max-Age=0") != std::string::npos);
  CHECK(get(visitor, "/v1/session").status == 401);
  CHECK(remove(visitor, "/v1/session").status == 401);
}

TEST_CASE_METHOD(SignInFixture, "session: unknown, wrong and deactivated get one answer", "[api][session]") {
  const Reply wrong = sign_in_as("lovelace", "not the password");
  CHECK(wrong.status == 401);
  CHECK_FALSE(wrong.header("Set-Cookie").has_value());
  CHECK(failures_in_minute() == 1);
  for (const char* stranger : {"babbage", "", "no\\u0000body", "../root"}) {
    CHECK(sign_in_as(stranger, kPassword).body == wrong.body);
  }
  must(operator_actor(), core::DeactivateUser{lovelace});
  const Reply deactivated = sign_in_as("lovelace", kPassword);
  CHECK(deactivated.status == 401);
  CHECK(deactivated.body == wrong.body);
  CHECK(deactivated.headers == wrong.headers);
}

TEST_CASE_METHOD(SignInFixture, "session: a page of another site signs nobody in", "[api][session]") {
  CHECK(sign_in_as("lovelace", kPassword, {{"Origin", "https://evil.example"}}).status == 403);
  CHECK(sign_in_as("lovelace", kPassword, {{"Origin", "null"}}).status == 403);
  CHECK(sign_in_as("lovelace", kPassword, {{"Sec-Fetch-Site", "cross-site"}}).status == 403);
  CHECK(sign_in_as("lovelace", kPassword, {{"Sec-Fetch-Site", "same-origin"}}).status == 200);
  CHECK(failures_in_minute() == 0);
}

TEST_CASE_METHOD(SignInFixture, "session: ends by itself, by deactivation and by a new password", "[api][session]") {
  const Visitor visitor = visitor_of(sign_in_as("lovelace", kPassword));
  SECTION("by itself") { now += core::limits::kSessionLifetime; }
  SECTION("by deactivation") { CHECK(post(root, "/v1/users/" + lovelace.str() + ":deactivate", {}).status == 200); }
  SECTION("by a new password") {
    const std::string target = "/v1/users/" + lovelace.str() + ":setPassword";
    const Reply changed =
        post(visitor, target, R"({"password":"the difference engine","current_password":"an engine of analysis"})");
    CHECK(changed.status == 200);
    CHECK(sign_in_as("lovelace", kPassword).status == 401);
    CHECK(sign_in_as("lovelace", "the difference engine").status == 200);
  }
  CHECK(get(visitor, "/v1/session").status == 401);
  CHECK(post(visitor, path("/tokens"), R"({"name":"x","lifetime_days":1})").status == 401);
}

TEST_CASE_METHOD(SignInFixture, "password: one's own needs the current one, the operator's word is enough for others",
                 "[api][people]") {
  const Visitor visitor = sign_in(lovelace);
  const std::string target = "/v1/users/" + lovelace.str() + ":setPassword";
  CHECK(fields_of(post(visitor, target, R"({"password":"the difference engine"})")) ==
        std::vector<std::string>{"current_password"});
  const Reply wrong = post(visitor, target, R"({"password":"the difference engine","current_password":"wrong"})");
  CHECK(wrong.status == 400);
  CHECK(fields_of(wrong) == std::vector<std::string>{"current_password"});
  CHECK(fields_of(post(root, target, R"({"password":"too short"})")) == std::vector<std::string>{"password"});
  CHECK(post(grace, target, R"({"password":"the difference engine"})").status == 404);
  CHECK(post(root, "/v1/users/" + root.id.str() + ":setPassword", R"({"password":"the difference engine"})").status ==
        400);
  CHECK(post(root, target, R"({"password":"the difference engine"})").status == 200);
  CHECK(sign_in_as("lovelace", "the difference engine").status == 200);
}

TEST_CASE_METHOD(ApiFixture, "session: a change from another site is refused, whatever the cookie", "[api][session]") {
  const auto answer = [&](testing::Headers headers) {
    headers.emplace_back("Cookie", grace.cookie);
    headers.emplace_back("Content-Type", "application/json");
    return send_raw({http::Method::post, path("/tokens"), headers, R"({"name":"x","lifetime_days":1})"}).status;
  };
  CHECK(answer({}) == 403);
  CHECK(answer({{"Origin", "https://evil.example"}}) == 403);
  CHECK(answer({{"Sec-Fetch-Site", "same-site"}}) == 403);
  CHECK(answer({{"Origin", kIssuer}}) == 201);
}
