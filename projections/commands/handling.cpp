#include "projections/commands/handling.hpp"

#include <utility>

#include "projections/commands/commands.hpp"
#include "projections/rows/descent.hpp"
#include "projections/rows/keys.hpp"
#include "projections/rows/load.hpp"
#include "projections/rows/loaded_access.hpp"
#include "projections/rows/person_row.hpp"
#include "projections/rows/row_codec.hpp"
#include "projections/rows/token_row.hpp"

namespace tally::projections {

using core::Result;
using core::TokenId;
using events::Family;

namespace {

struct Owned {
  TokenId id;
  OwnedToken token;
};

/// The owner's tokens that are marked active and not expired at `now`.
Result<std::vector<Owned>> unexpired_tokens(const events::Reader& reader, core::WorkspaceId workspace,
                                            core::UserId owner, core::Timestamp now) {
  std::vector<Owned> found;
  const auto cursor = reader.scan(Family::token_by_owner, events::prefix_range(key_of(workspace, owner)));
  for (; cursor->valid(); cursor->next()) {
    if (cursor->key().size() != 48) return corrupt_row("token_by_owner");
    TALLY_TRY_ASSIGN(const OwnedToken token, decode_owned_token(cursor->value()));
    if (token.mark != core::TokenMark::active || token.expires_at <= now) continue;
    found.push_back({TokenId{uuid_at(cursor->key(), 32)}, token});
  }
  TALLY_TRY(cursor->status());
  return found;
}

/// The row that an index says is there.
Result<core::TokenState> load_indexed_token(const events::Reader& reader, core::WorkspaceId workspace, TokenId id) {
  TALLY_TRY_ASSIGN(auto token, load_token(reader, workspace, id));
  if (!token) return corrupt_row("token_by_owner");
  return std::move(*token);
}

}  // namespace

Result<core::CallerRights> load_caller_rights(const events::Reader& reader, const core::CommandContext& context,
                                              std::optional<core::WorkspaceId> workspace) {
  core::CallerRights rights;
  if (!core::is_person(context.actor)) return rights;
  rights.user = core::UserId{context.actor.id};
  TALLY_TRY_ASSIGN(const auto person, load_person(reader, rights.user));
  rights.is_active = person && !person->deactivated_at;
  rights.is_operator = person && person->is_operator();
  if (!workspace) return rights;
  TALLY_TRY_ASSIGN(const auto member, load_member(reader, *workspace, rights.user));
  if (member) rights.role = member->role;
  return rights;
}

Result<void> check_actor(const Transaction& transaction, const CommandContext& context, Effect effect) {
  if (effect == Effect::records || effect == Effect::goes_on) return {};
  if (context.bearer) {
    TALLY_TRY_ASSIGN(const LoadedAccess loaded, load_access(transaction, context.bearer->presented));
    const core::BearerSituation bearer{loaded.situation(), loaded.descent.depth};
    TALLY_TRY(core::check_bearer(bearer, *context.bearer, context.at));
  }
  if (effect == Effect::own_account || !core::is_person(context.actor)) return {};
  TALLY_TRY_ASSIGN(const auto standing, load_server_standing(transaction, core::UserId{context.actor.id}));
  if (standing != core::ServerStanding::auditor) return {};
  return core::auditor_changes_nothing();
}

/// Whether another person than `user` is an active break-glass account. Few have a standing.
Result<core::OtherBreakGlass> other_break_glass(const events::Reader& reader, core::UserId user) {
  const auto cursor = reader.scan(Family::server_standing, {});
  for (; cursor->valid(); cursor->next()) {
    if (cursor->key().size() != 16) return corrupt_row("server_standing");
    TALLY_TRY_ASSIGN(const auto standing, decode_server_standing(cursor->value()));
    const core::UserId other{uuid_at(cursor->key(), 0)};
    if (standing != core::ServerStanding::break_glass || other == user) continue;
    TALLY_TRY_ASSIGN(const auto person, load_person(reader, other));
    if (!person) return corrupt_row("server_standing");
    if (!person->deactivated_at) return core::OtherBreakGlass::active;
  }
  TALLY_TRY(cursor->status());
  return core::OtherBreakGlass::none;
}

Result<std::vector<core::Event>> record(events::Transaction& transaction, const core::CommandContext& context,
                                        core::Decision decision) {
  TALLY_TRY(add_descendants(transaction, context.at, decision.events));
  return record_alone(transaction, context, std::move(decision));
}

Result<std::vector<core::Event>> record_alone(events::Transaction& transaction, const core::CommandContext& context,
                                              core::Decision decision) {
  TALLY_TRY_ASSIGN(auto events, transaction.append(context, std::move(decision.events)));
  if (decision.refusal) return *std::move(decision.refusal);
  return events;
}

core::TokenId next_token_id(const Transaction& transaction, const CommandContext& context, core::Timestamp created_at) {
  return core::TokenId{core::make_uuid_v7_in_log(created_at, transaction.next_sequence(), context.entropy)};
}

Result<std::uint64_t> count_active_tokens(const events::Reader& reader, const core::WorkspaceState& workspace,
                                          core::UserId owner, core::Timestamp now, std::uint64_t enough) {
  TALLY_TRY_ASSIGN(const std::uint64_t marked_active, load_owner_count(reader, workspace.id, owner));
  if (marked_active < enough) return marked_active;
  TALLY_TRY_ASSIGN(const auto tokens, unexpired_tokens(reader, workspace.id, owner, now));
  std::uint64_t count = 0;
  for (const Owned& owned : tokens) {
    // An id is drawn no later than its token is recorded, so only an id from before the cut-off can be of a token
    // before it.
    if (workspace.cut_off_at && core::time_of_uuid_v7(owned.id.uuid()) < *workspace.cut_off_at) {
      TALLY_TRY_ASSIGN(const core::TokenState token, load_indexed_token(reader, workspace.id, owned.id));
      if (core::status_at(token, now, workspace.cut_off_at) != core::TokenStatus::active) continue;
    }
    ++count;
  }
  return count;
}

}  // namespace tally::projections
