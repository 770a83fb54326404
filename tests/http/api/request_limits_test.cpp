#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "core/crypto/password.hpp"
#include "tests/http/api/api_fixture.hpp"

using namespace tally;
using testing::ApiFixture;
using testing::Reply;

namespace {

class CallerLimited : public ApiFixture {
 public:
  CallerLimited() : ApiFixture({0, 3, 0}) {}
};
class AddressLimited : public ApiFixture {
 public:
  AddressLimited() : ApiFixture({3, 0, 0}) {}
};
class SignInLimited : public ApiFixture {
 public:
  SignInLimited() : ApiFixture({0, 0, 2}) {
    core::CreateUser command;
    command.id = core::draw_id<core::UserId>(random, now);
    command.username = "lovelace";
    command.display_name = "Ada";
    command.password_verifier = core::crypto::make_password_verifier("an engine of analysis", random);
    must({core::ActorKind::operator_person, root.id.uuid()}, command);
  }
  Reply sign_in_with(const std::string& name, const std::string& password) {
    return post(nobody, "/v1/session", R"({"username":")" + name + R"(","password":")" + password + R"("})");
  }
};

}  // namespace

TEST_CASE_METHOD(CallerLimited, "limits: a caller has so many requests, and is told what is left", "[api][limits]") {
  const Reply first = get(grace, path());
  CHECK(first.header("RateLimit-Policy") == "\"caller\";q=3;w=60");
  CHECK(first.header("RateLimit") == "\"caller\";r=2;t=20");
  get(grace, path());
  CHECK(get(grace, path()).header("RateLimit") == "\"caller\";r=0;t=60");
  const Reply refused = get(grace, path());
  CHECK(refused.status == 429);
  CHECK(refused.text("code") == "rate_limited");
  CHECK(refused.header("Retry-After") == "20");
  CHECK(refused.header("RateLimit") == "\"caller\";r=0;t=60");
  CHECK(get(ada, path()).status == 200);
  now += std::chrono::seconds{20};
  CHECK(get(grace, path()).status == 200);
  CHECK(get(grace, path()).status == 429);
}

TEST_CASE_METHOD(CallerLimited, "limits: sessions and access tokens of one person are one caller", "[api][limits]") {
  const auto bearer = bearer_of(grace, "tally:tokens.read");  // the first request
  CHECK(get(bearer, path("/tokens")).status == 200);
  CHECK(get(grace, path("/tokens")).status == 200);
  CHECK(get(bearer, path("/tokens")).status == 429);
}

TEST_CASE_METHOD(CallerLimited, "limits: nobody has no caller's limit, and no header where none applies",
                 "[api][limits]") {
  const Reply reply = get(nobody, path());
  CHECK(reply.status == 401);
  CHECK(reply.header("RateLimit") == std::nullopt);
  CHECK(reply.header("RateLimit-Policy") == std::nullopt);
}

TEST_CASE_METHOD(AddressLimited, "limits: an address has so many requests, whoever calls; health is not limited",
                 "[api][limits]") {
  CHECK(get(grace, path()).status == 200);
  CHECK(get(ada, path()).status == 200);
  CHECK(get(nobody, path()).status == 401);
  const Reply refused = get(edith, path());
  CHECK(refused.status == 429);
  CHECK(refused.header("RateLimit-Policy") == "\"address\";q=3;w=60");
  CHECK(refused.header("Content-Type") == "application/problem+json");
  CHECK(get(nobody, "/healthz").status == 200);
  CHECK(get(nobody, "/readyz").status == 200);
  CHECK(get(nobody, "/openapi.json").status == 429);
}

TEST_CASE_METHOD(SignInLimited, "limits: wrong passwords for one name are limited, and a right one forgives them",
                 "[api][limits]") {
  CHECK(sign_in_with("lovelace", "wrong").status == 401);
  CHECK(sign_in_with("lovelace", "an engine of analysis").status == 200);
  CHECK(sign_in_with("lovelace", "wrong").status == 401);
  CHECK(sign_in_with("LOVELACE", "wrong").status == 401);
  const Reply refused = sign_in_with("lovelace", "an engine of analysis");
  CHECK(refused.status == 429);
  CHECK(refused.header("Retry-After") == "30");
  CHECK(sign_in_with("somebody-else", "wrong").status == 401);
  now += std::chrono::seconds{30};
  CHECK(sign_in_with("lovelace", "an engine of analysis").status == 200);
}

TEST_CASE_METHOD(SignInLimited, "limits: one address can not try many names", "[api][limits]") {
  unsigned last = 0;
  int tried = 0;
  for (; tried < 40 && last != 429; ++tried) last = sign_in_with("name-" + std::to_string(tried), "wrong").status;
  CHECK(last == 429);
  CHECK(tried == 21);  // ten times the failures of one name
}

TEST_CASE("limits: an IPv4 address counts as itself, in its mapped form too, and an IPv6 one by its network",
          "[limits]") {
  testing::SeededRandom random{7};
  const http::RequestLimits limits{{}, random};
  const core::Uuid one = limits.stand_in_for("192.0.2.1");
  CHECK(limits.stand_in_for("::ffff:192.0.2.1") == one);
  CHECK(limits.stand_in_for("::ffff:192.0.2.2") != one);
  CHECK(limits.stand_in_for("192.0.2.2") == limits.stand_in_for("::ffff:192.0.2.2"));
  CHECK(limits.stand_in_for("2001:db8::1") == limits.stand_in_for("2001:db8::ffff"));
  CHECK(limits.stand_in_for("2001:db8::1") != limits.stand_in_for("2001:db8:0:1::1"));
}
