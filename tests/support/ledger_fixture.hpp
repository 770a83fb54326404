#pragma once

#include <future>
#include <memory>
#include <string>
#include <utility>

#include <catch2/catch.hpp>

#include "core/crypto/hash.hpp"
#include "core/crypto/signing_key.hpp"
#include "events/ledger.hpp"
#include "events/memory_store.hpp"
#include "events/sequencer.hpp"
#include "events/store.hpp"
#include "projections/commands.hpp"
#include "projections/projections.hpp"
#include "projections/queries.hpp"
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
  explicit LedgerFixture(std::unique_ptr<events::Store> store = events::make_memory_store(), std::uint64_t seed = 1)
      : random(seed), store_(std::move(store)) {
    start();
  }
  ~LedgerFixture() { stop(); }
  LedgerFixture(const LedgerFixture&) = delete;
  LedgerFixture& operator=(const LedgerFixture&) = delete;

  /// Opens the ledger (LedgerStarted) and starts the writer.
  void start() {
    auto head = value_of(events::start_ledger(*store_, inline_.all(), as_system(), random));
    sequencer_ =
        std::make_unique<events::Sequencer>(*store_, std::move(head), inline_.all(), events::SequencerOptions{});
    commands_ = std::make_unique<projections::CommandService>(*sequencer_);
  }
  /// Ends the writer: for what wants the store alone.
  void stop() {
    commands_.reset();
    sequencer_.reset();
  }

  /// Waits for the answer.
  template <class Command>
  projections::Answer<Command> execute(core::CommandContext context, Command command) {
    std::promise<projections::Answer<Command>> promise;
    auto future = promise.get_future();
    commands_->execute(std::move(context), std::move(command),
                       [&](projections::Answer<Command> answer) { promise.set_value(std::move(answer)); });
    return future.get();
  }
  /// The outcome of a command that must succeed.
  template <class Command>
  typename Command::Outcome run(core::CommandContext context, Command command) {
    return std::move(value_of(execute(std::move(context), std::move(command))).outcome);
  }
  /// The code of a command that must be refused.
  template <class Command>
  core::Errc refusal(core::CommandContext context, Command command) {
    const auto answer = execute(std::move(context), std::move(command));
    REQUIRE(answer.has_error());
    return answer.error().code;
  }

  core::CommandContext as(core::ActorKind kind, core::Uuid id) {
    core::CommandContext context;
    context.at = now;
    context.actor = {kind, id};
    context.via = core::Via::api;
    random.fill(context.entropy);
    return context;
  }
  core::CommandContext as(core::UserId user) { return as(core::ActorKind::user, user.uuid()); }
  /// By an access token that has all of `token`'s scope.
  core::CommandContext as_bearer(const core::TokenState& token) {
    core::CommandContext context = as(token.owner);
    const auto access_token = draw<core::AccessTokenId>();
    context.bearer = core::BearerPower{{token.workspace,
                                        token.id,
                                        token.owner,
                                        access_token,
                                        {},
                                        core::seconds_of(now),
                                        core::seconds_of(token.expires_at) + 1},
                                       token.scope};
    context.credential = {core::CredentialKind::access_token, token.id.uuid(), access_token.uuid()};
    return context;
  }
  core::CommandContext as_client(core::WorkspaceId workspace) { return as(core::ActorKind::client, workspace.uuid()); }
  core::CommandContext as_system() { return as(core::ActorKind::system, {}); }

  template <class Id>
  Id draw() {
    return core::draw_id<Id>(random, now);
  }

  /// The first person, who is the operator; then anybody else.
  core::UserId add_person(const std::string& username) {
    core::CreateUser command;
    command.id = draw<core::UserId>();
    command.username = username;
    command.display_name = "Person " + username;
    command.password_verifier = "no verifier";
    const bool is_first = operator_person.is_nil();
    const core::UserId id = command.id;
    run(is_first ? as_system() : as(operator_person), std::move(command));
    if (is_first) operator_person = id;
    return id;
  }
  core::WorkspaceId add_workspace(const std::string& name) {
    const auto id = draw<core::WorkspaceId>();
    run(as(operator_person), core::CreateWorkspace{id, name});
    return id;
  }
  void put_member(core::WorkspaceId workspace, core::UserId user, core::Role role) {
    run(as(operator_person), core::PutMember{workspace, user, role});
  }
  /// A token of `owner`; its refresh token is `secret`, as far as the ledger knows: it only sees hashes.
  core::TokenState generate(core::WorkspaceId workspace, core::UserId owner, const std::string& name,
                            const std::string& secret, int lifetime_days = 30) {
    core::GenerateToken command = generate_command(workspace, name, secret, lifetime_days);
    command.id = {};  // as at the edge: the ledger gives one
    return run(as(owner), std::move(command)).token;
  }
  core::GenerateToken generate_command(core::WorkspaceId workspace, const std::string& name, const std::string& secret,
                                       int lifetime_days = 30) {
    core::GenerateToken command;
    command.id = draw<core::TokenId>();
    command.workspace = workspace;
    command.name = name;
    command.lifetime_days = lifetime_days;
    command.secret_hash = digest_of(secret);
    command.access_token = draw<core::AccessTokenId>();
    command.access_token_hash = digest_of(command.access_token.str());  // counts where the policy says opaque
    return command;
  }
  core::RefreshToken refresh_command(const std::string& presented, const std::string& successor) {
    core::RefreshToken command;
    command.presented_hash = digest_of(presented);
    command.successor_hash = digest_of(successor);
    const auto sealed = core::as_bytes(successor);  // tests of sealing seal; here the letter is open
    command.sealed_successor.assign(sealed.begin(), sealed.end());
    command.access_token = draw<core::AccessTokenId>();
    command.access_token_hash = digest_of(command.access_token.str());
    return command;
  }

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
inline core::AddSigningKey signing_key_command(std::uint64_t seed, std::chrono::seconds lead) {
  SeededRandom random{1'000 + seed};
  const auto key = core::crypto::SigningKey::generate(random);
  return {key.public_key().thumbprint(), key.algorithm(), key.public_key().bytes(), lead};
}

/// A workspace with an admin, a member and an auditor.
struct SmallTeam {
  explicit SmallTeam(LedgerFixture& ledger) {
    ledger.add_person("operator");
    admin = ledger.add_person("admin");
    member = ledger.add_person("member");
    auditor = ledger.add_person("auditor");
    workspace = ledger.add_workspace("Team");
    ledger.put_member(workspace, admin, core::Role::admin);
    ledger.put_member(workspace, member, core::Role::member);
    ledger.put_member(workspace, auditor, core::Role::auditor);
  }
  core::UserId admin, member, auditor;
  core::WorkspaceId workspace;
};

}  // namespace tally::testing
