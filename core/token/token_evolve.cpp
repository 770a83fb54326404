#include <algorithm>

#include "core/base/check.hpp"
#include "core/event/event_ranges.hpp"
#include "core/token/token_decider.hpp"

namespace tally::core {
namespace {

/// Marks the token as stopped. Who stopped it first, and why, is kept.
void stop(TokenState& token, const Event& event, DisableCause cause, AccessFate access, const std::string& reason) {
  if (!token.stopped_at.has_value()) {
    token.stopped_at = event.recorded_at;
    token.stopped_by = event.actor;
    token.stop_cause = cause;
    token.stop_reason = reason;
  }
  if (access == AccessFate::revoke) token.access_revoked_at = event.recorded_at;
}

/// One overload per event type of a token; any other type is none of ours.
struct Apply {
  TokenState& token;
  const Event& event;

  void operator()(const TokenRefreshed& refreshed) const {
    TALLY_CHECK(token.mark == TokenMark::active, token.id.str());
    TALLY_CHECK(refreshed.generation == token.generation + 1, token.id.str());
    token.generation = refreshed.generation;
    token.secret_hash = refreshed.secret_hash;
    token.last_refreshed_at = event.reading();
    token.retry_count = 0;
    issued(refreshed.access_expires_at);
    ++token.refresh_count;
    if (refreshed.confirmation.has_value()) {
      TALLY_CHECK(!token.confirmation.has_value(), token.id.str());
      token.confirmation = refreshed.confirmation;
    }
  }
  void operator()(const TokenRefreshRetried& retried) const {
    // The window does not move: else a stolen predecessor could hold it open for ever.
    TALLY_CHECK(token.mark == TokenMark::active, token.id.str());
    TALLY_CHECK(retried.generation == token.generation, token.id.str());
    ++token.retry_count;
    issued(retried.access_expires_at);
  }
  void operator()(const TokenReuseDetected& reuse) const {
    TALLY_CHECK(reuse.presented_generation < token.generation, token.id.str());
  }
  void operator()(const TokenDisabled& disabled) const {
    TALLY_CHECK(token.mark == TokenMark::active, token.id.str());
    token.mark = TokenMark::disabled;
    stop(token, event, disabled.cause, disabled.access, disabled.reason);
  }
  void operator()(const TokenDeleted& deleted) const {
    TALLY_CHECK(token.mark != TokenMark::deleted, token.id.str());
    token.mark = TokenMark::deleted;
    stop(token, event, DisableCause::requested, deleted.access, deleted.reason);
  }
  void operator()(const AccessRevoked& revoked) const {
    if (revoked.access_token.is_nil()) {
      token.access_revoked_at = event.recorded_at;
    } else {
      token.has_revoked_access_tokens = true;
    }
  }
  void operator()(const DescendantsDisabled&) const {}
  void operator()(const AccessExchanged& exchanged) const {
    TALLY_CHECK(token.mark == TokenMark::active, token.id.str());
    issued(exchanged.access_expires_at);
  }
  void operator()(const TokenGenerated&) const { misplaced(); }
  void operator()(const LegacyTokenImported&) const { misplaced(); }
  /// A kind of event that is one has an overload of its own, or it does not compile.
  template <class Other>
    requires(!is_of_token(Other::kType))
  void operator()(const Other&) const {
    misplaced();
  }

 private:
  [[noreturn]] void misplaced() const {
    check_failed("an event of a living token", __FILE__, __LINE__, name_of(type_of(event.payload)));
  }
  void issued(Timestamp access_expires_at) const {
    token.access_expires_at = std::max(token.access_expires_at, access_expires_at);
  }
};

TokenState create(const Event& event, const TokenGenerated& generated) {
  TALLY_CHECK(event.workspace.has_value());
  TokenState token;
  token.id = TokenId{event.subject.id};
  token.workspace = *event.workspace;
  token.owner = generated.owner;
  token.name = generated.name;
  token.scope = generated.scope;
  token.created_at = event.recorded_at;
  token.expires_at = generated.expires_at;
  token.policy_sequence = generated.policy_sequence;
  token.created_sequence = event.sequence.value;
  token.secret_hash = generated.secret_hash;
  token.access_expires_at = generated.access_expires_at;
  token.parent = generated.parent;
  token.confirmation = generated.confirmation;
  return token;
}

TokenState import(const Event& event, const LegacyTokenImported& imported) {
  TALLY_CHECK(event.workspace.has_value());
  TokenState token;
  token.id = TokenId{event.subject.id};
  token.workspace = *event.workspace;
  token.owner = imported.owner;
  token.name = imported.name;
  token.scope = imported.scope;
  token.kind = TokenKind::legacy;
  token.created_at = imported.created_at;
  token.expires_at = imported.expires_at;
  token.policy_sequence = imported.policy_sequence;
  token.created_sequence = event.sequence.value;
  token.secret_hash = imported.secret_hash;
  token.imported_at = event.recorded_at;
  return token;
}

}  // namespace

TokenState evolve(std::optional<TokenState> before, const Event& event) {
  TALLY_CHECK(event.subject.kind == SubjectKind::token);
  TokenState token;
  if (const auto* generated = std::get_if<TokenGenerated>(&event.payload)) {
    TALLY_CHECK(!before.has_value(), TokenId{event.subject.id}.str());
    token = create(event, *generated);
  } else if (const auto* imported = std::get_if<LegacyTokenImported>(&event.payload)) {
    TALLY_CHECK(!before.has_value(), TokenId{event.subject.id}.str());
    token = import(event, *imported);
  } else {
    TALLY_CHECK(before.has_value() && before->id.uuid() == event.subject.id, TokenId{event.subject.id}.str());
    token = *std::move(before);
    std::visit(Apply{token, event}, event.payload);
  }
  ++token.version;
  TALLY_CHECK(token.version == event.subject_version, token.id.str());
  return token;
}

}  // namespace tally::core
