#pragma once

#include <map>
#include <unordered_map>
#include <utility>

#include <catch2/catch.hpp>

#include "events/log/log.hpp"
#include "projections/rebuild/rebuild.hpp"
#include "projections/rows/keys.hpp"
#include "projections/rows/load.hpp"
#include "projections/rows/token_row.hpp"
#include "tests/support/ledger_fixture.hpp"

/// What holds in every ledger, whatever happened to it.
namespace tally::testing {

/// Numbers without a gap: in the log, in each workspace, and in each subject that keeps versions; and time never runs
/// back.
inline void check_log(const events::Store& store) {
  std::unordered_map<core::Uuid, std::uint64_t> workspaces;
  std::unordered_map<core::Uuid, std::uint64_t> versions;
  core::Timestamp last{};
  std::uint64_t sequence = 0;
  events::LogCursor log{store, core::Sequence{0}};
  while (auto event = value_of(log.next())) {
    REQUIRE(event->sequence.value == sequence++);
    REQUIRE(event->recorded_at >= last);
    last = event->recorded_at;
    if (event->workspace) REQUIRE(event->workspace_sequence == workspaces[event->workspace->uuid()]++);
    if (event->subject_version != 0) REQUIRE(event->subject_version == ++versions[event->subject.id]);
  }
  REQUIRE(value_of(events::load_head(store)).tree.size() == sequence);
}

/// A replay of the log gives the rows, byte for byte.
inline void check_replay(events::Store& store) {
  const auto report = value_of(projections::rebuild(store, projections::RebuildMode::check, {}));
  for (const auto& difference : report.first_differences) {
    UNSCOPED_INFO(events::name_of(difference.family) << " " << difference.key_hex);
  }
  REQUIRE(report.differences == 0);
}

/// owner_count is what a count of the tokens marked active says.
inline void check_owner_counts(const events::Store& store) {
  std::map<std::pair<core::WorkspaceId, core::UserId>, std::uint64_t> counted;
  const auto tokens = store.scan(events::Family::token, {});
  for (; tokens->valid(); tokens->next()) {
    const core::WorkspaceId workspace{projections::uuid_at(tokens->key(), 0)};
    const auto token = value_of(
        projections::decode_token(workspace, core::TokenId{projections::uuid_at(tokens->key(), 16)}, tokens->value()));
    counted[{workspace, token.owner}] += token.mark == core::TokenMark::active ? 1 : 0;
  }
  for (const auto& [owner, count] : counted) {
    REQUIRE(value_of(projections::load_owner_count(store, owner.first, owner.second)) == count);
  }
}

/// Whoever is gone and of whom nothing is ending has no active token, nor a living access token but with `keep`.
inline void check_endings(const events::Store& store) {
  const auto people = store.scan(events::Family::person, {});
  for (; people->valid(); people->next()) {
    const core::UserId user{projections::uuid_at(people->key(), 0)};
    const auto person = value_of(projections::load_person(store, user));
    const auto ending = value_of(projections::load_ending(store, user));
    const auto tokens = store.scan(events::Family::token, {});
    for (; tokens->valid(); tokens->next()) {
      const core::WorkspaceId workspace{projections::uuid_at(tokens->key(), 0)};
      const core::TokenId id{projections::uuid_at(tokens->key(), 16)};
      const auto token = value_of(projections::decode_token(workspace, id, tokens->value()));
      if (token.owner != user) continue;
      const auto member = value_of(projections::load_member(store, workspace, user));
      if (member && !person->deactivated_at) continue;
      const bool is_ending = ending && ending->covers(workspace);
      // At the latest of its events: what had ended by itself was not stopped.
      const auto end = value_of(events::load_head(store)).last_recorded_at;
      if (!is_ending && token.expires_at > end) REQUIRE(token.mark != core::TokenMark::active);
      if (!person->deactivated_at || !person->access_revoked_at) continue;
      if (*person->access_revoked_at < *person->deactivated_at) continue;
      const std::int64_t issued = core::seconds_of(*person->deactivated_at);
      const projections::TokenQueries queries{store};
      const core::PresentedAccess presented{workspace, id, user, {}, {}, issued, issued + 3'600};
      REQUIRE_FALSE(value_of(queries.access_verdict(presented, *person->deactivated_at)).is_live());
    }
  }
}

/// What descends from a token whose access tokens were ended lives at no door's rule.
inline void check_descendants(const events::Store& store, const std::vector<core::TokenState>& tokens,
                              core::Timestamp now) {
  const projections::TokenQueries queries{store};
  for (const core::TokenState& token : tokens) {
    bool is_ended = false;
    for (core::TokenId above = token.parent; !above.is_nil();) {
      const auto ancestor = value_of(projections::load_token(store, token.workspace, above));
      REQUIRE(ancestor);
      is_ended |= ancestor->access_revoked_at.has_value();
      REQUIRE(token.expires_at <= ancestor->expires_at);
      above = ancestor->parent;
    }
    if (!is_ended) continue;
    // Whatever an access token says of its own time.
    const std::int64_t issued = core::seconds_of(now) + 9;
    const core::PresentedAccess access{token.workspace, token.id, token.owner, {}, {}, issued, issued + 9};
    REQUIRE_FALSE(value_of(queries.access_verdict(access, now)).is_live());
    REQUIRE(value_of(queries.find(token.workspace, token.id, now))->status != core::TokenStatus::active);
  }
}

/// Active may become disabled or deleted, disabled may become deleted, and nothing ever comes back.
class TerminalStates {
 public:
  void check(const events::Store& store, const std::vector<core::TokenState>& tokens) {
    for (const core::TokenState& token : tokens) {
      const auto now = value_of(projections::load_token(store, token.workspace, token.id));
      REQUIRE(now);
      const auto [mark, is_new] = marks_.try_emplace(token.id, now->mark);
      REQUIRE(now->mark >= mark->second);
      REQUIRE(now->expires_at == token.expires_at);
      mark->second = now->mark;
    }
  }

 private:
  std::unordered_map<core::TokenId, core::TokenMark> marks_;
};

}  // namespace tally::testing
