#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "tests/support/ledger_fixture.hpp"

namespace tally::testing {

/// Runs random commands of every kind, by everybody, allowed or not, over a few workspaces; the same ones for the same
/// seed. It knows what it was told and fails the test where an answer breaks a promise.
class RandomHistory {
 public:
  explicit RandomHistory(LedgerFixture& ledger);

  /// One command, or a few that belong together.
  void step();
  [[nodiscard]] const std::vector<core::TokenState>& tokens() const { return tokens_; }
  [[nodiscard]] std::uint64_t accepted() const { return accepted_; }
  [[nodiscard]] std::uint64_t refused() const { return refused_; }

 private:
  struct Known {
    std::string secret;
    core::WorkspaceId workspace;
    core::TokenId token;
  };

  /// Runs a command that may be refused, but only for a reason that is the caller's; empty if it was.
  template <class Command>
  std::optional<typename Command::Outcome> attempt(const core::CommandContext& context, Command command);

  void move_clock();
  void act_on_tokens(std::uint64_t dice);
  void act_on_workspaces(std::uint64_t dice);
  void act_on_people(std::uint64_t dice);
  void act_on_ledger(std::uint64_t dice);
  void generate();
  void generate_by(const core::CommandContext& context, core::WorkspaceId workspace);
  void refresh(const Known& known);
  void stop_some();
  void cut_off();
  void revoke();
  void change_policy();
  void remove_member();
  void deactivate();
  /// From the append on that revoked it all, nothing of theirs lives, there or anywhere.
  void check_dead(core::UserId user, std::optional<core::WorkspaceId> workspace);
  /// Takes some of the steps that are left, as whoever was interrupted.
  void continue_endings();

  template <class Value>
  const Value& any(const std::vector<Value>& values) {
    return values[ledger_.random.below(values.size())];
  }
  bool chance(std::uint64_t one_in) { return ledger_.random.below(one_in) == 0; }
  core::AccessFate any_fate() { return chance(2) ? core::AccessFate::keep : core::AccessFate::revoke; }
  core::StopBounds any_bounds() { return {1 + ledger_.random.below(3), 2 + ledger_.random.below(8)}; }
  core::Role any_role() { return static_cast<core::Role>(1 + ledger_.random.below(3)); }
  core::CommandContext a_bearer();
  core::CommandContext anybody() { return ledger_.as(any(people_)); }
  std::string new_secret() { return "secret " + std::to_string(++secrets_made_); }

  LedgerFixture& ledger_;
  std::vector<core::UserId> people_;
  std::vector<core::WorkspaceId> workspaces_;
  std::vector<core::ResourceServerId> servers_;
  std::vector<core::TokenState> tokens_;
  std::vector<Known> known_;
  std::vector<std::pair<core::UserId, core::WorkspaceId>> going_;
  std::uint64_t secrets_made_ = 0;
  std::uint64_t accepted_ = 0;
  std::uint64_t refused_ = 0;
};

}  // namespace tally::testing
