#include <algorithm>

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "core/base/limits.hpp"
#include "core/crypto/password.hpp"
#include "http/server/limits.hpp"
#include "tests/http/api/api_fixture.hpp"

// What every comparison of a password goes through, be it of a sign-in or of a change.
using namespace tally;
using testing::ApiFixture;
using testing::Call;
using testing::Reply;
using testing::Visitor;

namespace {

constexpr const char* kPassword = "an engine of analysis";

/// With two people who have passwords; two wrong ones a minute are let through.
class DoorFixture : public ApiFixture {
 public:
  explicit DoorFixture(std::uint32_t failures = 2) : ApiFixture({0, 0, failures}) {
    lovelace = person("lovelace");
    babbage = person("babbage");
  }
  core::UserId person(const std::string& username) {
    core::CreateUser command;
    command.id = core::draw_id<core::UserId>(random, now);
    command.username = username;
    command.display_name = username;
    command.password_verifier = core::crypto::make_password_verifier(kPassword, random);
    must({core::ActorKind::operator_person, root.id.uuid()}, command);
    return command.id;
  }
  Reply sign_in_with(const std::string& name, const std::string& password) {
    return post(nobody, "/v1/session", R"({"username":")" + name + R"(","password":")" + password + R"("})");
  }
  Call change_call(const Visitor& visitor, const std::string& current) {
    return call_of(visitor, http::Method::post, "/v1/users/" + visitor.id.str() + ":setPassword",
                   R"({"password":"the difference engine","current_password":")" + current + R"("})");
  }
  Reply change(const Visitor& visitor, const std::string& current) {
    const Call call = change_call(visitor, current);
    return post(visitor, call.target, call.body);
  }
  std::vector<core::Event> failures_of(core::UserId user) {
    must({core::ActorKind::operator_person, root.id.uuid()}, core::SignOut{});  // comes after what nobody waits for
    std::vector<core::Event> failures;
    for (std::uint64_t sequence = 0; sequence < sequencer().durable_size(); ++sequence) {
      auto event = events::read_event(store(), {sequence});
      const bool is_failure = std::holds_alternative<core::SignInFailed>((*event)->payload);
      if (is_failure && (*event)->subject == core::subject_of(user)) failures.push_back(**event);
    }
    return failures;
  }
  core::UserId lovelace;
  core::UserId babbage;
};

class WideDoor : public DoorFixture {
 public:
  WideDoor() : DoorFixture(0) {}
};

}  // namespace

TEST_CASE_METHOD(DoorFixture, "password: a wrong current one is a failed sign-in, in limit and event",
                 "[api][password][limits]") {
  const Visitor visitor = sign_in(lovelace);
  CHECK(change(visitor, "wrong").status == 400);
  CHECK(sign_in_with("lovelace", "wrong").status == 401);
  for (const Reply& refused : {change(visitor, kPassword), sign_in_with("lovelace", kPassword)}) {
    CHECK(refused.status == 429);
    CHECK(refused.header("Retry-After") == "30");
  }
  const auto failures = failures_of(lovelace);
  REQUIRE(failures.size() == 2);
  // Whoever has a session has proved to be somebody; whoever signs in has not.
  CHECK(failures[0].actor == core::Actor{core::ActorKind::user, lovelace.uuid()});
  CHECK(failures[0].credential.kind == core::CredentialKind::session);
  CHECK(failures[1].credential.kind == core::CredentialKind::none);
  // A right one forgives, whatever it was asked for.
  now += std::chrono::seconds{30};
  CHECK(change(visitor, kPassword).status == 200);
  CHECK(sign_in_with("lovelace", "wrong").status == 401);
  CHECK(sign_in_with("lovelace", "the difference engine").status == 200);
}

TEST_CASE_METHOD(WideDoor, "password: failures are recorded so often a minute, whatever was asked for",
                 "[api][password]") {
  const Visitor visitor = sign_in(lovelace);
  for (std::size_t count = 0; count < core::limits::kSignInFailuresRecordedPerMinute + 3; ++count) {
    CHECK(change(visitor, "wrong").status == 400);
  }
  CHECK(failures_of(lovelace).size() == core::limits::kSignInFailuresRecordedPerMinute);
}

TEST_CASE_METHOD(DoorFixture, "password: an address that others have used up locks nobody out who was here before",
                 "[api][password][limits]") {
  REQUIRE(sign_in_with("lovelace", kPassword).status == 200);
  for (int count = 0; count < 20; ++count) sign_in_with("name-" + std::to_string(count), "wrong");
  CHECK(sign_in_with("another", "wrong").status == 429);
  CHECK(sign_in_with("babbage", kPassword).status == 429);
  CHECK(sign_in_with("lovelace", kPassword).status == 200);
  // What it may guess is bounded all the same.
  CHECK(sign_in_with("lovelace", "wrong").status == 401);
  CHECK(sign_in_with("Lovelace", "wrong").status == 401);
  CHECK(sign_in_with("lovelace", kPassword).status == 429);
  CHECK(sign_in_with("another", "wrong").status == 429);
}

TEST_CASE_METHOD(WideDoor, "password: who waits is served, who is too many is told so at once", "[api][password]") {
  const Visitor visitor = sign_in(lovelace);
  std::vector<Call> calls(http::limits::kPasswordHashesWaitingOfNameMax + 5, change_call(visitor, "wrong"));
  calls.push_back(call_of(nobody, http::Method::post, "/v1/session",
                          R"({"username":"babbage","password":")" + std::string{kPassword} + R"("})"));
  const auto replies = call_all(calls);
  CHECK(replies.back().status == 200);
  const auto refused = std::count_if(replies.begin(), replies.end(), [](const Reply& reply) {
    if (reply.status == 503) CHECK(reply.header("Retry-After") == "1");
    return reply.status == 503;
  });
  // One of them runs.
  CHECK(refused == 4);
}

TEST_CASE("password: an attempt that was not compared does not count", "[api][password][limits]") {
  class Narrow : public DoorFixture {
   public:
    Narrow() : DoorFixture(http::limits::kPasswordHashesWaitingOfNameMax + 6) {}
  } world;
  const Visitor visitor = world.sign_in(world.lovelace);
  const std::vector<Call> calls(http::limits::kPasswordHashesWaitingOfNameMax + 6, world.change_call(visitor, "wrong"));
  const auto replies = world.call_all(calls);
  const auto refused =
      std::count_if(replies.begin(), replies.end(), [](const Reply& reply) { return reply.status == 503; });
  REQUIRE(refused == 5);
  // Those five are there again.
  for (int count = 0; count < 5; ++count) CHECK(world.change(visitor, "wrong").status == 400);
  CHECK(world.change(visitor, "wrong").status == 429);
}
