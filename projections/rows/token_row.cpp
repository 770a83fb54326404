#include "projections/rows/token_row.hpp"

#include "projections/rows/row_codec.hpp"

namespace tally::projections {

namespace {

enum TokenFlag : std::uint8_t {
  has_last_refreshed_at = 1,
  has_stopped_at = 2,
  has_stopped_by = 4,
  has_access_revoked_at = 8,
  has_revoked_access_tokens = 16,
  has_confirmation = 32,
  has_imported_at = 64,
  has_parent = 128,
};
constexpr std::uint8_t kAllTokenFlags = 255;
/// Since 2: retries, the end of its access tokens, its parent.
constexpr std::uint8_t kTokenRowVersion = 2;

std::uint8_t flags_of(const core::TokenState& token) {
  return static_cast<std::uint8_t>(
      (token.last_refreshed_at ? has_last_refreshed_at : 0) | (token.stopped_at ? has_stopped_at : 0) |
      (token.stopped_by ? has_stopped_by : 0) | (token.access_revoked_at ? has_access_revoked_at : 0) |
      (token.has_revoked_access_tokens ? has_revoked_access_tokens : 0) | (token.confirmation ? has_confirmation : 0) |
      (token.imported_at ? has_imported_at : 0) | (token.parent.is_nil() ? 0 : has_parent));
}

}  // namespace

core::Result<void> encode_token(const core::TokenState& token, std::string& out) {
  return write_row(out, [&](auto& row) {
    row.u8(kTokenRowVersion);
    row.u8(static_cast<std::uint8_t>(token.kind));
    row.u8(static_cast<std::uint8_t>(token.mark));
    row.u8(flags_of(token));
    row.uuid(token.owner.uuid());
    row.time(token.created_at);
    row.time(token.expires_at);
    row.u64(token.policy_sequence);
    row.u64(token.created_sequence);
    row.u32(token.generation);
    row.digest(token.secret_hash);
    row.u64(token.refresh_count);
    row.u32(token.retry_count);
    row.time(token.access_expires_at);
    row.u64(token.version);
    row.u8(static_cast<std::uint8_t>(token.stop_cause));
    // There in any case: a row that keeps its length through a refresh is replaced where it lies.
    row.time(token.last_refreshed_at.value_or(core::Timestamp{}));
    if (token.stopped_at) row.time(*token.stopped_at);
    if (token.stopped_by) {
      row.u8(static_cast<std::uint8_t>(token.stopped_by->kind));
      row.uuid(token.stopped_by->id);
    }
    if (token.access_revoked_at) row.time(*token.access_revoked_at);
    if (token.confirmation) {
      row.u8(static_cast<std::uint8_t>(token.confirmation->method));
      row.digest(token.confirmation->thumbprint);
    }
    if (token.imported_at) row.time(*token.imported_at);
    if (!token.parent.is_nil()) row.uuid(token.parent.uuid());
    row.text(token.name);
    row.scope(token.scope);
    row.text(token.stop_reason);
  });
}

core::Result<core::TokenState> decode_token(core::WorkspaceId workspace, core::TokenId token, std::string_view value) {
  core::Result<core::TokenState> result{core::TokenState{}};
  core::TokenState& state = *result;
  state.id = token;
  state.workspace = workspace;
  RowReader row{value};
  row.version(kTokenRowVersion);
  state.kind = row.enumerator(core::TokenKind::legacy);
  state.mark = row.enumerator(core::TokenMark::deleted);
  const std::uint8_t flags = row.flags(kAllTokenFlags);
  state.owner = core::UserId{row.uuid()};
  state.created_at = row.time();
  state.expires_at = row.time();
  state.policy_sequence = row.u64();
  state.created_sequence = row.u64();
  state.generation = row.u32();
  state.secret_hash = row.digest();
  state.refresh_count = row.u64();
  state.retry_count = row.u32();
  state.access_expires_at = row.time();
  state.version = row.u64();
  state.stop_cause = row.enumerator(core::DisableCause::clock);
  const core::Timestamp last_refreshed_at = row.time();
  if (flags & has_last_refreshed_at) {
    state.last_refreshed_at = last_refreshed_at;
  } else {
    row.require(last_refreshed_at == core::Timestamp{});
  }
  if (flags & has_stopped_at) state.stopped_at = row.time();
  if (flags & has_stopped_by) {
    const auto kind = row.enumerator(core::ActorKind::system);
    state.stopped_by = core::Actor{kind, row.uuid()};
  }
  if (flags & has_access_revoked_at) state.access_revoked_at = row.time();
  state.has_revoked_access_tokens = (flags & has_revoked_access_tokens) != 0;
  if (flags & has_confirmation) {
    const auto method = row.enumerator(core::ConfirmationMethod::x5t_s256);
    state.confirmation = core::Confirmation{method, row.digest()};
  }
  if (flags & has_imported_at) state.imported_at = row.time();
  if (flags & has_parent) state.parent = core::TokenId{row.uuid()};
  row.require(((flags & has_parent) != 0) != state.parent.is_nil());
  row.require((state.kind == core::TokenKind::legacy) == state.imported_at.has_value());
  state.name = row.text();
  state.scope = row.scope();
  state.stop_reason = row.text();
  if (!row.complete()) return corrupt_row("token");
  return result;
}

void encode_owned_token(const OwnedToken& token, std::string& out) {
  write_fixed_row(out, [&](auto& row) {
    row.u8(static_cast<std::uint8_t>(token.mark));
    row.time(token.expires_at);
  });
}

core::Result<OwnedToken> decode_owned_token(std::string_view value) {
  RowReader row{value};
  OwnedToken token;
  token.mark = row.enumerator(core::TokenMark::deleted);
  token.expires_at = row.time();
  if (!row.complete()) return corrupt_row("token_by_owner");
  return token;
}

}  // namespace tally::projections
