#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/limits.hpp"
#include "core/base/result.hpp"
#include "core/event/event.hpp"
#include "core/ledger/checkpoint.hpp"
#include "core/state/person.hpp"
#include "core/state/signing_key_state.hpp"
#include "core/state/token.hpp"
#include "core/state/workspace.hpp"
#include "core/token/access_rule.hpp"
#include "core/token/lost_answer.hpp"
#include "events/store/store.hpp"
#include "projections/rows/cut_off.hpp"
#include "projections/rows/homes.hpp"

/// The read side. Every function reads one snapshot. Absent is an empty optional; Errors: corrupt, io_failed; others
/// are named. Threads: any.
namespace tally::projections {

/// A token with what is not in its events.
struct TokenView {
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
  std::vector<TokenView> items;
  std::string next;  ///< Empty: the last page.
};

/// What the ledger says about an access token whose signature is good.
struct AccessStanding {
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
struct LegacyStanding {
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
  core::Result<std::optional<TokenView>> find(core::WorkspaceId workspace, core::TokenId token,
                                              core::Timestamp now) const;
  /// Its state alone, from one row.
  core::Result<std::optional<core::TokenState>> find_state(core::WorkspaceId workspace, core::TokenId token) const;
  /// The token as it stood after event `as_of`, or at a time. Empty: not there yet, or of another workspace.
  core::Result<std::optional<TokenView>> find_as_of(core::WorkspaceId workspace, core::TokenId token,
                                                    core::Sequence as_of) const;
  core::Result<std::optional<TokenView>> find_as_of(core::WorkspaceId workspace, core::TokenId token,
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
  core::Result<std::optional<SecretHome>> find_secret(const core::Digest& secret_hash) const;
  /// At most kIdsPerBulkCallMax of them; nearly always none.
  core::Result<std::vector<EndingToken>> ending_tokens() const;
  /// What every door asks of an access token: four row reads, one more where some were revoked by themselves, one for
  /// each token that its token descends from.
  core::Result<AccessStanding> access_standing(const core::PresentedAccess& access, core::Timestamp now) const;
  /// What the predecessor of the token's refresh token is if it comes again, as the decider will say unless something
  /// happens meanwhile: three row reads at least. `token` is active, of the workspace, and as it was read.
  core::Result<core::LostAnswer> lost_answer(const core::TokenState& token, const core::WorkspaceState& workspace,
                                             const std::optional<core::Confirmation>& proven,
                                             core::Timestamp now) const;

  /// The legacy token of that hash, if it is the workspace's (absent: any's) and accepted at `now`.
  core::Result<std::optional<LegacyStanding>> legacy_standing(std::optional<core::WorkspaceId> workspace,
                                                              const core::Digest& token_hash,
                                                              core::Timestamp now) const;
  /// An opaque access token that was issued and has not been forgotten since it expired; says nothing of expiry and
  /// revocation. Three row reads.
  core::Result<std::optional<OpaqueAccess>> find_opaque_access(const core::Digest& access_token_hash) const;

 private:
  const events::Store& store_;
};

struct Membership {
  core::MemberState member;
  core::WorkspaceState workspace;
};
struct MemberView {
  core::MemberState member;
  core::PersonState person;
};
template <class Item>
struct Page {
  std::vector<Item> items;
  std::string next;  ///< Empty: the last page.
};

class WorkspaceQueries {
 public:
  explicit WorkspaceQueries(const events::Store& store) : store_(store) {}
  core::Result<std::optional<core::WorkspaceState>> find(core::WorkspaceId workspace) const;
  core::Result<Page<core::WorkspaceState>> list(int limit, const std::string& after) const;
  core::Result<std::optional<core::MemberState>> find_member(core::WorkspaceId workspace, core::UserId user) const;
  core::Result<Page<MemberView>> list_members(core::WorkspaceId workspace, int limit, const std::string& after) const;
  core::Result<Page<Membership>> memberships_of(core::UserId user, int limit, const std::string& after) const;
  core::Result<std::optional<core::ResourceServerState>> find_resource_server(core::WorkspaceId workspace,
                                                                              core::ResourceServerId id) const;
  core::Result<Page<core::ResourceServerState>> list_resource_servers(core::WorkspaceId workspace, int limit,
                                                                      const std::string& after) const;

 private:
  const events::Store& store_;
};

/// A session that is still good: not expired, its person active, no password change since.
struct SessionView {
  core::PersonState person;
  core::Timestamp expires_at;
};

class PeopleQueries {
 public:
  explicit PeopleQueries(const events::Store& store) : store_(store) {}
  core::Result<std::optional<core::PersonState>> find(core::UserId user) const;
  core::Result<std::optional<core::PersonState>> find_by_username(const std::string& username) const;
  core::Result<Page<core::PersonState>> list(int limit, const std::string& after) const;
  core::Result<bool> anybody() const;
  core::Result<std::optional<SessionView>> find_session(const core::Digest& session_hash, core::Timestamp now) const;

 private:
  const events::Store& store_;
};

class KeyQueries {
 public:
  explicit KeyQueries(const events::Store& store) : store_(store) {}
  /// Every signing key that ever was, in the order in which they were added.
  core::Result<std::vector<core::SigningKeyState>> list() const;

 private:
  const events::Store& store_;
};

struct AuditFilter {
  core::WorkspaceId workspace;
  std::optional<core::TokenId> token;
  std::optional<core::Uuid> actor;
  std::vector<core::EventType> types;    ///< Empty: all.
  std::optional<core::Timestamp> since;  ///< Inclusive.
  std::optional<core::Timestamp> until;  ///< Exclusive.
};
/// How long a page may be: it ends with the event that reaches one of the two.
struct AuditPageBounds {
  AuditPageBounds(int events_max, std::size_t bytes_max = core::limits::kPageBytes)  // NOLINT: a number of events
      : events(events_max), bytes(bytes_max) {}
  int events;
  std::size_t bytes;  ///< As the events are stored.
};
struct AuditPage {
  std::vector<core::Event> items;            ///< In order of sequence.
  std::optional<core::Sequence> next_after;  ///< Empty: the end.
};

/// The newest events first.
struct AuditBackPage {
  std::vector<core::Event> items;             ///< Against the order of sequence.
  std::optional<core::Sequence> next_before;  ///< Empty: the beginning.
};

/// How many events of each type were recorded in a span of time.
struct AuditSpan {
  core::Timestamp begin;
  core::Timestamp end;
  std::vector<std::pair<core::EventType, std::uint64_t>> counts;  ///< By type; only those that there are.
};
/// Spans of `length` from `begin` on, one after the other.
struct AuditSpansRequest {
  core::WorkspaceId workspace;
  core::Timestamp begin;
  std::chrono::microseconds length;
  int spans = 1;
};

/// Walks a workspace's events for an export, in constant memory, over one snapshot.
class AuditWalk {
 public:
  virtual ~AuditWalk() = default;
  /// The next event that passes the filter; empty at the end.
  virtual core::Result<std::optional<core::Event>> next() = 0;
  [[nodiscard]] virtual std::uint64_t filtered_out() const = 0;
};

class AuditQueries {
 public:
  explicit AuditQueries(const events::Store& store) : store_(store) {}
  /// Reads at most 20 rows per item asked for before it gives a shorter page with next_after: time is bounded.
  core::Result<AuditPage> list(const AuditFilter& filter, std::optional<core::Sequence> after,
                               AuditPageBounds bounds) const;
  /// As list(), backwards from the newest, or from the one before `before`.
  core::Result<AuditBackPage> list_newest(const AuditFilter& filter, std::optional<core::Sequence> before,
                                          AuditPageBounds bounds) const;
  /// Reads no event but the few that tell where a span begins; the types stand in an index. Errors: limit_exceeded
  /// (more than kCountedEventsMax events in the spans).
  core::Result<std::vector<AuditSpan>> count(const AuditSpansRequest& request) const;
  core::Result<std::unique_ptr<AuditWalk>> walk(const AuditFilter& filter, std::optional<core::Sequence> after) const;
  /// What the ledger holds in all, for readiness and reports.
  core::Result<std::uint64_t> size() const;
  /// The same with the root of the tree: of events that are durable, because nobody sees a batch before it is. Two row
  /// reads and a hash for each bit of the size.
  core::Result<core::TreeHead> tree_head() const;

 private:
  const events::Store& store_;
};

}  // namespace tally::projections
