#pragma once

#include <optional>

#include "core/base/result.hpp"
#include "core/state/person.hpp"
#include "core/token/access_rule.hpp"
#include "events/store/store.hpp"
#include "projections/rows/descent.hpp"

namespace tally::projections {

/// The rows that say whether an access token lives.
struct LoadedAccess {
  std::optional<core::Ending> ending;
  std::optional<core::TokenState> token;
  std::optional<core::WorkspaceState> workspace;
  std::optional<core::PersonState> owner;
  bool is_revoked = false;
  Descent descent;

  [[nodiscard]] core::AccessSituation situation() const;
};

/// In the order that the rule asks for, so that a reader without a snapshot will do. Errors: corrupt, io_failed.
core::Result<LoadedAccess> load_access(const events::Reader& reader, const core::PresentedAccess& presented);

}  // namespace tally::projections
