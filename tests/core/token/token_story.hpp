#pragma once

#include "core/token/lost_answer.hpp"
#include "tests/core/given.hpp"

namespace tally::core::testing {

inline Policy policy() {
  Policy policy;
  policy.allowed_scopes = scopes("read write tally:tokens.read");
  policy.refresh_retry_seconds = 60;
  return policy;
}

/// The workspace of every token story: created at kStart.
inline WorkspaceState workspace() {
  WorkspaceState state;
  state.id = kWorkspace;
  state.name = "acme";
  state.created_at = kStart;
  state.policy = policy();
  state.policy_sequence = 7;
  state.admin_count = 1;
  state.version = 3;
  return state;
}

/// A token of Alice's with 30 days to live, whose first secret is hash_of(0).
inline TokenGenerated generated() {
  return {kAlice, "ci", scopes("read write"), kStart + std::chrono::days{30}, 7, hash_of(0), kAccess, kStart + 1h};
}
inline TokenRefreshed refreshed(std::uint32_t generation, Timestamp access_expires_at = kStart + 1h) {
  return {generation, hash_of(generation), scopes("read write"), kAccess, access_expires_at};
}
inline Confirmation key(std::uint32_t number) { return {ConfirmationMethod::jkt, hash_of(number)}; }
inline TokenGenerated generated_bound(const Confirmation& confirmation) {
  TokenGenerated event = generated();
  event.confirmation = confirmation;
  return event;
}
inline TokenRefreshed refreshed_binding(std::uint32_t generation, const Confirmation& confirmation) {
  TokenRefreshed event = refreshed(generation);
  event.confirmation = confirmation;
  return event;
}
inline TokenDisabled disabled(AccessFate access = AccessFate::keep) {
  return {DisableCause::requested, access, "leaked"};
}
inline TokenDeleted deleted(AccessFate access = AccessFate::keep) { return {access, "leaked"}; }

/// The token after its events; the first of them is a TokenGenerated.
inline TokenState replay(const std::vector<Past>& history, TokenId id = kToken) {
  std::optional<TokenState> token;
  std::uint64_t version = 0;
  for (const Past& past : history) {
    const NewEvent event{kWorkspace, subject_of(id), ++version, past.payload};
    token = evolve(std::move(token), event_of(event, kStart + past.after));
  }
  return *token;
}

/// What happened to one token, and who comes when.
class TokenStory {
 public:
  explicit TokenStory(const std::vector<Past>& history) {
    if (!history.empty()) token_ = replay(history);
  }

  TokenStory at(Duration after) const {
    return with([&](TokenStory& story) { story.now_ = kStart + after; });
  }
  TokenStory by(CallerRights caller) const {
    return with([&](TokenStory& story) { story.caller_ = caller; });
  }
  TokenStory cut_off(Duration after) const {
    return with([&](TokenStory& story) { story.workspace_.cut_off_at = kStart + after; });
  }
  TokenStory under(const Policy& policy) const {
    return with([&](TokenStory& story) { story.workspace_.policy = policy; });
  }
  TokenStory active_tokens(std::uint64_t count) const {
    return with([&](TokenStory& story) { story.active_tokens_ = count; });
  }
  TokenStory successor_forgotten() const {
    return with([](TokenStory& story) { story.has_sealed_successor_ = false; });
  }
  /// The last refresh came from `first`, and whoever comes next comes from `next`.
  TokenStory coming_from(const Origin& first, const Origin& next) const {
    return with([&](TokenStory& story) {
      story.first_use_ = fingerprint_of(first);
      story.origin_ = next;
    });
  }
  TokenStory legacy() const {
    return with([](TokenStory& story) { story.token_->kind = TokenKind::legacy; });
  }
  /// The edge has drawn an opaque access token with this hash.
  TokenStory with_drawn(Digest access_token_hash) const {
    return with([&](TokenStory& story) { story.access_token_hash_ = access_token_hash; });
  }
  TokenStory without_workspace() const {
    return with([](TokenStory& story) { story.has_workspace_ = false; });
  }

  /// What whoever comes next proves to hold.
  TokenStory proving(const Confirmation& proven) const {
    return with([&](TokenStory& story) { story.proven_ = proven; });
  }
  TokenStory asking_for(const AskedResource& resource) const {
    return with([&](TokenStory& story) { story.resource_ = resource; });
  }
  TokenStory resource_registered() const {
    return with([](TokenStory& story) { story.is_resource_registered_ = true; });
  }
  TokenStory subject_ended(AccessEnd end) const {
    return with([&](TokenStory& story) { story.subject_end_ = end; });
  }
  /// Its owner is leaving, and its own event has still to come.
  TokenStory ending() const {
    return with([](TokenStory& story) { story.is_ending_ = true; });
  }

  Then when(const ExchangeAccessToken& command) const {
    const TokenState* token = token_.has_value() ? &*token_ : nullptr;
    const ExchangeSituation situation{token, &workspace_, subject_end_, is_resource_registered_, is_ending_};
    return then_of(decide(situation, context(), command));
  }
  Then when(const GenerateToken& command) const {
    const GenerateSituation situation{has_workspace_ ? &workspace_ : nullptr, caller_, active_tokens_, {}};
    return {decide(situation, context(), command), kWorkspace, subject_of(kToken), 0};
  }
  /// Presents the secret of a generation.
  Then when_refreshed_with(std::uint32_t generation, std::optional<ScopeSet> scope = {},
                           std::optional<WorkspaceId> client = kWorkspace) const {
    RefreshToken command;
    command.client = client;
    command.presented_hash = hash_of(generation);
    command.successor_hash = hash_of(generation + 1);
    command.scope = std::move(scope);
    command.access_token = kAccess;
    command.proven = proven_;
    command.resource = resource_;
    command.access_token_hash = access_token_hash_;
    return then_of(decide(refresh_situation(generation), context(), command));
  }
  Then when_revoked_with(std::uint32_t generation, WorkspaceId client = kWorkspace) const {
    return then_of(decide(refresh_situation(generation), context(), RevokeRefreshToken{client, hash_of(generation)}));
  }
  Then when(const RevokeAccessToken& command) const {
    return then_of(decide(token_.has_value() ? &*token_ : nullptr, context(), command));
  }
  StopDecision when_disabled(AccessFate access = AccessFate::keep) const {
    return decide_disable(stop_situation(), context(), access, "leaked");
  }
  StopDecision when_deleted(AccessFate access = AccessFate::keep) const {
    return decide_delete(stop_situation(), context(), access, "leaked");
  }
  [[nodiscard]] const TokenState& token() const { return *token_; }
  [[nodiscard]] TokenStatus status() const { return status_at(*token_, now_, workspace_.cut_off_at); }

 private:
  template <class Change>
  TokenStory with(Change change) const {
    TokenStory story = *this;
    change(story);
    return story;
  }
  [[nodiscard]] CommandContext context() const {
    CommandContext context = context_at(now_);
    context.origin = origin_;
    return context;
  }
  [[nodiscard]] RefreshSituation refresh_situation(std::uint32_t generation) const {
    if (!token_.has_value()) return {};
    return {&*token_, generation, &workspace_, has_sealed_successor_, is_resource_registered_, is_ending_, first_use_};
  }
  [[nodiscard]] StopSituation stop_situation() const {
    return {token_.has_value() ? &*token_ : nullptr, &workspace_, caller_};
  }
  [[nodiscard]] Then then_of(Decision decision) const {
    return {std::move(decision), kWorkspace, subject_of(kToken), token_.has_value() ? token_->version : 0};
  }

  std::optional<TokenState> token_;
  WorkspaceState workspace_ = workspace();
  bool has_workspace_ = true;
  CallerRights caller_ = rights(kAlice, Role::member);
  Timestamp now_ = kStart;
  std::uint64_t active_tokens_ = 0;
  bool has_sealed_successor_ = true;
  std::optional<std::uint64_t> first_use_;
  Origin origin_;
  std::optional<Confirmation> proven_;
  AskedResource resource_;
  bool is_resource_registered_ = false;
  std::optional<AccessEnd> subject_end_;
  bool is_ending_ = false;
  std::optional<Digest> access_token_hash_;
};

inline TokenStory given(const std::vector<Past>& history) { return TokenStory{history}; }
inline TokenStory given_nothing() { return TokenStory{{}}; }

}  // namespace tally::core::testing
