#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "http/api/live_events.hpp"
#include "http/server/limits.hpp"
#include "tests/http/api/api_fixture.hpp"

using namespace tally;
using http::LiveEvents;
using http::StreamKind;
using http::StreamPlace;
using http::StreamPlaces;
using testing::ApiFixture;
using testing::Reply;

namespace {

using Fields = std::vector<std::string>;

/// A clock that goes where the test sends it.
class HandClock final : public http::Clock {
 public:
  explicit HandClock(core::Timestamp begin) : now_(begin) {}
  [[nodiscard]] core::Timestamp now() const override { return now_; }
  void pass(core::Duration time) { now_ += time; }

 private:
  core::Timestamp now_;
};

/// A live stream over the fixture's ledger, and the power to end what allows it.
class LiveFixture : public ApiFixture {
 public:
  std::unique_ptr<LiveEvents> open(std::optional<core::Sequence> after, std::vector<core::EventType> types = {}) {
    LiveEvents::Order order;
    order.filter.workspace = workspace;
    order.filter.types = std::move(types);
    order.after = after;
    order.still_allowed = [this](core::Timestamp) -> core::Result<bool> { return is_allowed; };
    order.place = testing::value_of(places.take(StreamKind::live, ada.id, workspace));
    return std::make_unique<LiveEvents>(std::move(order), audit, people, hand_clock);
  }
  core::Sequence head() { return core::Sequence{audit.size().value() - 1}; }
  static std::string piece_of(LiveEvents& stream) {
    auto piece = stream.next();
    REQUIRE(piece.has_value());
    return piece->value_or("the end");
  }

  bool is_allowed = true;
  StreamPlaces places;
  HandClock hand_clock{now};
};

std::size_t count_of(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++count;
  return count;
}

}  // namespace

TEST_CASE_METHOD(LiveFixture, "live: what happens is told once, with its sequence as id", "[api][audit][live]") {
  const auto stream = open(head());
  CHECK(piece_of(*stream) == "retry: 2000\n\n");
  CHECK(piece_of(*stream).empty());
  CHECK(stream->pause() == http::limits::kLiveStreamPause);
  const std::string token = generate(grace);
  const std::string told = piece_of(*stream);
  CHECK(told.starts_with("id: " + std::to_string(head().value) + "\ndata: {\"sequence\":"));
  CHECK(told.ends_with("}\n\n"));
  const std::string data = told.substr(told.find("data: ") + 6);
  const auto event = boost::json::parse(data).as_object();
  CHECK(event.at("type") == "TokenGenerated");
  CHECK(event.at("token_id").as_string() == token);
  CHECK(event.at("actor").at("username") == "grace");
  CHECK(piece_of(*stream).empty());
}

TEST_CASE_METHOD(LiveFixture, "live: what was missed comes first, and much of it in pieces without a pause",
                 "[api][audit][live]") {
  const core::Sequence seen = head();
  const int missed = http::limits::kLiveStreamEventsPerPiece + 20;
  for (int index = 0; index < missed; ++index) {
    must({core::ActorKind::user, edith.id.uuid()}, core::RecordAuditRead{workspace, "q", 1});
  }
  const auto stream = open(seen);
  std::size_t told = count_of(piece_of(*stream), "data: ");
  CHECK(told == http::limits::kLiveStreamEventsPerPiece);
  CHECK(stream->pause() == std::chrono::milliseconds::zero());
  told += count_of(piece_of(*stream), "data: ");
  CHECK(told == static_cast<std::size_t>(missed));
  CHECK(stream->pause() == http::limits::kLiveStreamPause);
}

TEST_CASE_METHOD(LiveFixture, "live: only the types asked for", "[api][audit][live]") {
  const auto stream = open(head(), {core::EventType::token_disabled});
  piece_of(*stream);
  const std::string token = generate(ada);
  CHECK(piece_of(*stream).empty());
  post(ada, path("/tokens/" + token + ":disable"), "{}");
  CHECK(count_of(piece_of(*stream), "\"type\":\"TokenDisabled\"") == 1);
}

TEST_CASE_METHOD(LiveFixture, "live: silence is broken by a heartbeat", "[api][audit][live]") {
  const auto stream = open(head());
  piece_of(*stream);
  hand_clock.pass(http::limits::kLiveStreamHeartbeat - std::chrono::seconds{1});
  CHECK(piece_of(*stream).empty());
  hand_clock.pass(std::chrono::seconds{1});
  CHECK(piece_of(*stream) == ":\n\n");
  CHECK(piece_of(*stream).empty());
}

TEST_CASE_METHOD(LiveFixture, "live: ends with the right to see it, and in any case after a while",
                 "[api][audit][live]") {
  SECTION("the right") {
    const auto stream = open(head());
    piece_of(*stream);
    generate(grace);
    is_allowed = false;
    CHECK(piece_of(*stream) == "the end");
  }
  SECTION("the time") {
    const auto stream = open(head());
    piece_of(*stream);
    hand_clock.pass(http::limits::kLiveStreamLifetime);
    CHECK(piece_of(*stream) == "the end");
  }
}

TEST_CASE_METHOD(LiveFixture, "streams: a person who has as many as there may be is told so, and when to come back",
                 "[api][audit][live][export]") {
  const std::string target = path(GENERATE(values<std::string>({"/events:stream", "/events:export"})));
  const http::Router::Match match = router.find(http::Method::get, target);
  std::vector<std::unique_ptr<http::Response>> opened;
  const auto open = [&](const testing::Visitor& visitor) {
    testing::FakeRequest request{http::Method::get, target, {{"Cookie", visitor.cookie}}, {}, now};
    request.path_parameters = match.parameters;
    opened.push_back(std::make_unique<http::Response>());
    std::get<http::SyncHandler>(match.route->handler)(request, *opened.back());
    return opened.back()->status();
  };
  for (int number = 0; number < 4; ++number) REQUIRE(open(edith) == 200);
  const Reply refused = get(edith, target);
  CHECK(refused.status == 429);
  CHECK(refused.text("code") == "rate_limited");
  CHECK(refused.text("detail").starts_with("this person has 4 "));
  CHECK(refused.header("Retry-After") == "1");
  CHECK(open(ada) == 200);
  opened.erase(opened.begin());
  CHECK(open(edith) == 200);
}

TEST_CASE_METHOD(LiveFixture, "live: opened by the API, it ends with the session, the role and the token",
                 "[api][audit][live]") {
  const auto opened = [&](const testing::Visitor& visitor) {
    const std::string target = path("/events:stream");
    const http::Router::Match match = router.find(http::Method::get, target);
    testing::Headers headers{{"Cookie", visitor.cookie}};
    if (!visitor.bearer.empty()) headers = {{"Authorization", "Bearer " + visitor.bearer}};
    testing::FakeRequest request{http::Method::get, target, headers, {}, now};
    request.path_parameters = match.parameters;
    auto response = std::make_unique<http::Response>();
    std::get<http::SyncHandler>(match.route->handler)(request, *response);
    REQUIRE(response->status() == 200);
    return response;
  };
  const auto next_of = [](http::Response& response) { return response.stream->next().value(); };
  SECTION("sign-out") {
    const auto response = opened(edith);
    CHECK(next_of(*response) == "retry: 2000\n\n");
    CHECK(std::get<core::AuditRead>(events_of(core::EventType::audit_read).back().payload).filter == "live");
    CHECK(remove(edith, "/v1/session").status == 204);
    CHECK_FALSE(next_of(*response).has_value());
  }
  SECTION("another role") {
    const auto response = opened(edith);
    CHECK(next_of(*response).has_value());
    join(edith, core::Role::member);
    CHECK_FALSE(next_of(*response).has_value());
  }
  SECTION("an access token that is dead, and not before") {
    const auto bearer = bearer_of(ada, "tally:audit.read");
    const auto response = opened(bearer);
    CHECK(next_of(*response).has_value());
    const auto tokens = get(ada, path("/tokens")).json().at("items").as_array();
    const std::string disable = path("/tokens/" + std::string{tokens[0].at("id").as_string()} + ":disable");
    post(ada, disable, R"({"access":"keep"})");
    CHECK(next_of(*response).has_value());
    post(ada, disable, R"({"access":"revoke"})");
    CHECK_FALSE(next_of(*response).has_value());
  }
  SECTION("its reader deactivated, or removed") {
    const bool deactivates = GENERATE(true, false);
    const bool by_bearer = GENERATE(true, false);
    const auto response = opened(by_bearer ? bearer_of(ada, "tally:audit.read") : edith);
    CHECK(next_of(*response).has_value());
    const std::string who = by_bearer ? ada.id.str() : edith.id.str();
    CHECK((deactivates ? post(root, "/v1/users/" + who + ":deactivate", {}) : remove(root, path("/members/" + who)))
              .status == 200);
    CHECK_FALSE(next_of(*response).has_value());
  }
}

TEST_CASE_METHOD(ApiFixture, "live: for admins and auditors, with a last event that is one", "[api][audit][live]") {
  CHECK(get(grace, path("/events:stream")).status == 403);
  CHECK(get(nobody, path("/events:stream")).status == 401);
  CHECK(get(stranger, path("/events:stream")).status == 404);
  CHECK(fields_of(get(edith, path("/events:stream?type=Nonsense"))) == Fields{"type"});
  const Reply head = send(edith, http::Method::head, path("/events:stream"));
  CHECK(head.header("Content-Type") == "text/event-stream");
  const testing::Call damaged{
      http::Method::get, path("/events:stream"), {{"Cookie", edith.cookie}, {"Last-Event-ID", "12x"}}, {}};
  CHECK(send_raw(damaged).status == 400);
}

TEST_CASE_METHOD(ApiFixture, "count: events of each day by type", "[api][audit]") {
  const std::string since = core::to_rfc3339(now);
  generate(grace);
  now += std::chrono::days{1};
  ada = sign_in(ada.id);
  edith = sign_in(edith.id);
  generate(ada);
  generate(ada);
  const Reply reply = get(edith, path("/events:count?days=3&since=" + since));
  const auto days = reply.json().at("items").as_array();
  REQUIRE(days.size() == 3);
  CHECK(days[0].at("begin").as_string() == since);
  CHECK(days[0].at("counts").at("TokenGenerated") == 1);
  CHECK(days[1].at("begin") == days[0].at("end"));
  CHECK(days[1].at("counts").as_object() == boost::json::object{{"TokenGenerated", 2}});
  CHECK(days[2].at("counts").as_object().empty());
  CHECK(reply.header("Cache-Control") == "no-store");
  CHECK(get(edith, path("/events:count?since=" + since)).json().at("items").as_array().size() == 30);
  CHECK(events_of(core::EventType::audit_read).empty());
}

TEST_CASE_METHOD(ApiFixture, "count: what it refuses", "[api][audit]") {
  CHECK(fields_of(get(edith, path("/events:count"))) == Fields{"since"});
  for (const char* days : {"0", "93", "-1", "1.5", "x", ""}) {
    INFO(days);
    CHECK(fields_of(get(edith, path("/events:count?since=2026-11-23T00:00:00Z&days=") + days)) == Fields{"days"});
  }
  CHECK(get(grace, path("/events:count?since=2026-11-23T00:00:00Z")).status == 403);
  CHECK(get(stranger, path("/events:count?since=2026-11-23T00:00:00Z")).status == 404);
}

TEST_CASE_METHOD(ApiFixture, "cut-off: the rehearsal tells how many, and changes nothing", "[api][tokens]") {
  generate(grace);
  const std::string disabled = generate(grace);
  post(grace, path("/tokens/" + disabled + ":disable"), "{}");
  generate(ada);
  now += std::chrono::minutes{1};
  const std::string time = core::to_rfc3339(now);
  now += std::chrono::minutes{1};
  generate(ada);
  const auto count = [&](const std::string& query) {
    return get(ada, path("/tokens:countIssuedBefore?" + query)).number("count");
  };
  CHECK(count("time=" + time) == 2);
  CHECK(count("time=" + time + "&owner=" + grace.id.str()) == 1);
  CHECK(count("time=" + core::to_rfc3339(now - std::chrono::hours{1})) == 0);
  CHECK(count("time=" + time) ==
        post(ada, path("/tokens:disableIssuedBefore"), R"({"time":")" + time + R"("})").number("count"));
  CHECK(count("time=" + time) == 0);
  now += std::chrono::days{31};
  for (testing::Visitor* visitor : {&ada, &edith, &grace}) *visitor = sign_in(visitor->id);
  CHECK(count("time=" + core::to_rfc3339(now)) == 0);  // the last one has expired
  CHECK(fields_of(get(ada, path("/tokens:countIssuedBefore?owner=me"))) == Fields{"time", "owner"});
  CHECK(get(edith, path("/tokens:countIssuedBefore?time=" + time)).status == 403);
  CHECK(get(grace, path("/tokens:countIssuedBefore?time=" + time)).status == 403);
}
