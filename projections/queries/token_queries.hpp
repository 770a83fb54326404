#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/limits.hpp"
#include "core/base/result.hpp"
#include "core/state/person.hpp"
#include "core/state/token.hpp"
#include "core/state/workspace.hpp"
#include "core/token/access_rule.hpp"
#include "core/token/lost_answer.hpp"
#include "projections/rows/cut_off_look.hpp"
#include "projections/rows/homes.hpp"

namespace tally::core {
struct DisableIssuedBefore;
}
namespace tally::events {
class Store;
}

/// What can be asked of tokens. Every function reads one moment (a snapshot, one row, one scan) unless it says
/// otherwise. Absent is an empty optional; Errors: corrupt, io_failed; others are named. Threads: any.
namespace tally::projections {

/// A token with what is not in its events.
struct TokenRecord {
  core::TokenState state;
  core::TokenStatus status = core::TokenStatus::active;
  std::optional<core::Timestamp> last_used_at;
};

enum class TokenSort : std::uint8_t { created_at, expires_at, name, last_refreshed_at, last_used_at, status };
enum class Order : std::uint8_t { ascending, descending };

struct TokenListRequest {
  core::WorkspaceId workspace;
  std::optional<core::UserId> owner;
  std::optional<core::TokenStatus> status;  ///< Deleted tokens are in no list.
  std::optional<core::TokenKind> kind;
  std::string search;  ///< Case-insensitive part of the name; or a whole token id. Empty: all.
  TokenSort sort = TokenSort::created_at;
  Order order = Order::descending;
  int limit = 0;
  std::string after;  ///< Opaque bytes from a page before; empty: the first page.
  core::Timestamp now;
  std::size_t rows_max = core::limits::kRowsPerListMax;        ///< That one page looks at,
  std::size_t rows_sorted_max = core::limits::kRowsSortedMax;  ///< and one that sorts by what is no key.
};
struct TokenPage {
  std::vector<TokenRecord> items;
  std::string next;  ///< Empty: the last page.
};

/// What the ledger says about an access token whose signature is good.
struct AccessVerdict {
  std::optional<core::AccessEnd> end;  ///< Empty: it lives.
  core::PersonState owner;             ///< Of one that lives.

  [[nodiscard]] bool is_live() const { return !end; }
};

/// A token that was stopped, and from which some descend that are not yet.
struct EndingToken {
  core::WorkspaceId workspace;
  core::TokenId token;
};

/// A legacy token that is accepted.
struct AcceptedLegacyToken {
  core::TokenState token;
  core::Timestamp sunset_at;  ///< The end of its acceptance: its own, or its workspace's sunset.
};

/// What an opaque access token says, found by its hash.
struct OpaqueAccess {
  core::WorkspaceId workspace;
  core::TokenId token;
  core::UserId owner;
  core::AccessTokenId id;
  std::int64_t issued_at_seconds = 0;
  std::int64_t expires_at_seconds = 0;
  core::ScopeSet scope;
  std::optional<core::Confirmation> confirmation;
  std::string resource;            ///< Empty: the workspace's own audience.
  core::AccessTokenId parent;      ///< The access token that it was exchanged for; nil: none.
  std::uint64_t status_index = 0;  ///< The sequence of its token's first event.
};

/// A count that looked at so many rows only.
struct TokenCount {
  std::uint64_t count = 0;
  bool is_whole = true;  ///< False: there may be more.
};

class TokenQueries {
 public:
  explicit TokenQueries(const events::Store& store) : store_(store) {}
  /// Deleted tokens are found too, with that status.
  core::Result<std::optional<TokenRecord>> find(core::WorkspaceId workspace, core::TokenId token,
                                                core::Timestamp now) const;
  /// Its state alone, from one row.
  core::Result<std::optional<core::TokenState>> find_state(core::WorkspaceId workspace, core::TokenId token) const;
  /// The token as it stood after event `as_of`, or at a time. Empty: not there yet, or of another workspace.
  core::Result<std::optional<TokenRecord>> find_as_of(core::WorkspaceId workspace, core::TokenId token,
                                                      core::Sequence as_of) const;
  core::Result<std::optional<TokenRecord>> find_as_of(core::WorkspaceId workspace, core::TokenId token,
                                                      core::Timestamp as_of) const;
  /// Pages by key. Sorting by created_at reads one page's rows, and with a filter kRowsPerListMax at most: then the
  /// page is shorter, down to empty, and says where to go on. Other orders read every row of the workspace or owner
  /// once per page, in constant memory. Call both off the I/O threads. Errors: malformed (after); invalid_argument
  /// (sort: there are more than kRowsSortedMax rows).
  core::Result<TokenPage> list(const TokenListRequest& request) const;
  /// When the token was used last, as far as it is written.
  core::Result<std::optional<core::Timestamp>> last_used_at(core::TokenId token) const;
  /// How many tokens, of the owner if there is one, a cut-off at `time` would disable now. Reads up to kRowsCountedMax
  /// rows of the workspace or owner: call it off the I/O threads.
  core::Result<TokenCount> count_active_before(core::WorkspaceId workspace, std::optional<core::UserId> owner,
                                               core::Timestamp time, core::Timestamp now) const;
  /// One bit per event from `first` on, the least significant first: 1 where it created a token all of whose access
  /// tokens are dead before their time. Reads a row per such token. `count` is a multiple of 8 (checked).
  core::Result<core::Bytes> revoked_bits(core::Sequence first, std::size_t count) const;
  /// Where a cut-off that has come so far has something to do: looks at no more than its bounds' rows.
  core::Result<CutOffLook> look_for_cut_off(const core::DisableIssuedBefore& command, core::Timestamp now) const;
  /// No snapshot: a secret's row is written once, and a resource server's own row is read after it.
  core::Result<std::optional<SecretHome>> find_secret(const core::Digest& secret_hash) const;
  /// At most kIdsPerBulkCallMax of them; nearly always none.
  core::Result<std::vector<EndingToken>> ending_tokens() const;
  /// What every door asks of an access token: four row reads, one more where some were revoked by themselves, one for
  /// each token that its token descends from. No snapshot: what is dead never lives again.
  core::Result<AccessVerdict> access_verdict(const core::PresentedAccess& access, core::Timestamp now) const;
  /// What the predecessor of the token's refresh token is if it comes again, as the decider will say unless something
  /// happens meanwhile: three row reads at least. `token` is active, of the workspace, and as it was read.
  core::Result<core::LostAnswer> lost_answer(const core::TokenState& token, const core::WorkspaceState& workspace,
                                             const std::optional<core::Confirmation>& proven,
                                             core::Timestamp now) const;

  /// The legacy token of that hash, if it is the workspace's (absent: any's) and accepted at `now`.
  core::Result<std::optional<AcceptedLegacyToken>> accepted_legacy_token(std::optional<core::WorkspaceId> workspace,
                                                                         const core::Digest& token_hash,
                                                                         core::Timestamp now) const;
  /// An opaque access token that was issued and has not been forgotten since it expired; says nothing of expiry and
  /// revocation. Three row reads, no snapshot: the rows came in one batch, and neither event nor token ever goes.
  core::Result<std::optional<OpaqueAccess>> find_opaque_access(const core::Digest& access_token_hash) const;

 private:
  const events::Store& store_;
};

}  // namespace tally::projections
