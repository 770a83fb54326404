#include "projections/rows/loaded_access.hpp"

#include "projections/rows/keys.hpp"
#include "projections/rows/load.hpp"
#include "projections/rows/pointer_to.hpp"
#include "projections/rows/row_codec.hpp"

namespace tally::projections {

using core::Result;
using events::Family;
using events::Reader;

namespace {

Result<bool> is_revoked_alone(const Reader& reader, core::AccessTokenId id) {
  if (id.is_nil()) return false;
  TALLY_TRY_ASSIGN(const auto row, reader.get(Family::revoked_access, key_of(id)));
  return row.has_value();
}

}  // namespace

core::AccessSituation LoadedAccess::situation() const {
  return {pointer_to(ending), pointer_to(token), pointer_to(workspace), owner ? owner->access_revoked_at : std::nullopt,
          is_revoked,         descent.is_ended};
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
  TALLY_TRY_ASSIGN(loaded.descent, load_descent(reader, *loaded.token, *loaded.workspace));
  return loaded;
}

}  // namespace tally::projections
