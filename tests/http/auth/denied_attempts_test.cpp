#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "http/server/exchange_notes.hpp"
#include "http/server/limits.hpp"
#include "tests/http/api/api_fixture.hpp"

using namespace tally;
using testing::ApiFixture;

namespace {

/// The fixture's events are written by nobody who waits: a command that comes after them has an answer.
class DeniedFixture : public ApiFixture {
 public:
  std::vector<core::Event> denials() {
    must({core::ActorKind::operator_person, root.id.uuid()}, core::SignOut{});
    return events_of(core::EventType::command_denied);
  }
  static const core::CommandDenied& data_of(const core::Event& event) {
    return std::get<core::CommandDenied>(event.payload);
  }
};

}  // namespace

TEST_CASE_METHOD(DeniedFixture, "denied: who, what and why stand in the workspace's audit", "[api][denied]") {
  CHECK(post(grace, path("/resource-servers"), R"({"name":"API"})").status == 403);
  const auto events = denials();
  REQUIRE(events.size() == 1);
  const core::Event& event = events.front();
  CHECK(data_of(event) ==
        core::CommandDenied{"POST /v1/workspaces/{workspace}/resource-servers", "forbidden", {}, 1, now});
  CHECK(event.actor == core::Actor{core::ActorKind::user, grace.id.uuid()});
  CHECK(event.origin.request_id == "request-1");
  CHECK(event.origin.source_ip == "192.0.2.7");
  CHECK(event.subject == core::subject_of(workspace));
  const auto shown = get(edith, path("/events?type=CommandDenied")).json().at("items").as_array();
  REQUIRE(shown.size() == 1);
  CHECK(shown[0].at("data").at("reason") == "forbidden");
  CHECK(get(edith, path("/events:export?type=CommandDenied&format=ndjson")).body.find("CommandDenied") !=
        std::string::npos);
}

TEST_CASE_METHOD(DeniedFixture, "denied: repeats within a minute are one more event", "[api][denied]") {
  const auto attempt = [&] { CHECK(get(grace, path("/resource-servers")).status == 403); };
  attempt();
  now += std::chrono::seconds{1};
  const core::Timestamp first_repeat = now;
  for (int count = 0; count < 50; ++count) attempt();
  // Another reason and another caller are none of these.
  CHECK(get(edith, path("/resource-servers")).status == 403);
  CHECK(denials().size() == 2);
  denied.flush(now);
  CHECK(denials().size() == 2);
  now += http::limits::kDenialWindow;
  denied.flush(now);
  const auto events = denials();
  REQUIRE(events.size() == 3);
  CHECK(data_of(events.back()).count == 50);
  CHECK(data_of(events.back()).first_at == first_repeat);
  attempt();  // a new window
  CHECK(denials().size() == 4);
}

TEST_CASE_METHOD(DeniedFixture, "denied: a window that nobody flushed is written before the next begins",
                 "[api][denied]") {
  for (int count = 0; count < 3; ++count) get(grace, path("/resource-servers"));
  now += http::limits::kDenialWindow;
  get(grace, path("/resource-servers"));
  const auto events = denials();
  REQUIRE(events.size() == 3);
  CHECK(data_of(events[1]).count == 2);
  CHECK(data_of(events[2]).count == 1);
  get(grace, path("/resource-servers"));
  denied.flush_all();
  CHECK(denials().size() == 4);
}

TEST_CASE_METHOD(DeniedFixture, "denied: a stranger at the door is told nothing, and noted", "[api][denied]") {
  CHECK(get(stranger, path("/policy")).status == 404);
  const auto events = denials();
  REQUIRE(events.size() == 1);
  CHECK(events.front().actor.id == stranger.id.uuid());
  CHECK(data_of(events.front()).reason == "forbidden");
  // What is not there is nobody's.
  const auto before = sequencer().durable_size();
  CHECK(get(stranger, "/v1/workspaces/" + core::WorkspaceId{core::Uuid{{7}}}.str() + "/policy").status == 404);
  CHECK(denials().size() == 1);
  CHECK(sequencer().durable_size() == before);
}

TEST_CASE_METHOD(DeniedFixture, "denied: mistakes of form and of state are no denials", "[api][denied]") {
  CHECK(post(grace, path("/tokens"), "{}").status == 400);
  CHECK(get(grace, path("/tokens/" + core::TokenId{core::Uuid{{7}}}.str())).status == 404);
  CHECK(remove(grace, path("/tokens/" + generate(grace)), {{"If-Match", "\"9-x\""}}).status == 412);
  CHECK(denials().empty());
}

TEST_CASE_METHOD(DeniedFixture, "denied: nobody is counted, and leaves no event", "[api][denied]") {
  const auto before = sequencer().durable_size();
  const auto counted = denied.counts().unknown_credentials;
  CHECK(get(nobody, path("/policy")).status == 401);
  CHECK(get({{}, "tally_session=" + std::string(43, 'A'), {}}, path("/policy")).status == 401);
  CHECK(get({{}, {}, "not.a.token"}, path("/tokens")).status == 401);
  CHECK(denied.counts().unknown_credentials == counted + 3);
  CHECK(denials().empty());
  CHECK(sequencer().durable_size() == before);
}

TEST_CASE_METHOD(DeniedFixture, "denied: what no workspace is asked about stands in the ledger too", "[api][denied]") {
  const auto before = sequencer().durable_size();
  CHECK(post(grace, "/v1/workspaces", R"({"name":"Mine"})").status == 403);
  denials();
  CHECK(sequencer().durable_size() == before + 1);
}

TEST_CASE_METHOD(DeniedFixture, "denied: memory is bounded; who does not fit is dropped and counted", "[api][denied]") {
  http::DeniedAttempts small{commands(), random, 1};
  const auto attempt = [&](const testing::Visitor& visitor) {
    testing::FakeRequest request{http::Method::get, "/x", {}, {}, now};
    request.route = "/x";
    request.notes().attempt.actor = core::Actor{core::ActorKind::user, visitor.id.uuid()};
    request.notes().attempt.workspace = workspace;
    request.notes().attempt.refuse(core::Errc::forbidden);
    small.answered(request);
  };
  attempt(grace);
  attempt(edith);
  attempt(edith);
  CHECK(small.counts().dropped == 2);
  CHECK(denials().size() == 1);
  now += http::limits::kDenialWindow;
  small.flush(now);
  attempt(edith);
  CHECK(small.counts().dropped == 2);
  CHECK(denials().size() == 2);
}
