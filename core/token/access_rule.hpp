#pragma once

#include <cstdint>
#include <optional>

#include "core/state/offboarding.hpp"
#include "core/state/presented_access.hpp"
#include "core/state/token.hpp"
#include "core/state/workspace.hpp"

/// The one rule of whether an access token lives. Every door asks it; a door may add what it guards (a scope, a
/// resource, a proof), never a condition of life. Pure. Source: docs/architecture.md ("When an access token lives").
namespace tally::core {

/// What the ledger says about it. Read without a snapshot, `ending` must be read before the token: when it is gone, the
/// token says so itself.
struct AccessSituation {
  const Ending* ending = nullptr;     ///< What is ending of its owner; null: nothing.
  const TokenState* token = nullptr;  ///< Null: there is none in its workspace.
  const WorkspaceState* workspace = nullptr;
  std::optional<Timestamp> owner_revoked_at;  ///< PersonState::access_revoked_at: tokens of before are dead.
  bool is_revoked = false;                    ///< By itself, or the access token that it was exchanged for was.
  bool is_ancestor_revoked = false;  ///< A token that the token descends from was stopped with its access tokens.
};

/// Why an access token is dead.
enum class AccessEnd : std::uint8_t {
  unknown_token,
  expired,
  issued_ahead,  ///< More than kClockTolerance from now: by a clock that was wrong, and its end is, too.
  revoked,
  cut_off,
  owner_gone,
  ancestor_stopped
};

/// Empty: it lives. What is dead never lives again, but for what a clock is wrong about: that is dead as long as the
/// clock says so.
std::optional<AccessEnd> access_end(const AccessSituation& situation, const PresentedAccess& presented, Timestamp now);

}  // namespace tally::core
