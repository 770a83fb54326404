#include "tools/bench/synthetic_ledger.hpp"

#include <chrono>
#include <cstring>
#include <vector>

#include "core/event/event.hpp"
#include "events/ledger/transaction.hpp"
#include "events/log/log.hpp"

namespace tally::tools {
namespace {

/// Numbers that look random but are the same in every run: SplitMix64 (Steele, Lea, Flood, 2014).
class Numbers {
 public:
  std::uint64_t next() {
    std::uint64_t mixed = state_ += 0x9e3779b97f4a7c15ULL;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
    return mixed ^ (mixed >> 31);
  }
  template <std::size_t kBytes>
  void fill(std::array<std::uint8_t, kBytes>& bytes) {
    for (std::size_t at = 0; at < kBytes; at += sizeof(std::uint64_t)) {
      const auto number = next();
      std::memcpy(bytes.data() + at, &number, std::min(sizeof number, kBytes - at));
    }
  }
  core::Digest digest() {
    core::Digest digest;
    fill(digest.bytes);
    return digest;
  }
  template <class Id>
  Id id(core::Timestamp time) {
    core::UuidEntropy entropy;
    fill(entropy);
    return Id{core::make_uuid_v7(time, entropy)};
  }

 private:
  std::uint64_t state_ = 20'261'123;
};

struct Token {
  core::TokenId id;
  std::uint32_t generation = 0;
};

/// Makes the events one after the other, and commits every `events_per_batch`.
class History {
 public:
  History(events::Transaction& transaction, const SyntheticShape& shape) : transaction_(transaction), shape_(shape) {
    workspace_ = numbers_.id<core::WorkspaceId>(now_);
    for (std::uint64_t owner = 0; owner < shape.owners; ++owner) owners_.push_back(numbers_.id<core::UserId>(now_));
    tokens_.resize(shape.tokens);
  }

  core::Result<void> found() {
    core::WorkspaceCreated created{"Synthetic", {}};
    created.policy.max_active_tokens_per_user = core::limits::kActiveTokensPerUserMax;
    TALLY_TRY(append(core::subject_of(workspace_), 1, created, core::Actor{}));
    for (std::uint64_t owner = 0; owner < owners_.size(); ++owner) {
      core::UserCreated user;
      user.username = "person-" + std::to_string(owner);
      user.display_name = "Person " + std::to_string(owner);
      TALLY_TRY(append_without_workspace(core::subject_of(owners_[owner]), user));
      TALLY_TRY(append(core::subject_of(workspace_), owner + 2, core::MemberAdded{owners_[owner], core::Role::member},
                       core::Actor{}));
    }
    return {};
  }

  core::Result<void> generate(std::uint64_t index) {
    auto& token = tokens_[index];
    token.id = numbers_.id<core::TokenId>(now_);
    const auto owner = owners_[index % owners_.size()];
    core::TokenGenerated generated;
    generated.owner = owner;
    generated.name = "Continuous integration " + std::to_string(index);
    generated.expires_at = now_ + std::chrono::hours{24 * 90};
    generated.secret_hash = numbers_.digest();
    generated.access_token = numbers_.id<core::AccessTokenId>(now_);
    generated.access_expires_at = now_ + std::chrono::hours{1};
    return append(core::subject_of(token.id), 1, std::move(generated), {core::ActorKind::user, owner.uuid()});
  }

  core::Result<void> refresh(std::uint64_t index) {
    auto& token = tokens_[index];
    ++token.generation;
    core::TokenRefreshed refreshed;
    refreshed.generation = token.generation;
    refreshed.secret_hash = numbers_.digest();
    refreshed.access_token = numbers_.id<core::AccessTokenId>(now_);
    refreshed.access_expires_at = now_ + std::chrono::hours{1};
    return append(core::subject_of(token.id), token.generation + 1, std::move(refreshed),
                  {core::ActorKind::client, workspace_.uuid()});
  }

  core::Result<void> commit() { return transaction_.commit(); }
  [[nodiscard]] std::uint64_t events() const { return events_; }
  [[nodiscard]] core::WorkspaceId workspace() const { return workspace_; }

 private:
  core::Result<void> append(core::Subject subject, std::uint64_t version, core::EventPayload payload,
                            core::Actor actor) {
    return append_event({workspace_, subject, version, std::move(payload)}, actor);
  }
  core::Result<void> append_without_workspace(core::Subject subject, core::EventPayload payload) {
    return append_event({{}, subject, 1, std::move(payload)}, core::Actor{});
  }

  core::Result<void> append_event(core::NewEvent event, core::Actor actor) {
    now_ += std::chrono::microseconds{10};
    context_.at = now_;
    context_.actor = actor;
    context_.via = core::Via::api;
    numbers_.fill(context_.entropy);
    TALLY_TRY(transaction_.append(context_, std::move(event)));
    return ++events_ % shape_.events_per_batch == 0 ? transaction_.commit() : core::Result<void>{};
  }

  events::Transaction& transaction_;
  const SyntheticShape& shape_;
  Numbers numbers_;
  core::Timestamp now_ = core::timestamp_of_micros(1'790'000'000'000'000);
  core::CommandContext context_{.at = {},
                                .actor = {},
                                .via = {},
                                .credential = {},
                                .bearer = {},
                                .origin = {"0123456789abcdef", "", "192.0.2.17", "tally-bench"},
                                .entropy = {}};
  core::WorkspaceId workspace_;
  std::vector<core::UserId> owners_;
  std::vector<Token> tokens_;
  std::uint64_t events_ = 0;
};

}  // namespace

core::Result<SyntheticResult> append_synthetic_ledger(events::Store& store,
                                                      std::span<events::Projection* const> projections,
                                                      const SyntheticShape& shape,
                                                      const std::function<void(std::uint64_t done)>& on_progress) {
  TALLY_TRY_ASSIGN(auto head, events::load_head(store));
  events::Transaction transaction{store, std::move(head), projections};
  History history{transaction, shape};
  const auto begin = std::chrono::steady_clock::now();
  TALLY_TRY(history.found());
  for (std::uint64_t round = 0; round <= shape.refreshes_per_token; ++round) {
    for (std::uint64_t index = 0; index < shape.tokens; ++index) {
      TALLY_TRY(round == 0 ? history.generate(index) : history.refresh(index));
      if (on_progress && history.events() % 65'536 == 0) on_progress(history.events());
    }
  }
  TALLY_TRY(history.commit());
  return SyntheticResult{history.workspace(), history.events(),
                         std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count()};
}

}  // namespace tally::tools
