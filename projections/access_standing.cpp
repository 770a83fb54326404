#include "projections/access_standing.hpp"

#include "core/limits.hpp"
#include "projections/rows/keys.hpp"
#include "projections/rows/load.hpp"
#include "projections/rows/row_codec.hpp"

namespace tally::projections {

using core::Result;
using core::TokenId;
using core::TokenState;
using events::Family;
using events::Reader;

namespace {

template <class Value>
const Value* pointer_to(const std::optional<Value>& value) {
  return value ? &*value : nullptr;
}

/// A token without a parent costs no look-up.
Result<bool> has_revoked_ancestor(const Reader& reader, const TokenState& token) {
  for (TokenId above = token.parent; !above.is_nil();) {
    TALLY_TRY_ASSIGN(const auto ancestor, load_token(reader, token.workspace, above));
    if (!ancestor) return corrupt_row("token");
    if (ancestor->access_revoked_at) return true;
    above = ancestor->parent;
  }
  return false;
}

Result<bool> is_revoked_alone(const Reader& reader, core::AccessTokenId id) {
  if (id.is_nil()) return false;
  TALLY_TRY_ASSIGN(const auto row, reader.get(Family::revoked_access, key_of(id)));
  return row.has_value();
}

}  // namespace

core::AccessSituation LoadedAccess::situation() const {
  return {
      pointer_to(ending), pointer_to(token),  pointer_to(workspace), owner ? owner->access_revoked_at : std::nullopt,
      is_revoked,         is_ancestor_revoked};
}

Result<LoadedAccess> load_access(const Reader& reader, const core::PresentedAccess& presented) {
  LoadedAccess loaded;
  TALLY_TRY_ASSIGN(loaded.ending, load_ending(reader, presented.owner));
  TALLY_TRY_ASSIGN(loaded.token, load_token(reader, presented.workspace, presented.token));
  if (!loaded.token) return loaded;
  TALLY_TRY_ASSIGN(loaded.workspace, load_workspace(reader, presented.workspace));
  if (!loaded.workspace) return corrupt_row("workspace");
  TALLY_TRY_ASSIGN(loaded.owner, load_person(reader, presented.owner));
  if (loaded.token->has_revoked_access_tokens) {
    TALLY_TRY_ASSIGN(loaded.is_revoked, is_revoked_alone(reader, presented.id));
    if (!loaded.is_revoked) {
      TALLY_TRY_ASSIGN(loaded.is_revoked, is_revoked_alone(reader, presented.parent));
    }
  }
  TALLY_TRY_ASSIGN(loaded.is_ancestor_revoked, has_revoked_ancestor(reader, *loaded.token));
  return loaded;
}

}  // namespace tally::projections
