#include "projections/rows/token_row.hpp"

namespace tally::projections {

core::Result<void> encode_token(const core::TokenState& token, std::string& out) { return encode_row(token, out); }

core::Result<core::TokenState> decode_token(core::WorkspaceId workspace, core::TokenId token, std::string_view row) {
  core::Result<core::TokenState> state{core::TokenState{}};
  state->id = token;
  state->workspace = workspace;
  TALLY_TRY(read_row("token", row, *state));
  return state;
}

void encode_owned_token(const OwnedToken& token, std::string& out) { encode_fixed_row(token, out); }

core::Result<OwnedToken> decode_owned_token(std::string_view row) {
  return decode_row<OwnedToken>("token_by_owner", row);
}

}  // namespace tally::projections
