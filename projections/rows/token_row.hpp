#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/state/token.hpp"
#include "projections/rows/row_fields.hpp"

/// The row of a token: everything of its state but the two ids, which are its key. Source: docs/formats.md ("token").
namespace tally::projections {

/// Since 2: retries, the end of its access tokens, its parent.
inline constexpr std::uint8_t kTokenRowVersion = 2;

void describe(RowOf<core::TokenState> auto& token, auto& fields) {
  fields.version(kTokenRowVersion);
  fields.enumerator("kind", token.kind, core::TokenKind::legacy);
  fields.enumerator("mark", token.mark, core::TokenMark::deleted);
  fields.flags();
  fields.field("owner", token.owner);
  fields.field("created", token.created_at);
  fields.field("expires", token.expires_at);
  fields.field("policy sequence", token.policy_sequence);
  fields.field("sequence of its first event", token.created_sequence);
  fields.field("generation", token.generation);
  fields.field("hash of the current secret", token.secret_hash);
  fields.field("refreshes", token.refresh_count);
  fields.field("retries of the current secret", token.retry_count);
  fields.field("latest end of an access token", token.access_expires_at, "0: none");
  fields.field("events", token.version);
  fields.enumerator("cause of the stop", token.stop_cause, core::DisableCause::clock);
  // There in any case: a row that keeps its length through a refresh is replaced where it lies.
  fields.slot(1, "last refreshed", token.last_refreshed_at);
  fields.optional(2, "stopped", token.stopped_at);
  fields.group(4, "by", token.stopped_by, [&](auto& actor) {
    fields.enumerator("kind", actor.kind, core::ActorKind::system);
    fields.field("id", actor.id);
  });
  fields.optional(8, "access revoked", token.access_revoked_at);
  fields.flag(16, "single access tokens were revoked", token.has_revoked_access_tokens, true);
  fields.group(32, "bound to a key:", token.confirmation, [&](auto& confirmation) {
    fields.enumerator("method", confirmation.method, core::ConfirmationMethod::x5t_s256,
                      "1 is a DPoP key's thumbprint, 2 a certificate's");
    fields.field("SHA-256", confirmation.thumbprint);
  });
  fields.optional(64, "imported", token.imported_at, "for a legacy token and no other");
  fields.optional(128, "parent", token.parent);
  fields.field("name", token.name);
  fields.field("scopes", token.scope);
  fields.field("reason", token.stop_reason);
  fields.require([&] { return (token.kind == core::TokenKind::legacy) == token.imported_at.has_value(); });
}
/// Replaces `out`, whose memory is reused.
core::Result<void> encode_token(const core::TokenState& token, std::string& out);
/// Errors: corrupt.
core::Result<core::TokenState> decode_token(core::WorkspaceId workspace, core::TokenId token, std::string_view row);

/// A row of token_by_owner: what a count of active tokens needs, without the token's own row.
struct OwnedToken {
  core::TokenMark mark = core::TokenMark::active;
  core::Timestamp expires_at;
};
void describe(RowOf<OwnedToken> auto& token, auto& fields) {
  fields.enumerator("mark", token.mark, core::TokenMark::deleted);
  fields.field("expires", token.expires_at);
}
void encode_owned_token(const OwnedToken& token, std::string& out);
/// Errors: corrupt.
core::Result<OwnedToken> decode_owned_token(std::string_view row);

}  // namespace tally::projections
