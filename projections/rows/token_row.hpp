#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/state/token.hpp"
#include "events/store/store.hpp"

/// The row of a token: everything of its state but the two ids, which are its key. Source: docs/formats.md ("token").
namespace tally::projections {

/// Replaces `out`, whose memory is reused. About 50 ns.
core::Result<void> encode_token(const core::TokenState& token, std::string& out);
/// Errors: corrupt.
core::Result<core::TokenState> decode_token(core::WorkspaceId workspace, core::TokenId token, std::string_view row);

/// A row of token_by_owner: what a count of active tokens needs, without the token's own row.
struct OwnedToken {
  core::TokenMark mark = core::TokenMark::active;
  core::Timestamp expires_at;
};
void encode_owned_token(const OwnedToken& token, std::string& out);
/// Errors: corrupt.
core::Result<OwnedToken> decode_owned_token(std::string_view row);

}  // namespace tally::projections
