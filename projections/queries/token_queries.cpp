#include "projections/queries/token_queries.hpp"

#include <algorithm>
#include <utility>

#include "core/base/limits.hpp"
#include "core/token/token_decider.hpp"
#include "events/log/log.hpp"
#include "events/log/log_time.hpp"
#include "projections/fold/token_projection.hpp"
#include "projections/queries/indexed_event.hpp"
#include "projections/queries/token_list.hpp"
#include "projections/rows/cut_off.hpp"
#include "projections/rows/descent.hpp"
#include "projections/rows/keys.hpp"
#include "projections/rows/load.hpp"
#include "projections/rows/loaded_access.hpp"
#include "projections/rows/row_codec.hpp"

namespace tally::projections {

using core::Result;
using core::Sequence;
using core::Timestamp;
using core::TokenId;
using core::TokenState;
using core::WorkspaceId;
using events::Family;
using events::Reader;

namespace {

struct Folded {
  std::optional<TokenState> state;
  Sequence created;
};

/// The token's events before the `end`-th of the log, folded. Empty for a token that was not there yet, or is of
/// another workspace.
Result<Folded> fold_events(const Reader& reader, WorkspaceId workspace, TokenId token, Sequence end) {
  Folded folded;
  const auto cursor = reader.scan(Family::log_by_token, events::prefix_range(key_of(token)));
  for (; cursor->valid(); cursor->next()) {
    if (cursor->key().size() != 24) return corrupt_row("log_by_token");
    const Sequence sequence{load_big_endian<std::uint64_t>(cursor->key().data() + 16)};
    if (sequence >= end) return folded;
    TALLY_TRY_ASSIGN(const core::Event event, indexed_event(reader, sequence));
    if (event.workspace != workspace) return Folded{};
    if (event.subject != core::subject_of(token) || !fits_after(folded.state, event)) {
      return corrupt_row("log_by_token");
    }
    const bool is_first = !folded.state;
    folded.state = core::evolve(std::move(folded.state), event);
    // A legacy token is older than its event: any cut-off can touch it.
    if (is_first && folded.state->kind == core::TokenKind::oauth2) folded.created = sequence;
  }
  TALLY_TRY(cursor->status());
  return folded;
}

/// The workspace's cut-off as it stood then, as far as it can touch a token created by event `created`: one moved
/// before that cannot, for no cut-off lies ahead of its own event.
Result<std::optional<Timestamp>> cut_off_as_of(const Reader& reader, WorkspaceId workspace, Sequence created,
                                               Sequence end) {
  TALLY_TRY_ASSIGN(const auto today, load_workspace(reader, workspace));
  std::optional<Timestamp> cut_off;
  if (!today || !today->cut_off_at) return cut_off;
  events::ScanRange range = events::prefix_range(key_of(workspace));
  range.from = key_of(workspace, created).str();
  const auto cursor = reader.scan(Family::log_by_workspace, range);
  for (; cursor->valid(); cursor->next()) {
    if (cursor->key().size() != 24 || cursor->value().size() != 2) return corrupt_row("log_by_workspace");
    const Sequence sequence{load_big_endian<std::uint64_t>(cursor->key().data() + 16)};
    if (sequence >= end) return cut_off;
    const auto type = static_cast<core::EventType>(load_big_endian<std::uint16_t>(cursor->value().data()));
    if (type != core::EventType::cut_off_moved) continue;
    TALLY_TRY_ASSIGN(const core::Event event, indexed_event(reader, sequence));
    if (const auto* moved = std::get_if<core::CutOffMoved>(&event.payload)) cut_off = moved->issued_before;
  }
  TALLY_TRY(cursor->status());
  return cut_off;
}

Result<std::optional<TokenRecord>> record_as_of(const Reader& reader, WorkspaceId workspace, TokenId token,
                                                Sequence end, Timestamp moment) {
  TALLY_TRY_ASSIGN(auto folded, fold_events(reader, workspace, token, end));
  if (!folded.state) return std::optional<TokenRecord>{};
  TALLY_TRY_ASSIGN(const auto cut_off, cut_off_as_of(reader, workspace, folded.created, end));
  TokenRecord record;
  record.status = core::status_at(*folded.state, moment, cut_off);
  record.state = std::move(*folded.state);
  return std::optional{std::move(record)};
}

}  // namespace

Result<std::optional<TokenRecord>> TokenQueries::find(WorkspaceId workspace, TokenId token, Timestamp now) const {
  const auto snapshot = store_.snapshot();
  TALLY_TRY_ASSIGN(auto state, load_token(*snapshot, workspace, token));
  if (!state) return std::optional<TokenRecord>{};
  TALLY_TRY_ASSIGN(const auto home, load_workspace(*snapshot, workspace));
  Descent descent;
  if (home) {
    TALLY_TRY_ASSIGN(descent, load_descent(*snapshot, *state, *home));
  }
  TALLY_TRY_ASSIGN(auto record, record_of(*snapshot, std::move(*state), now, home ? home->cut_off_at : std::nullopt));
  TALLY_TRY_ASSIGN(const auto ending, load_ending(*snapshot, record.state.owner));
  // Its own event may be still to come.
  const bool is_ending = descent.is_ended || (ending && ending->covers(workspace));
  if (is_ending && record.status == core::TokenStatus::active) record.status = core::TokenStatus::disabled;
  return std::optional{std::move(record)};
}

Result<core::LostAnswer> TokenQueries::lost_answer(const TokenState& token, const core::WorkspaceState& workspace,
                                                   const std::optional<core::Confirmation>& proven,
                                                   Timestamp now) const {
  if (token.generation == 0) return core::LostAnswer::none;
  const auto snapshot = store_.snapshot();
  TALLY_TRY_ASSIGN(const auto ending, load_ending(*snapshot, token.owner));
  TALLY_TRY_ASSIGN(const auto descent, load_descent(*snapshot, token, workspace));
  if (descent.is_ended || (ending && ending->covers(workspace.id))) return core::LostAnswer::none;
  TALLY_TRY_ASSIGN(const auto retry, load_retry(*snapshot, token.id));
  core::RefreshSituation situation{&token, token.generation - 1, &workspace};
  situation.has_sealed_successor = retry && retry->is_of(situation.presented_generation, now);
  return core::lost_answer(situation, proven, now);
}

Result<CutOffLook> TokenQueries::look_for_cut_off(const core::DisableIssuedBefore& command, Timestamp now) const {
  const auto snapshot = store_.snapshot();
  return projections::look_for_cut_off(*snapshot, command, now);
}

Result<std::optional<TokenState>> TokenQueries::find_state(WorkspaceId workspace, TokenId token) const {
  return load_token(store_, workspace, token);
}

Result<std::optional<TokenRecord>> TokenQueries::find_as_of(WorkspaceId workspace, TokenId token,
                                                            Sequence as_of) const {
  const auto snapshot = store_.snapshot();
  TALLY_TRY_ASSIGN(const auto head, events::load_head(*snapshot));
  if (head.tree.size() == 0) return std::optional<TokenRecord>{};
  // "After event n" of a ledger that has not come to n is its state now, at the time of its last event.
  const Sequence last{std::min(as_of.value, head.tree.size() - 1)};
  TALLY_TRY_ASSIGN(const core::Event event, indexed_event(*snapshot, last));
  return record_as_of(*snapshot, workspace, token, Sequence{last.value + 1}, event.recorded_at);
}

Result<std::optional<TokenRecord>> TokenQueries::find_as_of(WorkspaceId workspace, TokenId token,
                                                            Timestamp as_of) const {
  const auto snapshot = store_.snapshot();
  TALLY_TRY_ASSIGN(const auto head, events::load_head(*snapshot));
  TALLY_TRY_ASSIGN(const std::uint64_t end, events::events_until(*snapshot, head, as_of));
  return record_as_of(*snapshot, workspace, token, Sequence{end}, as_of);
}

Result<TokenPage> TokenQueries::list(const TokenListRequest& request) const {
  const auto snapshot = store_.snapshot();
  return list_tokens(*snapshot, request);
}

Result<std::optional<Timestamp>> TokenQueries::last_used_at(TokenId token) const {
  TALLY_TRY_ASSIGN(const auto usage, load_usage(store_, token));
  return usage ? std::optional{usage->last_used_at} : std::nullopt;
}

Result<TokenCount> TokenQueries::count_active_before(WorkspaceId workspace, std::optional<core::UserId> owner,
                                                     Timestamp time, Timestamp now) const {
  const auto snapshot = store_.snapshot();
  TokenListRequest whose;
  whose.workspace = workspace;
  whose.owner = owner;
  whose.now = now;
  return projections::count_active_before(*snapshot, whose, time);
}

Result<core::Bytes> TokenQueries::revoked_bits(Sequence first, std::size_t count) const {
  TALLY_CHECK(count % 8 == 0);
  core::Bytes bits(count / 8);
  events::ScanRange range;
  range.from = key_of(first).str();
  range.until = key_of(Sequence{first.value + count}).str();
  const auto cursor = store_.scan(Family::revoked_token, range);
  for (; cursor->valid(); cursor->next()) {
    if (cursor->key().size() != sizeof(std::uint64_t)) return corrupt_row("revoked_token");
    const std::uint64_t place = load_big_endian<std::uint64_t>(cursor->key().data()) - first.value;
    bits[place / 8] = static_cast<std::uint8_t>(bits[place / 8] | 1U << place % 8);
  }
  TALLY_TRY(cursor->status());
  return bits;
}

Result<std::vector<EndingToken>> TokenQueries::ending_tokens() const {
  std::vector<EndingToken> ending;
  const auto cursor = store_.scan(Family::ending_token, {});
  for (; cursor->valid() && ending.size() < core::limits::kIdsPerBulkCallMax; cursor->next()) {
    if (cursor->key().size() != 32) return corrupt_row("ending_token");
    ending.push_back({WorkspaceId{uuid_at(cursor->key(), 0)}, TokenId{uuid_at(cursor->key(), 16)}});
  }
  TALLY_TRY(cursor->status());
  return ending;
}

Result<std::optional<SecretHome>> TokenQueries::find_secret(const core::Digest& secret_hash) const {
  // No snapshot: a secret's row is written once, and a server that is there a moment later was there when it was.
  TALLY_TRY_ASSIGN(auto home, load_secret_home(store_, secret_hash));
  if (!home || home->kind != core::SubjectKind::resource_server) return home;
  // A removed server's secret row stays behind.
  TALLY_TRY_ASSIGN(const auto server,
                   load_resource_server(store_, home->workspace, core::ResourceServerId{home->subject}));
  if (!server || server->secret_hash != secret_hash) return std::optional<SecretHome>{};
  return home;
}

Result<std::optional<AcceptedLegacyToken>> TokenQueries::accepted_legacy_token(std::optional<WorkspaceId> workspace,
                                                                               const core::Digest& token_hash,
                                                                               Timestamp now) const {
  std::optional<AcceptedLegacyToken> none;
  TALLY_TRY_ASSIGN(const auto home, load_secret_home(store_, token_hash));
  if (!home || home->kind != core::SubjectKind::token || home->workspace != workspace.value_or(home->workspace)) {
    return none;
  }
  // The owner is only known by the token, which must be read after what is ending: of one moment.
  const auto snapshot = store_.snapshot();
  TALLY_TRY_ASSIGN(auto token, load_token(*snapshot, home->workspace, TokenId{home->subject}));
  TALLY_TRY_ASSIGN(const auto state, load_workspace(*snapshot, home->workspace));
  if (!token || !state) return corrupt_row("secret");
  if (token->kind != core::TokenKind::legacy) return none;
  TALLY_TRY_ASSIGN(const auto ending, load_ending(*snapshot, token->owner));
  if (!core::is_accepted_legacy(*token, *state, ending ? &*ending : nullptr, now)) return none;
  const auto& sunset_at = state->policy.legacy_sunset_at;
  const Timestamp end = sunset_at ? std::min(*sunset_at, token->expires_at) : token->expires_at;
  return std::optional{AcceptedLegacyToken{*std::move(token), end}};
}

Result<AccessVerdict> TokenQueries::access_verdict(const core::PresentedAccess& access, Timestamp now) const {
  // No snapshot: an access token that is dead never lives again, so a row read a moment later can only say dead for
  // good reason.
  TALLY_TRY_ASSIGN(LoadedAccess loaded, load_access(store_, access));
  const auto end = core::access_end(loaded.situation(), access, now);
  if (!end && !loaded.owner) return corrupt_row("token");
  return AccessVerdict{end, end ? core::PersonState{} : *std::move(loaded.owner)};
}

}  // namespace tally::projections
