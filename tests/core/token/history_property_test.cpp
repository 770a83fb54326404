#include "tests/core/token/token_story.hpp"
#include "tests/support/seeded_random.hpp"

namespace tally::core::testing {
namespace {

/// A life of one token: random commands at random times, the events of each applied as they come.
class RandomLife {
 public:
  explicit RandomLife(std::uint64_t seed) : random_(seed) {
    workspace_.policy.refresh_retry_seconds = static_cast<int>(random_.below(3)) * 30;
    append({kWorkspace, subject_of(kToken), 1, generated()});
  }

  void step() {
    now_ += Duration{static_cast<std::int64_t>(random_.below(40'000'000))};
    // Sometimes a long sleep, so that lives end by themselves too.
    if (random_.below(12) == 0) now_ += std::chrono::days{16};
    switch (random_.below(16)) {
      case 0:
        return append(decide_disable(stop_situation(), context(), access(), "r").event);
      case 1:
        return append(decide_delete(stop_situation(), context(), access(), "r").event);
      case 2:
        return append(decide(situation(any_generation()), context(), RevokeRefreshToken{kWorkspace, {}}));
      case 3:
        return append(decide(&*token_, context(), RevokeAccessToken{kWorkspace, kToken, kAccess, now_ + 1h}));
      case 4:
        return refresh(any_generation());
      default:
        return refresh(token_->generation);
    }
  }

  [[nodiscard]] const TokenState& token() const { return *token_; }
  [[nodiscard]] const std::vector<Event>& events() const { return events_; }
  [[nodiscard]] bool refreshed_now() const { return refreshed_now_; }
  [[nodiscard]] TokenStatus status() const { return status_at(*token_, now_, workspace_.cut_off_at); }

 private:
  void refresh(std::uint32_t generation) {
    RefreshToken command;
    command.presented_hash = hash_of(generation);
    command.successor_hash = hash_of(generation + 1);
    command.access_token = kAccess;
    const Decision decision = decide(situation(generation), context(), command);
    refreshed_now_ = !decision.refusal.has_value();
    append(decision);
  }
  std::uint32_t any_generation() { return static_cast<std::uint32_t>(random_.below(token_->generation + 1)); }
  AccessFate access() { return random_.below(2) == 0 ? AccessFate::keep : AccessFate::revoke; }
  [[nodiscard]] CommandContext context() const { return context_at(now_); }
  RefreshSituation situation(std::uint32_t generation) {
    return {&*token_, generation, &workspace_, random_.below(4) != 0};
  }
  [[nodiscard]] StopSituation stop_situation() const { return {&*token_, &workspace_, rights(kAlice, Role::member)}; }
  void append(const Decision& decision) {
    for (const NewEvent& event : decision.events) append(event);
  }
  void append(const std::optional<NewEvent>& event) {
    if (event.has_value()) append(*event);
  }
  void append(const NewEvent& event) {
    events_.push_back(event_of(event, now_));
    token_ = evolve(std::move(token_), events_.back());
  }

  tally::testing::SeededRandom random_;
  WorkspaceState workspace_ = workspace();
  Timestamp now_ = kStart;
  std::optional<TokenState> token_;
  std::vector<Event> events_;
  bool refreshed_now_ = false;
};

/// Runs 20 steps of one life; every promise that holds for any history is checked after each.
void check_life(std::uint64_t seed) {
  RandomLife life{seed};
  for (int step = 0; step < 20; ++step) {
    const TokenState before = life.token();
    life.step();
    const TokenState& after = life.token();
    REQUIRE(after.generation >= before.generation);
    REQUIRE(after.generation == after.refresh_count);
    REQUIRE(after.secret_hash == hash_of(after.generation));
    REQUIRE(after.mark >= before.mark);
    REQUIRE(after.expires_at == before.expires_at);
    REQUIRE(after.version == life.events().size());
    REQUIRE(after.stopped_at.has_value() == (after.mark != TokenMark::active));
    if (before.stopped_at.has_value()) REQUIRE(after.stopped_at == before.stopped_at);
    if (before.mark != TokenMark::active) REQUIRE(after.generation == before.generation);
    if (after.generation > before.generation) REQUIRE(life.refreshed_now());
    if (before.access_revoked_at.has_value()) REQUIRE(after.access_revoked_at.has_value());
  }
  std::optional<TokenState> replayed;
  for (const Event& event : life.events()) replayed = evolve(std::move(replayed), event);
  REQUIRE(*replayed == life.token());
}

TEST_CASE("property: whatever happens to a token, what is stopped stays stopped, and a replay tells the same",
          "[core][token][property]") {
  for (std::uint64_t seed = 1; seed <= 3'000; ++seed) {
    INFO("seed " << seed);
    check_life(seed);
  }
}

TEST_CASE("property: the random lives reach every kind of event and every status", "[core][token][property]") {
  std::vector<bool> types(static_cast<std::size_t>(EventType::access_revoked) + 1, false);
  std::vector<bool> statuses(static_cast<std::size_t>(TokenStatus::deleted) + 1, false);
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    RandomLife life{seed};
    for (int step = 0; step < 20; ++step) {
      life.step();
      statuses[static_cast<std::size_t>(life.status())] = true;
    }
    for (const Event& event : life.events()) types[static_cast<std::size_t>(type_of(event.payload))] = true;
  }
  types[0] = true;  // The numbers begin at 1.
  statuses[0] = true;
  CHECK(types == std::vector<bool>(types.size(), true));
  CHECK(statuses == std::vector<bool>(statuses.size(), true));
}

}  // namespace
}  // namespace tally::core::testing
