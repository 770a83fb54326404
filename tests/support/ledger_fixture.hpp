#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include <catch2/catch.hpp>

#include "core/crypto/hash.hpp"
#include "core/identity/person_commands.hpp"
#include "core/ledger/ledger_commands.hpp"
#include "core/token/token_commands.hpp"
#include "core/workspace/workspace_commands.hpp"
#include "events/ledger/ledger.hpp"
#include "events/ledger/sequencer.hpp"
#include "events/memory/memory_store.hpp"
#include "events/store/store.hpp"
#include "projections/commands/command_service.hpp"
#include "projections/fold/projections.hpp"
#include "projections/queries/audit_queries.hpp"
#include "projections/queries/key_queries.hpp"
#include "projections/queries/people_queries.hpp"
#include "projections/queries/token_queries.hpp"
#include "projections/queries/workspace_queries.hpp"
#include "tests/support/seeded_random.hpp"

namespace tally::testing {

inline core::Digest digest_of(std::string_view text) { return core::crypto::sha256(core::as_bytes(text)); }

/// The value, or a failed test that tells the error.
template <class T>
T value_of(core::Result<T> result) {
  if (result.has_error()) FAIL(core::name_of(result.error().code) << ": " << result.error().detail);
  return std::move(*result);
}

/// A real writer over a store, with a clock that only the test moves and the same ids for the same seed.
class LedgerFixture {
 public:
  explicit LedgerFixture(std::unique_ptr<events::Store> store = events::make_memory_store(), std::uint64_t seed = 1);
  ~LedgerFixture();
  LedgerFixture(const LedgerFixture&) = delete;
  LedgerFixture& operator=(const LedgerFixture&) = delete;

  /// Opens the ledger (LedgerStarted) and starts the writer.
  void start();
  /// Ends the writer: for what wants the store alone.
  void stop();

  /// Waits for the answer. (All three are instantiated in ledger_fixture.cpp, for every command.)
  template <class Command>
  projections::Answer<Command> execute(core::CommandContext context, Command command);
  /// The outcome of a command that must succeed.
  template <class Command>
  typename Command::Outcome run(core::CommandContext context, Command command);
  /// The code of a command that must be refused.
  template <class Command>
  core::Errc refusal(core::CommandContext context, Command command);

  core::CommandContext as(core::ActorKind kind, core::Uuid id);
  core::CommandContext as(core::UserId user) { return as(core::ActorKind::user, user.uuid()); }
  /// By an access token that has all of `token`'s scope.
  core::CommandContext as_bearer(const core::TokenState& token);
  core::CommandContext as_client(core::WorkspaceId workspace) { return as(core::ActorKind::client, workspace.uuid()); }
  core::CommandContext as_system() { return as(core::ActorKind::system, {}); }

  template <class Id>
  Id draw() {
    return core::draw_id<Id>(random, now);
  }

  /// The first person, who is the operator; then anybody else.
  core::UserId add_person(const std::string& username);
  core::WorkspaceId add_workspace(const std::string& name);
  void put_member(core::WorkspaceId workspace, core::UserId user, core::Role role);
  /// A token of `owner`; its refresh token is `secret`, as far as the ledger knows: it only sees hashes.
  core::TokenState generate(core::WorkspaceId workspace, core::UserId owner, const std::string& name,
                            const std::string& secret, int lifetime_days = 30);
  core::GenerateToken generate_command(core::WorkspaceId workspace, const std::string& name, const std::string& secret,
                                       int lifetime_days = 30);
  core::RefreshToken refresh_command(const std::string& presented, const std::string& successor);

  events::Store& store() { return *store_; }
  events::Sequencer& sequencer() { return *sequencer_; }
  projections::CommandService& commands() { return *commands_; }
  std::span<events::Projection* const> inline_projections() const { return inline_.all(); }

  core::Timestamp now = core::timestamp_of_micros(1'800'000'000'000'000);  // 2027-01-15T08:00:00Z
  SeededRandom random;
  core::UserId operator_person;

 private:
  std::unique_ptr<events::Store> store_;
  projections::InlineProjections inline_;
  std::unique_ptr<events::Sequencer> sequencer_;
  std::unique_ptr<projections::CommandService> commands_;
};

/// A key to add; the same for the same seed.
core::AddSigningKey signing_key_command(std::uint64_t seed, std::chrono::seconds lead);

/// A workspace with an admin, a member and an auditor.
struct SmallTeam {
  explicit SmallTeam(LedgerFixture& ledger);
  core::UserId admin, member, auditor;
  core::WorkspaceId workspace;
};

}  // namespace tally::testing
