#include "tests/property/random_history.hpp"

#include <algorithm>

#include "core/identity/person_commands.hpp"
#include "core/ledger/ledger_commands.hpp"
#include "core/state/offboarding.hpp"
#include "core/token/token_commands.hpp"
#include "core/workspace/workspace_commands.hpp"
#include "events/log/log.hpp"
#include "projections/commands/usage.hpp"

namespace tally::testing {

RandomHistory::RandomHistory(LedgerFixture& ledger) : ledger_(ledger) {
  for (const char* name : {"operator", "ada", "bob", "cleo", "dan"}) people_.push_back(ledger_.add_person(name));
  for (const char* name : {"one", "two", "three"}) {
    workspaces_.push_back(ledger_.add_workspace(name));
    ledger_.put_member(workspaces_.back(), people_[1], core::Role::admin);
    ledger_.put_member(workspaces_.back(), people_[2 + ledger_.random.below(3)], core::Role::member);
  }
}

template <class Command>
std::optional<typename Command::Outcome> RandomHistory::attempt(const core::CommandContext& context, Command command) {
  auto answer = ledger_.execute(context, std::move(command));
  if (answer.has_value()) {
    ++accepted_;
    return std::move(answer->outcome);
  }
  INFO(answer.error().detail);
  // Codes from 40 on are the operator's or our own fault: no command may cause one.
  REQUIRE(static_cast<int>(answer.error().code) < 40);
  ++refused_;
  return std::nullopt;
}

void RandomHistory::step() {
  move_clock();
  const auto dice = ledger_.random.below(100);
  if (dice < 70) return act_on_tokens(dice);
  if (dice < 84) return act_on_workspaces(dice - 70);
  if (dice < 95) return act_on_people(dice - 84);
  act_on_ledger(dice - 95);
}

void RandomHistory::move_clock() {
  const auto dice = ledger_.random.below(20);
  if (dice < 10) ledger_.now += core::Duration{static_cast<std::int64_t>(ledger_.random.below(2'000'000))};
  if (dice == 10) ledger_.now += std::chrono::minutes{ledger_.random.below(120)};
  if (dice == 11) ledger_.now += std::chrono::hours{ledger_.random.below(30)};
  if (dice == 12) ledger_.now -= std::chrono::seconds{ledger_.random.below(5)};  // clocks are set back at times
}

void RandomHistory::act_on_tokens(std::uint64_t dice) {
  if (dice < 22 || known_.empty()) return generate();
  if (dice < 44)
    return refresh(known_[known_.size() - 1 - ledger_.random.below(std::min<std::size_t>(known_.size(), 12))]);
  if (dice < 52) return refresh(any(known_));
  if (dice < 58) return stop_some();
  if (dice < 60) return continue_endings();
  if (dice < 62) return cut_off();
  revoke();
}

void RandomHistory::generate() {
  // Most bearers are refused: their tokens are stopped, or end too soon.
  if (!tokens_.empty() && chance(3)) {
    const auto bearer = a_bearer();
    generate_by(bearer, bearer.bearer->presented.workspace);
  }
  generate_by(anybody(), any(workspaces_));
}

void RandomHistory::generate_by(const core::CommandContext& context, core::WorkspaceId workspace) {
  const std::string secret = new_secret();
  const auto command =
      ledger_.generate_command(workspace, "token " + secret, secret, static_cast<int>(ledger_.random.below(5)));
  const auto answer = attempt(context, command);
  if (!answer) return;
  tokens_.push_back(answer->token);
  known_.push_back({secret, command.workspace, command.id});
}

core::CommandContext RandomHistory::a_bearer() {
  // The newest ones are alive more often.
  const std::size_t back = ledger_.random.below(std::min<std::size_t>(tokens_.size(), 12));
  return ledger_.as_bearer(tokens_[tokens_.size() - 1 - back]);
}

void RandomHistory::refresh(const Known& presented) {
  const Known known = presented;  // known_ grows below
  const std::string successor = new_secret();
  auto command = ledger_.refresh_command(known.secret, successor);
  command.client = chance(30) ? any(workspaces_) : known.workspace;
  const auto first = attempt(ledger_.as_client(*command.client), command);
  if (!first || first->retried) return;
  known_.push_back({successor, known.workspace, known.token});
  // The answer is lost, and asked for again: the same successor, and one rotation in all.
  const auto workspace = value_of(projections::WorkspaceQueries{ledger_.store()}.find(known.workspace));
  if (workspace->policy.refresh_retry_seconds == 0 || chance(2)) return;
  for (auto again = ledger_.random.below(3); again > 0; --again) {
    const auto retry = attempt(ledger_.as_client(known.workspace), ledger_.refresh_command(known.secret, new_secret()));
    REQUIRE(retry);
    CHECK(retry->retried);
    CHECK(retry->sealed_successor == first->sealed_successor);
    CHECK(retry->token.refresh_count == first->token.refresh_count);
    CHECK(retry->token.secret_hash == digest_of(successor));
  }
}

void RandomHistory::stop_some() {
  const auto workspace = any(workspaces_);
  std::vector<core::TokenId> ids;
  for (auto count = 1 + ledger_.random.below(4); count > 0; --count) ids.push_back(any(known_).token);
  if (chance(2)) {
    attempt(anybody(), core::DisableTokens{workspace, ids, any_fate(), "reason"});
  } else {
    attempt(anybody(), core::DeleteTokens{workspace, ids, any_fate(), ""});
  }
}

void RandomHistory::cut_off() {
  core::DisableIssuedBefore command{
      any(workspaces_), ledger_.now - std::chrono::minutes{ledger_.random.below(600)}, {}, any_fate(), {}};
  if (chance(2)) command.owner = any(people_);
  attempt(anybody(), command);
}

void RandomHistory::revoke() {
  const Known& known = any(known_);
  const auto client = chance(10) ? any(workspaces_) : known.workspace;
  if (chance(3)) {
    attempt(ledger_.as_client(client), core::RevokeRefreshToken{client, digest_of(known.secret)});
  } else {
    attempt(ledger_.as_client(client),
            core::RevokeAccessToken{client, known.token, ledger_.draw<core::AccessTokenId>(),
                                    ledger_.now + std::chrono::minutes{ledger_.random.below(60)}});
  }
}

void RandomHistory::change_policy() {
  core::Policy policy;
  policy.max_lifetime_days = 1 + static_cast<int>(ledger_.random.below(5));
  policy.max_active_tokens_per_user = 1 + static_cast<std::uint32_t>(ledger_.random.below(20));
  policy.refresh_retry_seconds = chance(4) ? 0 : 60;
  policy.access_token_format = chance(2) ? core::AccessTokenFormat::opaque : core::AccessTokenFormat::jwt;
  policy.access_token_seconds = chance(2) ? 3'600 : 60;
  policy.who_may_generate = chance(6) ? core::WhoMayGenerate::admins : core::WhoMayGenerate::members;
  attempt(anybody(), core::ChangePolicy{any(workspaces_), policy});
}

void RandomHistory::remove_member() {
  core::RemoveMember command{any(workspaces_), any(people_)};
  command.access = any_fate();
  command.bounds = any_bounds();
  const auto answer = attempt(anybody(), command);
  if (!answer) return;
  if (command.access == core::AccessFate::revoke) check_dead(command.user, command.workspace);
  if (answer->tokens.next) going_.emplace_back(command.user, command.workspace);
}

void RandomHistory::check_dead(core::UserId user, std::optional<core::WorkspaceId> workspace) {
  const projections::TokenQueries queries{ledger_.store()};
  const core::Timestamp now = value_of(events::load_head(ledger_.store())).last_recorded_at;
  for (const core::TokenState& token : tokens_) {
    if (token.owner != user || token.workspace != workspace.value_or(token.workspace)) continue;
    const std::int64_t issued = core::seconds_of(token.created_at);
    const std::int64_t end = core::seconds_of(token.expires_at);
    const core::PresentedAccess presented{token.workspace, token.id, user, {}, {}, issued, end};
    REQUIRE_FALSE(value_of(queries.access_verdict(presented, now)).is_live());
  }
}

void RandomHistory::deactivate() {
  core::DeactivateUser command{any(people_)};
  if (command.user == people_[1] || command.user == people_[0]) return;
  command.access = any_fate();
  command.bounds = any_bounds();
  const auto answer = attempt(chance(4) ? ledger_.as(ledger_.operator_person) : anybody(), command);
  if (!answer) return;
  if (command.access == core::AccessFate::revoke) check_dead(command.user, std::nullopt);
  if (answer->tokens.next) going_.emplace_back(command.user, core::WorkspaceId{});
}

void RandomHistory::continue_endings() {
  if (going_.empty()) return;
  const auto [user, workspace] = any(going_);
  core::ContinueOffboarding step{user, workspace, {}, any_bounds()};
  for (auto steps = ledger_.random.below(4); steps > 0; --steps) {
    const auto answer = attempt(ledger_.as_system(), step);
    REQUIRE(answer);
    if (!answer->next) {
      std::erase(going_, std::pair{user, workspace});
      return;
    }
    step.position = *answer->next;
  }
}

void RandomHistory::act_on_workspaces(std::uint64_t dice) {
  if (dice < 3) return change_policy();
  const auto workspace = any(workspaces_);
  if (dice < 9) {
    attempt(chance(2) ? ledger_.as(ledger_.operator_person) : anybody(),
            core::PutMember{workspace, any(people_), any_role()});
  } else if (dice < 11) {
    remove_member();
  } else if (dice < 12 || servers_.empty()) {
    const core::AddResourceServer add{ledger_.draw<core::ResourceServerId>(), workspace, "API",
                                      digest_of(new_secret())};
    if (attempt(anybody(), add)) servers_.push_back(add.id);
  } else if (dice < 13) {
    attempt(anybody(), core::RemoveResourceServer{workspace, any(servers_)});
  } else if (workspaces_.size() < 6) {
    const core::CreateWorkspace create{ledger_.draw<core::WorkspaceId>(), "another"};
    if (attempt(anybody(), create)) workspaces_.push_back(create.id);
  }
}

void RandomHistory::act_on_people(std::uint64_t dice) {
  const auto user = any(people_);
  const auto cookie = digest_of(std::to_string(ledger_.random.below(20)));
  if (dice < 2) {
    core::CreateUser create;
    create.id = ledger_.draw<core::UserId>();
    create.username = "person" + std::to_string(ledger_.random.below(30));
    create.display_name = "Person";
    if (attempt(chance(2) ? ledger_.as(ledger_.operator_person) : anybody(), create)) people_.push_back(create.id);
  } else if (dice < 3) {
    // Ada stays: somebody has to be admin everywhere.
    if (user != people_[1]) deactivate();
  } else if (dice < 5) {
    attempt(ledger_.as(user), core::ChangePassword{user, "verifier", chance(2)});
  } else if (dice < 9) {
    attempt(ledger_.as(user), core::SignIn{user, chance(2), 1, cookie, ledger_.now + std::chrono::hours{1}});
  } else {
    attempt(ledger_.as(user), core::SignOut{cookie});
  }
}

void RandomHistory::act_on_ledger(std::uint64_t dice) {
  const auto workspace = chance(5) ? ledger_.draw<core::WorkspaceId>() : any(workspaces_);
  const auto export_id = ledger_.draw<core::ExportId>();
  if (dice == 0) attempt(anybody(), core::RecordAuditRead{workspace, "type=TokenGenerated", 3});
  if (dice == 1) attempt(anybody(), core::RecordExportStarted{workspace, export_id, "csv", ""});
  if (dice == 2) attempt(anybody(), core::RecordExportCompleted{workspace, export_id, 1, 2, 3, {}});
  if (dice == 3) {
    const std::chrono::seconds lead{chance(2) ? 600 : 0};
    const auto key = signing_key_command(ledger_.random.below(20), lead);
    if (chance(2)) {
      attempt(chance(3) ? anybody() : ledger_.as_system(), key);
    } else {
      attempt(ledger_.as_system(), core::RetireSigningKey{key.key_id, chance(2) ? core::Force::yes : core::Force::no});
    }
  }
  if (dice == 4 && !known_.empty()) {
    attempt(ledger_.as_system(),
            projections::RecordUsage{{{any(known_).token, ledger_.now, 1}, {any(known_).token, ledger_.now, 2}}});
  }
}

}  // namespace tally::testing
