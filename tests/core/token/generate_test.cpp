#include "tests/core/token/token_story.hpp"

namespace tally::core::testing {
namespace {

GenerateToken generate_command() {
  GenerateToken command;
  command.id = kToken;
  command.workspace = kWorkspace;
  command.name = " ci ";
  command.lifetime_days = 30;
  command.secret_hash = hash_of(0);
  command.access_token = kAccess;
  return command;
}

GenerateToken named(std::string name) {
  GenerateToken changed = generate_command();
  changed.name = std::move(name);
  return changed;
}
GenerateToken living(int days) {
  GenerateToken changed = generate_command();
  changed.lifetime_days = days;
  return changed;
}
GenerateToken with_scope(std::string_view scope) {
  GenerateToken changed = generate_command();
  changed.scope = scopes(scope);
  return changed;
}

Policy for_admins_only() {
  Policy changed = policy();
  changed.who_may_generate = WhoMayGenerate::admins;
  return changed;
}

TEST_CASE("generate: name trimmed, the caller's own, for the asked days, under the policy's sequence",
          "[core][token]") {
  given_nothing().when(generate_command()).then({generated()});
}

TEST_CASE("generate: lifetimes of 1 and of 365 days are allowed, and are whole days", "[core][token]") {
  for (const int days : {1, 365}) {
    const Decision decision = given_nothing().when(living(days)).decision();
    REQUIRE(decision.events.size() == 1);
    const auto& token = std::get<TokenGenerated>(decision.events[0].payload);
    CHECK(token.expires_at == kStart + std::chrono::days{days});
    CHECK(token.access_expires_at == kStart + 1h);
  }
}

TEST_CASE("generate: a lifetime out of bounds, or of the policy's, is an invalid argument", "[core][token]") {
  for (const int days : {0, -1, 366, 1'000'000, -2'147'483'647}) {
    given_nothing().when(living(days)).then_error(Errc::invalid_argument, "lifetime_days");
  }
  Policy week = policy();
  week.max_lifetime_days = 7;
  given_nothing().under(week).when(living(8)).then_error(Errc::invalid_argument, "lifetime_days");
  CHECK_FALSE(given_nothing().under(week).when(living(7)).decision().refusal.has_value());
}

TEST_CASE("generate: what the policy allows nobody is told of each field at once", "[core][token]") {
  Policy week = policy();
  week.max_lifetime_days = 7;
  const auto fields_of = [&week](const GenerateToken& asked) {
    std::vector<std::string> fields;
    for (const Error& mistake : mistakes_against(week, asked)) fields.push_back(mistake.field);
    return fields;
  };
  using Fields = std::vector<std::string>;
  GenerateToken asked = with_scope("read pay");
  CHECK(fields_of(asked) == Fields{"lifetime_days", "scope"});
  asked.lifetime_days = 7;
  CHECK(fields_of(asked) == Fields{"scope"});
  asked.scope = scopes("read");
  CHECK(fields_of(asked).empty());
  asked.scope.reset();
  CHECK(fields_of(asked).empty());
}

TEST_CASE("generate: the name has 1 to 120 characters and no control characters", "[core][token]") {
  for (const std::string& name : {std::string{}, std::string{"  "}, std::string(121, 'n'), std::string{"a\nb"}}) {
    given_nothing().when(named(name)).then_error(Errc::invalid_argument, "name");
  }
  CHECK_FALSE(given_nothing().when(named(std::string(120, 'n'))).decision().refusal.has_value());
}

TEST_CASE("generate: who may", "[core][token]") {
  const auto [role, policy_for, refusal] = GENERATE(table<std::optional<Role>, WhoMayGenerate, std::optional<Errc>>({
      {Role::member, WhoMayGenerate::members, std::nullopt},
      {Role::admin, WhoMayGenerate::members, std::nullopt},
      {Role::auditor, WhoMayGenerate::members, Errc::forbidden},
      {Role::member, WhoMayGenerate::admins, Errc::forbidden},
      {Role::admin, WhoMayGenerate::admins, std::nullopt},
      {Role::auditor, WhoMayGenerate::admins, Errc::forbidden},
      {std::nullopt, WhoMayGenerate::members, Errc::not_found},
      {std::nullopt, WhoMayGenerate::admins, Errc::not_found},
  }));
  const Policy in_force = policy_for == WhoMayGenerate::admins ? for_admins_only() : policy();
  const Then then = given_nothing().by(rights(kAlice, role)).under(in_force).when(generate_command());
  if (refusal.has_value()) {
    then.then_error(*refusal);
  } else {
    then.then({generated()});
  }
}

TEST_CASE("generate: not in an unknown workspace, not as the operator, not once deactivated", "[core][token]") {
  given_nothing().without_workspace().when(generate_command()).then_error(Errc::not_found);
  given_nothing().by(the_operator()).when(generate_command()).then_error(Errc::not_found);
  CallerRights gone = rights(kAlice, Role::admin);
  gone.is_active = false;
  given_nothing().by(gone).when(generate_command()).then_error(Errc::forbidden);
}

TEST_CASE("generate: scope", "[core][token]") {
  const auto [asked, granted] = GENERATE(table<std::string, std::string>({
      {"read", "read"},
      {"", ""},
      {"tally:tokens.read", "tally:tokens.read"},
      // Tally's own need not be in the workspace's list, only asked for.
      {"read tally:tokens.write tally:audit.read", "read tally:audit.read tally:tokens.write"},
  }));
  TokenGenerated expected = generated();
  expected.scope = scopes(granted);
  given_nothing().when(with_scope(asked)).then({expected});
}

TEST_CASE("generate: a scope that the workspace does not allow is exceeded", "[core][token]") {
  for (const char* scope : {"admin", "read admin", "tally:everything"}) {
    given_nothing().when(with_scope(scope)).then_error(Errc::scope_exceeded, "scope");
  }
}

TEST_CASE("generate: more scopes than a token may carry is an invalid argument", "[core][token]") {
  std::string many;
  for (std::size_t i = 0; i <= limits::kScopesPerTokenMax; ++i) many += (i == 0 ? "s" : " s") + std::to_string(i);
  Policy wide = policy();
  wide.allowed_scopes = scopes(many);
  given_nothing().under(wide).when(generate_command()).then_error(Errc::invalid_argument, "scope");
  given_nothing().under(wide).when(with_scope(many)).then_error(Errc::invalid_argument, "scope");
  CHECK_FALSE(given_nothing().under(wide).when(with_scope("s0")).decision().refusal.has_value());
}

TEST_CASE("generate: the policy's count of active tokens is a limit", "[core][token]") {
  Policy three = policy();
  three.max_active_tokens_per_user = 3;
  given_nothing().under(three).active_tokens(2).when(generate_command()).then({generated()});
  given_nothing().under(three).active_tokens(3).when(generate_command()).then_error(Errc::limit_exceeded);
  given_nothing().under(three).active_tokens(4).when(generate_command()).then_error(Errc::limit_exceeded);
}

TEST_CASE("generate: access tokens live as the policy says", "[core][token]") {
  Policy minutes = policy();
  minutes.access_token_seconds = 300;
  TokenGenerated expected = generated();
  expected.access_expires_at = kStart + 5min;
  given_nothing().under(minutes).when(generate_command()).then({expected});
}

TEST_CASE("generate: the state afterwards", "[core][token]") {
  const TokenState token = replay({{0s, generated()}});
  CHECK(token.id == kToken);
  CHECK(token.workspace == kWorkspace);
  CHECK(token.owner == kAlice);
  CHECK(token.name == "ci");
  CHECK(token.scope == scopes("read write"));
  CHECK(token.kind == TokenKind::oauth2);
  CHECK(token.mark == TokenMark::active);
  CHECK(token.created_at == kStart);
  CHECK(token.expires_at == kStart + std::chrono::days{30});
  CHECK(token.policy_sequence == 7);
  CHECK(token.generation == 0);
  CHECK(token.secret_hash == hash_of(0));
  CHECK_FALSE(token.last_refreshed_at.has_value());
  CHECK(token.refresh_count == 0);
  CHECK_FALSE(token.stopped_at.has_value());
  CHECK_FALSE(token.access_revoked_at.has_value());
  CHECK(token.version == 1);
}

}  // namespace
}  // namespace tally::core::testing
