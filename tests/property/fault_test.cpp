#include <functional>

#include <catch2/catch.hpp>

#include "core/identity/person_commands.hpp"
#include "core/state/offboarding.hpp"
#include "core/token/token_commands.hpp"
#include "core/workspace/workspace_commands.hpp"
#include "projections/commands/commands.hpp"
#include "tests/property/ledger_checks.hpp"
#include "tests/support/faulty_store.hpp"

using namespace tally;
using testing::digest_of;
using testing::FailedCommit;
using testing::FaultPlan;
using testing::FaultyStore;
using testing::SeededRandom;
using testing::value_of;

namespace {

/// A short life of a ledger, command by command, each committed by itself, until the storage fails.
class ShortLife {
 public:
  explicit ShortLife(events::Store& store) : store_(store) {}

  /// What is done about a command that fails before the commit.
  enum class OnFailure : std::uint8_t { end, do_again };

  /// The error that ended it, if one did.
  std::optional<core::Error> run(OnFailure on_failure = OnFailure::end) {
    auto head = events::start_ledger(store_, inline_.all(), as(core::ActorKind::system, {}), random_);
    if (head.has_error()) return head.error();
    transaction_.emplace(store_, std::move(*head), inline_.all());
    for (const auto& command : commands()) {
      now_ += std::chrono::seconds{1};
      transaction_->begin();
      command();
      if (transaction_->failed() && on_failure == OnFailure::do_again) {
        failures_.push_back(transaction_->take_back().code);
        transaction_->begin();
        command();
      }
      if (auto committed = transaction_->commit(); committed.has_error()) return committed.error();
      ++acknowledged_;
    }
    return std::nullopt;
  }
  [[nodiscard]] std::size_t acknowledged() const { return acknowledged_; }
  [[nodiscard]] const std::vector<core::Errc>& failures() const { return failures_; }

 private:
  core::CommandContext as(core::ActorKind kind, core::Uuid id) {
    core::CommandContext context;
    context.at = now_;
    context.actor = {kind, id};
    random_.fill(context.entropy);
    return context;
  }
  template <class Command>
  void execute(core::ActorKind kind, core::Uuid actor, Command command) {
    // A refusal is as good as an outcome here: what counts is what the storage holds afterwards.
    static_cast<void>(projections::handle(*transaction_, as(kind, actor), command));
  }
  template <class Id>
  Id id_of(std::uint8_t number) {
    core::UuidEntropy entropy{};
    entropy[9] = number;
    return Id{core::make_uuid_v7(core::timestamp_of_micros(1'700'000'000'000'000), entropy)};
  }
  core::CreateUser person(std::uint8_t number, const std::string& name) {
    core::CreateUser command;
    command.id = id_of<core::UserId>(number);
    command.username = name;
    command.display_name = name;
    return command;
  }
  core::SignIn sign_in(core::UserId user) { return {user, true, 1, digest_of("cookie"), now_ + std::chrono::hours{1}}; }
  core::GenerateToken token(std::uint8_t number, const std::string& secret) {
    core::GenerateToken command;
    command.id = id_of<core::TokenId>(number);
    command.workspace = id_of<core::WorkspaceId>(9);
    command.name = secret;
    command.lifetime_days = 9;
    command.secret_hash = digest_of(secret);
    return command;
  }
  core::RefreshToken refresh(const std::string& presented, const std::string& successor) {
    core::RefreshToken command;
    command.presented_hash = digest_of(presented);
    command.successor_hash = digest_of(successor);
    command.sealed_successor = {1, 2, 3};
    return command;
  }

  std::vector<std::function<void()>> commands() {
    using core::ActorKind;
    const auto operator_id = id_of<core::UserId>(1).uuid();
    const auto ada = id_of<core::UserId>(2);
    const auto workspace = id_of<core::WorkspaceId>(9);
    return {
        [=, this] { execute(ActorKind::system, {}, person(1, "operator")); },
        [=, this] { execute(ActorKind::user, operator_id, person(2, "ada")); },
        [=, this] { execute(ActorKind::user, operator_id, core::CreateWorkspace{workspace, "W"}); },
        [=, this] { execute(ActorKind::user, operator_id, core::PutMember{workspace, ada, core::Role::admin}); },
        [=, this] { execute(ActorKind::user, ada.uuid(), token(3, "a")); },
        [=, this] { execute(ActorKind::user, ada.uuid(), token(4, "b")); },
        [=, this] { execute(ActorKind::user, ada.uuid(), token(5, "c")); },
        [=, this] { execute(ActorKind::client, workspace.uuid(), refresh("a", "a1")); },
        [=, this] { execute(ActorKind::client, workspace.uuid(), refresh("a", "a2")); },
        [=, this] { execute(ActorKind::client, workspace.uuid(), refresh("a1", "a3")); },
        [=, this] { execute(ActorKind::client, workspace.uuid(), refresh("a", "reuse")); },
        [=, this] {
          execute(ActorKind::user, ada.uuid(),
                  core::DisableTokens{workspace, {id_of<core::TokenId>(4)}, core::AccessFate::keep, ""});
        },
        [=, this] {
          execute(ActorKind::user, ada.uuid(),
                  core::DisableIssuedBefore{workspace, now_, {}, core::AccessFate::revoke, {}});
        },
        [=, this] { execute(ActorKind::user, ada.uuid(), token(6, "d")); },
        [=, this] { execute(ActorKind::user, ada.uuid(), token(7, "e")); },
        [=, this] { execute(ActorKind::user, ada.uuid(), token(8, "f")); },
        [=, this] { execute(ActorKind::user, ada.uuid(), sign_in(ada)); },
        [=, this] {
          core::DeactivateUser command{ada};
          command.bounds = {1, 100};
          execute(ActorKind::user, operator_id, command);
        },
        [=, this] { execute(ActorKind::system, {}, core::ContinueOffboarding{ada, {}, {}, {1, 100}}); },
        [=, this] { execute(ActorKind::system, {}, core::ContinueOffboarding{ada, {}, {}, {9, 100}}); },
    };
  }

  events::Store& store_;
  projections::InlineProjections inline_;
  SeededRandom random_{1};
  core::Timestamp now_ = core::timestamp_of_micros(1'800'000'000'000'000);
  std::optional<events::Transaction> transaction_;
  std::size_t acknowledged_ = 0;
  std::vector<core::Errc> failures_;
};

}  // namespace

TEST_CASE("faults: whichever storage call fails, the ledger that is left checks", "[property][fault]") {
  const auto failed_commit = GENERATE(FailedCommit::lost, FailedCommit::kept);
  std::uint64_t failures = 0;
  for (std::uint64_t fail_at = 1;; ++fail_at) {
    INFO("call " << fail_at);
    const auto inner = events::make_memory_store();
    FaultPlan plan{fail_at};
    FaultyStore store{*inner, plan, failed_commit};
    ShortLife life{store};
    const auto error = life.run();
    if (!plan.has_struck()) {
      CHECK_FALSE(error);
      break;
    }
    ++failures;
    REQUIRE(error);
    CHECK((error->code == core::Errc::io_failed || error->code == core::Errc::outcome_unknown));
    testing::check_log(*inner);
    testing::check_owner_counts(*inner);
    testing::check_replay(*inner);
    // The process ends after a failure; the next one opens what is there and goes on.
    SeededRandom random{2};
    const projections::InlineProjections projections;
    core::CommandContext context;
    REQUIRE(events::start_ledger(*inner, projections.all(), context, random).has_value());
    testing::check_replay(*inner);
    testing::check_endings(*inner);
  }
  CHECK(failures > 50);
}

TEST_CASE("faults: a command whose read fails is taken back, and done again as if nothing had been",
          "[property][fault]") {
  const auto reference = events::make_memory_store();
  FaultPlan never;
  FaultyStore whole{*reference, never, FailedCommit::lost};
  ShortLife undisturbed{whole};
  REQUIRE_FALSE(undisturbed.run());
  const auto all_events = value_of(events::load_head(*reference)).tree.size();
  int taken_back = 0;
  for (std::uint64_t fail_at = 1; fail_at <= never.calls(); ++fail_at) {
    INFO("call " << fail_at);
    const auto inner = events::make_memory_store();
    FaultPlan plan{fail_at};
    FaultyStore store{*inner, plan, FailedCommit::lost};
    ShortLife life{store};
    if (life.run(ShortLife::OnFailure::do_again)) continue;  // a failed commit, or one before the first command
    ++taken_back;
    CHECK(life.failures() == std::vector{core::Errc::io_failed});
    CHECK(value_of(events::load_head(*inner)).tree.size() == all_events);
    testing::check_log(*inner);
    testing::check_owner_counts(*inner);
    testing::check_replay(*inner);
  }
  CHECK(taken_back > 50);
}

TEST_CASE("faults: what was acknowledged before the failure is there after it", "[property][fault]") {
  // How far the log had come after each acknowledged command of a life without a fault.
  const auto reference = events::make_memory_store();
  FaultPlan never;
  FaultyStore whole{*reference, never, FailedCommit::lost};
  ShortLife life{whole};
  REQUIRE_FALSE(life.run());
  const auto all_events = value_of(events::load_head(*reference)).tree.size();
  std::uint64_t fewest = all_events;
  for (std::uint64_t fail_at = never.calls(); fail_at > 0; --fail_at) {
    const auto inner = events::make_memory_store();
    FaultPlan plan{fail_at};
    FaultyStore store{*inner, plan, FailedCommit::lost};
    ShortLife cut{store};
    cut.run();
    const auto events = value_of(events::load_head(*inner)).tree.size();
    INFO("call " << fail_at << ", " << cut.acknowledged() << " acknowledged");
    // Each command of this life, refusals aside, records an event at least; LedgerStarted comes first.
    if (cut.acknowledged() > 0) CHECK(events >= cut.acknowledged() + 1);
    CHECK(events <= fewest);  // an earlier failure never leaves more
    fewest = events;
  }
}
