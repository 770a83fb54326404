#pragma once

#include <optional>

#include "core/identity/person.hpp"
#include "core/result.hpp"
#include "core/token/access_rule.hpp"
#include "core/token/token_decider.hpp"
#include "events/store.hpp"

namespace tally::projections {

/// The rows that say whether an access token lives.
struct LoadedAccess {
  std::optional<core::Ending> ending;
  std::optional<core::TokenState> token;
  std::optional<core::WorkspaceState> workspace;
  std::optional<core::PersonState> owner;
  bool is_revoked = false;
  core::Descent descent;

  /// Lifetime: this outlives it.
  [[nodiscard]] core::AccessSituation situation() const;
  /// The same for whoever acts by the access token.
  [[nodiscard]] core::BearerSituation bearer_situation() const;
};

/// In the order that the rule asks for, so that a reader without a snapshot will do. Errors: corrupt, io_failed.
core::Result<LoadedAccess> load_access(const events::Reader& reader, const core::PresentedAccess& presented);

}  // namespace tally::projections
