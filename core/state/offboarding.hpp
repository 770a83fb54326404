#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/limits.hpp"
#include "core/base/time.hpp"
#include "core/state/token.hpp"

/// What it takes to let a person go who has more tokens than one append stops. Source: docs/adr/0033.
namespace tally::core {

/// What one append may do of a long work, so that others' commands are not kept waiting.
struct StopBounds {
  std::size_t events = 0;
  std::size_t rows = 0;  ///< That it looks at, whether or not they come to an event.
};
inline constexpr StopBounds kFirstAppend{limits::kTokensPerAppendMax, limits::kRowsPerAppendMax};
inline constexpr StopBounds kOneStep{limits::kTokensPerStepMax, limits::kRowsPerStepMax};

/// What was begun for a person and is not finished: some of their tokens are not stopped by events of their own yet,
/// and count as stopped all the same. A cache of events; absent nearly always.
struct Ending {
  struct Part {
    WorkspaceId workspace;  ///< Nil: everywhere.
    AccessFate access = AccessFate::revoke;
    Sequence since;                     ///< Of the event that began it, or made it stricter.
    std::uint64_t tokens_disabled = 0;  ///< So far.
    std::uint64_t access_revoked = 0;   ///< So far, of tokens that were disabled before.
    bool operator==(const Part&) const = default;
  };
  std::vector<Part> parts;  ///< One for each workspace at most, one for everywhere.

  /// The person's tokens in the workspace are ending.
  [[nodiscard]] bool covers(WorkspaceId workspace) const;
  /// And the access tokens issued for them too.
  [[nodiscard]] bool revokes(WorkspaceId workspace) const;
  /// Null: there is none.
  [[nodiscard]] const Part* part_of(WorkspaceId workspace) const;
  [[nodiscard]] Part* part_of(WorkspaceId workspace);
  bool operator==(const Ending&) const = default;
};

/// How far the work came. Good for what began at `since` only: another begins at the first token.
struct OffboardingPosition {
  Sequence since;
  WorkspaceId workspace;
  TokenId after;  ///< The last token looked at.
};

/// What one append made of a person's tokens.
struct Offboarded {
  std::uint64_t tokens_disabled = 0;
  std::uint64_t access_revoked = 0;         ///< Of tokens that were disabled before.
  Timestamp at;                             ///< Of the append.
  Timestamp access_expires_at;              ///< The latest end of an access token of those looked at; the epoch: none.
  std::optional<OffboardingPosition> next;  ///< There is more: for ContinueOffboarding.
};

/// The next step of what DeactivateUser or RemoveMember began; the last one erases the ending. Of what is finished, or
/// was never begun, nothing is left to do.
struct ContinueOffboarding {
  using Outcome = Offboarded;
  UserId user;
  WorkspaceId workspace;  ///< Nil: everywhere.
  OffboardingPosition position = {};
  StopBounds bounds = kOneStep;
};

}  // namespace tally::core
