#include "projections/fold/token_projection.hpp"

#include <array>
#include <utility>

#include "core/token/token_decider.hpp"
#include "projections/fold/ending_events.hpp"
#include "projections/fold/misfit.hpp"
#include "projections/rows/descent.hpp"
#include "projections/rows/keys.hpp"
#include "projections/rows/load.hpp"
#include "projections/rows/opaque_access.hpp"
#include "projections/rows/row_codec.hpp"
#include "projections/rows/token_row.hpp"

namespace tally::projections {

using core::Errc;
using core::Event;
using core::Result;
using core::TokenMark;
using core::TokenState;
using events::Family;

namespace {

constexpr std::array kTokenFamilies{Family::token,         Family::token_by_owner,  Family::token_home,
                                    Family::owner_count,   Family::secret,          Family::revoked_access,
                                    Family::revoked_token, Family::access_secret,   Family::access_queue,
                                    Family::ending,        Family::token_by_parent, Family::ending_token};

bool is_first(const Event& event) {
  return std::holds_alternative<core::TokenGenerated>(event.payload) ||
         std::holds_alternative<core::LegacyTokenImported>(event.payload);
}

/// What evolve() takes for granted of the token; here it may be wrong, because bytes on a disk may be.
struct Fits {
  const TokenState& token;

  bool operator()(const core::TokenRefreshed& event) const {
    return is_active() && event.generation == token.generation + 1 && !(event.confirmation && token.confirmation);
  }
  bool operator()(const core::TokenRefreshRetried& event) const {
    return is_active() && event.generation == token.generation;
  }
  bool operator()(const core::TokenReuseDetected& event) const { return event.presented_generation < token.generation; }
  bool operator()(const core::TokenDisabled&) const { return is_active(); }
  bool operator()(const core::TokenDeleted&) const { return token.mark != TokenMark::deleted; }
  bool operator()(const core::AccessRevoked&) const { return true; }
  bool operator()(const core::AccessExchanged&) const { return is_active(); }
  bool operator()(const core::DescendantsDisabled&) const { return true; }
  template <class Other>
  bool operator()(const Other&) const {
    return false;
  }

 private:
  [[nodiscard]] bool is_active() const { return token.mark == TokenMark::active; }
};

}  // namespace

bool fits_after(const std::optional<TokenState>& before, const Event& event) {
  if (event.subject.kind != core::SubjectKind::token || !event.workspace) return false;
  if (!before) return is_first(event) && event.subject_version == 1;
  return event.subject.id == before->id.uuid() && event.workspace == before->workspace &&
         event.subject_version == before->version + 1 && std::visit(Fits{*before}, event.payload);
}

std::span<const Family> TokenProjection::families() const { return kTokenFamilies; }

Result<void> TokenProjection::apply(const Event& event, events::Rows& rows) {
  if (event.subject.kind == core::SubjectKind::token) {
    return is_first(event) ? create(event, rows) : change(event, rows);
  }
  if (const auto* added = std::get_if<core::ResourceServerAdded>(&event.payload)) {
    if (!event.workspace) return misfit(event, "token's row");
    encode_secret_home({core::SubjectKind::resource_server, *event.workspace, added->resource_server.uuid(), 0}, row_);
    rows.put(Family::secret, key_of_digest(added->secret_hash), row_);
  }
  return enter_ending(event, rows, row_);
}

Result<void> TokenProjection::create(const Event& event, events::Rows& rows) {
  if (!fits_after(std::nullopt, event)) return misfit(event, "token's row");
  const TokenState token = core::evolve(std::optional<TokenState>{}, event);
  TALLY_TRY(encode_token(token, row_));
  rows.put(Family::token, key_of(token.workspace, token.id), row_);
  encode_token_home(token.workspace, row_);
  rows.put(Family::token_home, key_of(token.id), row_);
  put_owned(token, rows);
  put_secret(token, rows);
  if (!token.parent.is_nil()) {
    rows.put(Family::token_by_parent, key_of(token.parent, token.expires_at, token.id), {});
  }
  TALLY_TRY_ASSIGN(const std::uint64_t count, load_owner_count(rows, token.workspace, token.owner));
  encode_owner_count(count + 1, row_);
  rows.put(Family::owner_count, key_of(token.workspace, token.owner), row_);
  return enter_opaque_access(event, rows, row_);
}

Result<void> TokenProjection::change(const Event& event, events::Rows& rows) {
  if (!event.workspace) return misfit(event, "token's row");
  const core::TokenId id{event.subject.id};
  const auto key = key_of(*event.workspace, id);
  TALLY_TRY_ASSIGN(const auto row, rows.get(Family::token, key));
  if (!row) return misfit(event, "token's row");
  TALLY_TRY_ASSIGN(std::optional<TokenState> before, decode_token(*event.workspace, id, *row));
  if (!fits_after(before, event)) return misfit(event, "token's row");
  const TokenMark mark_before = before->mark;
  const bool was_revoked = before->access_revoked_at.has_value();
  const std::uint32_t generation_before = before->generation;
  const TokenState token = core::evolve(std::move(before), event);
  TALLY_TRY(encode_token(token, row_));
  rows.put(Family::token, key, row_);

  if (token.generation != generation_before) put_secret(token, rows);
  if (token.mark != mark_before) {
    put_owned(token, rows);
    if (mark_before == TokenMark::active) TALLY_TRY(count_stopped(token, rows));
  }
  if (token.access_revoked_at && !was_revoked) {
    rows.put(Family::revoked_token, key_of(core::Sequence{token.created_sequence}), {});
    // What descends from it was stopped before or is stopped on its own account: nobody comes this way again.
    if (!token.parent.is_nil()) {
      rows.erase(Family::token_by_parent, key_of(token.parent, token.expires_at, token.id));
    }
  }
  if (const auto* revoked = std::get_if<core::AccessRevoked>(&event.payload);
      revoked && !revoked->access_token.is_nil()) {
    encode_revoked_access(revoked->access_expires_at, row_);
    rows.put(Family::revoked_access, key_of(revoked->access_token), row_);
  }
  TALLY_TRY(note_descendants(event, token, rows));
  TALLY_TRY(count_ended(event, token.owner, rows, row_));
  return enter_opaque_access(event, rows, row_);
}

Result<void> TokenProjection::count_stopped(const TokenState& token, events::Rows& rows) {
  TALLY_TRY_ASSIGN(const std::uint64_t count, load_owner_count(rows, token.workspace, token.owner));
  if (count == 0) return corrupt_row("owner_count");
  encode_owner_count(count - 1, row_);
  rows.put(Family::owner_count, key_of(token.workspace, token.owner), row_);
  return {};
}

void TokenProjection::put_owned(const TokenState& token, events::Rows& rows) {
  encode_owned_token({token.mark, token.expires_at}, row_);
  rows.put(Family::token_by_owner, key_of(token.workspace, token.owner, token.id), row_);
}

void TokenProjection::put_secret(const TokenState& token, events::Rows& rows) {
  encode_secret_home({core::SubjectKind::token, token.workspace, token.id.uuid(), token.generation}, row_);
  rows.put(Family::secret, key_of_digest(token.secret_hash), row_);
}

}  // namespace tally::projections
