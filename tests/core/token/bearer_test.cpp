#include "core/base/limits.hpp"
#include "core/token/granting.hpp"
#include "tests/core/token/token_story.hpp"

/// Tokens that ask for tokens.
namespace tally::core::testing {
namespace {

const TokenId kChildToken{uuid_of(22)};
const AccessTokenId kChildAccess{uuid_of(32)};

GenerateToken generate_by_bearer(int days = 10) {
  GenerateToken command;
  command.id = kChildToken;
  command.workspace = kWorkspace;
  command.name = "child";
  command.lifetime_days = days;
  command.secret_hash = hash_of(5);
  command.access_token = kChildAccess;
  return command;
}
GenerateToken asking(std::string_view scope) {
  GenerateToken changed = generate_by_bearer();
  changed.scope = scopes(scope);
  return changed;
}

/// A token asks for another by an access token of its own.
class BearerStory {
 public:
  explicit BearerStory(const std::vector<Past>& history) : token_(replay(history)) {}

  BearerStory with_scope(std::string_view scope) const {
    return with([&](BearerStory& story) { story.scope_ = scopes(scope); });
  }
  BearerStory at(Duration after) const {
    return with([&](BearerStory& story) { story.now_ = kStart + after; });
  }
  BearerStory under(const Policy& policy) const {
    return with([&](BearerStory& story) { story.workspace_.policy = policy; });
  }
  BearerStory below(int depth) const {
    return with([&](BearerStory& story) { story.depth_ = depth; });
  }
  BearerStory below_a_stopped_token() const {
    return with([](BearerStory& story) { story.is_ancestor_revoked_ = true; });
  }
  /// Its owner is leaving, and its own event has still to come.
  BearerStory ending(AccessFate access) const {
    Ending ending;
    ending.parts.emplace_back();
    ending.parts.back().workspace = kWorkspace;
    ending.parts.back().access = access;
    return with([&](BearerStory& story) { story.ending_ = ending; });
  }
  BearerStory cut_off(Duration after) const {
    return with([&](BearerStory& story) { story.workspace_.cut_off_at = kStart + after; });
  }
  BearerStory access_cut_off(Duration after) const {
    return with([&](BearerStory& story) { story.workspace_.access_cut_off_at = kStart + after; });
  }
  BearerStory access_revoked() const {
    return with([](BearerStory& story) { story.is_access_revoked_ = true; });
  }

  Then when(const GenerateToken& command) const {
    CommandContext context = context_at(now_);
    context.bearer = BearerPower{
        {kWorkspace, kToken, kAlice, kAccess, {}, seconds_of(kStart), seconds_of(kStart + std::chrono::days{40})},
        scope_};
    GenerateSituation situation;
    situation.workspace = &workspace_;
    situation.caller = rights(kAlice, Role::member);
    AccessSituation access;
    access.token = &token_;
    access.workspace = &workspace_;
    access.ending = ending_ ? &*ending_ : nullptr;
    access.is_revoked = is_access_revoked_;
    access.is_ancestor_revoked = is_ancestor_revoked_;
    situation.bearer = BearerSituation{access, depth_};
    return {decide(situation, context, command), kWorkspace, subject_of(kChildToken), 0};
  }

 private:
  template <class Change>
  BearerStory with(Change change) const {
    BearerStory story = *this;
    change(story);
    return story;
  }

  TokenState token_;
  WorkspaceState workspace_ = workspace();
  ScopeSet scope_ = scopes("read tally:tokens.write");
  Timestamp now_ = kStart;
  int depth_ = 0;
  bool is_ancestor_revoked_ = false;
  std::optional<Ending> ending_;
  bool is_access_revoked_ = false;
};

BearerStory given_bearer(const std::vector<Past>& history = {{0s, generated()}}) { return BearerStory{history}; }

TokenGenerated child(std::string_view scope, Timestamp at = kStart, int days = 10) {
  return {kAlice, "child", scopes(scope), at + std::chrono::days{days}, 7, hash_of(5), kChildAccess, at + 1h,
          {},     {},      kToken};
}

TEST_CASE("bearer: asked for nothing, gives what it has but for Tally's own, and is named as the parent",
          "[core][token][bearer]") {
  given_bearer().when(generate_by_bearer()).then({child("read")});
}

TEST_CASE("bearer: any part of its scope may be asked for, and nothing else", "[core][token][bearer]") {
  const std::vector<std::string> all{"read", "tally:audit.read", "tally:tokens.read", "tally:tokens.write", "write"};
  const auto set_of = [&](unsigned bits) {
    std::string text;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if ((bits >> i & 1U) != 0) text += (text.empty() ? "" : " ") + all[i];
    }
    return text;
  };
  for (unsigned has = 0; has < 32; ++has) {
    for (unsigned asked = 0; asked < 32; ++asked) {
      INFO("has " << set_of(has) << ", asks for " << set_of(asked));
      const Then then = given_bearer().with_scope(set_of(has)).when(asking(set_of(asked)));
      if ((asked & ~has) == 0) {
        then.then({child(set_of(asked))});
      } else {
        then.then_error(Errc::scope_exceeded, "scope");
      }
    }
  }
}

TEST_CASE("bearer: what the policy has taken back is not given, asked for or not", "[core][token][bearer]") {
  Policy narrow = policy();
  narrow.allowed_scopes = scopes("write");
  const BearerStory bearer = given_bearer().with_scope("read tally:tokens.write write").under(narrow);
  bearer.when(generate_by_bearer()).then({child("write")});
  bearer.when(asking("read")).then_error(Errc::scope_exceeded, "scope");
  bearer.when(asking("tally:tokens.write")).then({child("tally:tokens.write")});
}

TEST_CASE("bearer: no token outlives the one that asks for it, and the refusal names the longest",
          "[core][token][bearer]") {
  given_bearer().at(0s).when(generate_by_bearer(30)).then({child("read", kStart, 30)});
  const auto refused = [](Duration after, int days) {
    const Then then = given_bearer().at(after).when(generate_by_bearer(days));
    then.then_error(Errc::invalid_argument, "lifetime_days");
    return then.decision().refusal->detail;
  };
  CHECK(refused(1us, 30) == "1 to 29 whole days are allowed, not 30");
  CHECK(refused(std::chrono::days{28} + 1h, 2) == "1 to 1 whole days are allowed, not 2");
  CHECK(refused(std::chrono::days{29} + 1us, 1) == "none is allowed: the token that asks ends in less than a day");
  given_bearer()
      .at(std::chrono::days{29})
      .when(generate_by_bearer(1))
      .then({child("read", kStart + std::chrono::days{29}, 1)});
}

TEST_CASE("bearer: of a token that is stopped, or by a dead access token, nothing comes", "[core][token][bearer]") {
  const auto refused = [](const std::vector<Past>& history, Errc code) {
    given_bearer(history).at(10s).when(generate_by_bearer()).then_error(code);
  };
  refused({{0s, generated()}, {5s, disabled()}}, Errc::token_disabled);
  refused({{0s, generated()}, {5s, deleted()}}, Errc::token_disabled);
  refused({{0s, generated()}, {5s, disabled(AccessFate::revoke)}}, Errc::unauthenticated);
  refused({{0s, generated()}, {5s, deleted(AccessFate::revoke)}}, Errc::unauthenticated);
  given_bearer().at(std::chrono::days{30}).when(generate_by_bearer()).then_error(Errc::token_disabled);
  given_bearer().cut_off(5s).at(10s).when(generate_by_bearer()).then_error(Errc::token_disabled);
  given_bearer().cut_off(5s).access_cut_off(5s).at(10s).when(generate_by_bearer()).then_error(Errc::unauthenticated);
  given_bearer().access_revoked().when(generate_by_bearer()).then_error(Errc::unauthenticated);
  given_bearer().below_a_stopped_token().when(generate_by_bearer()).then_error(Errc::unauthenticated);
  given_bearer().ending(AccessFate::revoke).when(generate_by_bearer()).then_error(Errc::unauthenticated);
  given_bearer().ending(AccessFate::keep).when(generate_by_bearer()).then_error(Errc::token_disabled);
}

TEST_CASE("bearer: tokens that generate tokens go so deep and no deeper", "[core][token][bearer]") {
  given_bearer().below(limits::kTokenDepthMax - 2).when(generate_by_bearer()).then({child("read")});
  given_bearer().below(limits::kTokenDepthMax - 1).when(generate_by_bearer()).then_error(Errc::limit_exceeded);
}

TEST_CASE("bearer: what is bound to a key gives only what is bound to it", "[core][token][bearer]") {
  const std::vector<Past> bound{{0s, generated_bound(key(7))}};
  given_bearer(bound).when(generate_by_bearer()).then_error(Errc::binding_failed);
  GenerateToken proving = generate_by_bearer();
  proving.proven = key(8);
  given_bearer(bound).when(proving).then_error(Errc::binding_failed);
  proving.proven = key(7);
  TokenGenerated expected = child("read");
  expected.confirmation = key(7);
  given_bearer(bound).when(proving).then({expected});
}

TEST_CASE("granting: a refresh and an exchange give what the policy allows now", "[core][token][bearer]") {
  Policy narrow = policy();
  narrow.allowed_scopes = scopes("write");
  TokenRefreshed expected = refreshed(1, kStart + 10s + 1h);
  expected.access_scope = scopes("write");
  const TokenStory story = given({{0s, generated()}}).under(narrow).at(10s);
  story.when_refreshed_with(0).then({expected});
  story.when_refreshed_with(0, scopes("write")).then({expected});
  story.when_refreshed_with(0, scopes("read")).then_error(Errc::scope_exceeded, "scope");
  // The predecessor, again within the window.
  TokenRefreshRetried again{1, scopes("write"), kAccess, kStart + 20s + 1h};
  const TokenStory lost = given({{0s, generated()}, {10s, refreshed(1)}}).under(narrow).at(20s);
  lost.when_refreshed_with(0).then({again});
  lost.when_refreshed_with(0, scopes("read")).then_error(Errc::scope_exceeded, "scope");

  ExchangeAccessToken exchange;
  exchange.client = kWorkspace;
  exchange.token = kToken;
  exchange.subject.id = kAccess;
  exchange.subject.expires_at = kStart + 1h;
  exchange.subject.scope = scopes("read tally:tokens.write write");
  exchange.access_token = kChildAccess;
  story.when(exchange).then(
      {AccessExchanged{kAccess, kChildAccess, scopes("tally:tokens.write write"), kStart + 1h, ""}});
  exchange.scope = scopes("read");
  story.when(exchange).then_error(Errc::scope_exceeded, "scope");
}

TEST_CASE("descendants: the event that stops one depends on what it has left", "[core][token][bearer]") {
  const auto stop = [](const std::vector<Past>& history) { return stop_of_descendant(replay(history), kStart + 9s); };
  const auto active = stop({{0s, generated()}});
  REQUIRE(active);
  CHECK(active->payload == EventPayload{TokenDisabled{DisableCause::parent_stopped, AccessFate::revoke, ""}});
  for (const EventPayload& kept : {EventPayload{disabled()}, EventPayload{deleted()}}) {
    const auto left = stop({{0s, generated()}, {5s, kept}});
    REQUIRE(left);
    CHECK(left->payload == EventPayload{AccessRevoked{AccessTokenId{}, kStart + 9s + 1h}});
    CHECK(left->subject_version == 3);
  }
  CHECK_FALSE(stop({{0s, generated()}, {5s, disabled(AccessFate::revoke)}}));
}

TEST_CASE("stop of what was made ahead: the token, or what it has left", "[core][token]") {
  const auto stop = [](const std::vector<Past>& history) { return stop_of_ahead(replay(history), kStart + 9s); };
  const auto active = stop({{0s, generated()}});
  REQUIRE(active);
  CHECK(active->payload == EventPayload{TokenDisabled{DisableCause::clock, AccessFate::revoke, ""}});
  const auto left = stop({{0s, generated()}, {5s, disabled()}});
  REQUIRE(left);
  CHECK(left->payload == EventPayload{AccessRevoked{AccessTokenId{}, kStart + 9s + 1h}});
  CHECK_FALSE(stop({{0s, generated()}, {5s, disabled(AccessFate::revoke)}}));
}

TEST_CASE("descendants: which events take them along", "[core][token][bearer]") {
  CHECK(ends_access(disabled(AccessFate::revoke)));
  CHECK(ends_access(deleted(AccessFate::revoke)));
  CHECK(ends_access(AccessRevoked{AccessTokenId{}, kStart}));
  CHECK_FALSE(ends_access(disabled()));
  CHECK_FALSE(ends_access(deleted()));
  CHECK_FALSE(ends_access(AccessRevoked{kAccess, kStart}));
  CHECK_FALSE(ends_access(generated()));
}

}  // namespace
}  // namespace tally::core::testing
