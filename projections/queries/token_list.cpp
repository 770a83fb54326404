#include "projections/queries/token_list.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/base/limits.hpp"
#include "core/base/unicode.hpp"
#include "projections/queries/key_page.hpp"
#include "projections/queries/page_cursor.hpp"
#include "projections/rows/keys.hpp"
#include "projections/rows/load.hpp"
#include "projections/rows/row_codec.hpp"
#include "projections/rows/token_row.hpp"

namespace tally::projections {

using core::Result;
using core::Timestamp;
using core::TokenId;
using core::TokenState;
using core::TokenStatus;
using events::Family;
using events::Reader;
using events::ScanRange;

namespace {

std::string ordered_bytes(std::optional<Timestamp> time) {
  std::string key(9, '\0');
  if (!time) return key;
  key[0] = '\1';
  // Flipping the sign bit makes the order of bytes that of the numbers, times before the epoch included.
  store_big_endian(key.data() + 1, static_cast<std::uint64_t>(core::micros_of(*time)) ^ (std::uint64_t{1} << 63));
  return key;
}

/// Names were compared by simpler rules before, so a place in that order is none in this one.
constexpr int kNamesByUnicode = 0x80;
/// Of a name's sort key, so that a cursor has a bound whatever an old name consists of. Ties are broken by the id.
constexpr std::size_t kSortKeyBytesMax = 600;

std::uint8_t ordering_of(const TokenListRequest& request) {
  const int rules = request.sort == TokenSort::name ? kNamesByUnicode : 0;
  return static_cast<std::uint8_t>(rules | static_cast<int>(request.sort) << 1 | static_cast<int>(request.order));
}

/// Which tokens are in the list.
class TokenFilter {
 public:
  TokenFilter(const TokenListRequest& request, std::optional<Timestamp> cut_off)
      : request_(request), cut_off_(cut_off), search_(core::unicode::fold_case(request.search)) {
    if (const auto id = TokenId::parse(request.search); id.has_value()) id_ = *id;
  }
  [[nodiscard]] bool passes(const TokenState& token) const {
    const TokenStatus status = status_of(token);
    if (status == TokenStatus::deleted) return false;
    if (request_.status && status != *request_.status) return false;
    if (request_.kind && token.kind != *request_.kind) return false;
    if (id_ && token.id == *id_) return true;
    return search_.empty() || core::unicode::fold_case(token.name).find(search_) != std::string::npos;
  }
  [[nodiscard]] TokenStatus status_of(const TokenState& token) const {
    return core::status_at(token, request_.now, cut_off_);
  }
  [[nodiscard]] std::optional<Timestamp> cut_off() const { return cut_off_; }

 private:
  const TokenListRequest& request_;
  std::optional<Timestamp> cut_off_;
  std::string search_;
  std::optional<TokenId> id_;
};

/// Walks the tokens of the workspace, or of the owner there, in the order of their ids.
class TokenScan {
 public:
  TokenScan(const Reader& reader, const TokenListRequest& request, const ScanRange& range, std::size_t rows_max)
      : reader_(reader),
        request_(request),
        cursor_(reader.scan(request.owner ? Family::token_by_owner : Family::token, range)),
        rows_left_(rows_max) {}

  /// The next one; empty at the end, or where it is cut. Deleted ones may be left out. Errors: corrupt, io_failed.
  Result<std::optional<TokenState>> next() {
    const std::size_t key_bytes = request_.owner ? 48 : 32;
    while (cursor_->valid() && rows_left_ > 0) {
      --rows_left_;
      if (cursor_->key().size() != key_bytes) return corrupt_row("token");
      const TokenId id{uuid_at(cursor_->key(), key_bytes - 16)};
      TALLY_TRY_ASSIGN(auto token, request_.owner ? load_owned(id) : decoded(id));
      cursor_->next();
      last_ = id;
      if (token) return token;
    }
    TALLY_TRY(cursor_->status());
    return std::optional<TokenState>{};
  }
  /// There are more rows than it may look at.
  [[nodiscard]] bool is_cut() const { return rows_left_ == 0 && cursor_->valid(); }
  /// The last row that was looked at; nil before the first.
  [[nodiscard]] TokenId last() const { return last_; }

 private:
  Result<std::optional<TokenState>> decoded(TokenId id) const {
    TALLY_TRY_ASSIGN(auto token, decode_token(request_.workspace, id, cursor_->value()));
    return std::optional{std::move(token)};
  }
  Result<std::optional<TokenState>> load_owned(TokenId id) const {
    TALLY_TRY_ASSIGN(const OwnedToken owned, decode_owned_token(cursor_->value()));
    if (owned.mark == core::TokenMark::deleted) return std::optional<TokenState>{};
    TALLY_TRY_ASSIGN(auto token, load_token(reader_, request_.workspace, id));
    if (!token) return corrupt_row("token_by_owner");
    return std::optional{std::move(*token)};
  }

  const Reader& reader_;
  const TokenListRequest& request_;
  std::unique_ptr<events::Cursor> cursor_;
  std::size_t rows_left_;
  TokenId last_;
};

std::string prefix_of(const TokenListRequest& request) {
  return request.owner ? key_of(request.workspace, *request.owner).str() : key_of(request.workspace).str();
}

/// created_at is the order of the ids, which the ledger gives by the time of the event and its sequence
/// (core::make_uuid_v7_in_log; those of before, by the millisecond and chance): a page is a piece of the key order.
Result<TokenPage> list_by_key(const Reader& reader, const TokenListRequest& request, const TokenFilter& filter,
                              const std::optional<PageCursor>& after) {
  const std::string prefix = prefix_of(request);
  ScanRange range = events::prefix_range(prefix);
  if (request.order == Order::descending) {
    range.direction = ScanRange::Direction::backward;
    if (after) range.until = prefix + after->id;
  } else if (after) {
    range.from = prefix + after->id + '\0';
  }
  TokenScan scan{reader, request, range, request.rows_max};
  TokenPage page;
  const auto limit = static_cast<std::size_t>(request.limit);
  std::size_t bytes = 0;
  for (;;) {
    const TokenId before = scan.last();
    TALLY_TRY_ASSIGN(auto token, scan.next());
    if (!token && !scan.is_cut()) return page;
    if (token && !filter.passes(*token)) continue;
    // Cut, or one more than there may be: there is a next page.
    if (!token || page.items.size() == limit || bytes >= core::limits::kPageBytes) {
      const TokenId last = token ? before : scan.last();
      std::string bytes_of_last{core::as_text(last.uuid().bytes)};
      TALLY_TRY_ASSIGN(page.next,
                       encode_cursor(ListKind::tokens, {ordering_of(request), {}, std::move(bytes_of_last)}));
      return page;
    }
    TALLY_TRY_ASSIGN(auto record, record_of(reader, std::move(*token), request.now, filter.cut_off()));
    bytes += long_bytes_of(record);
    page.items.push_back(std::move(record));
  }
}

core::Error too_many_to_sort() {
  return core::invalid("sort", "there are more than " + std::to_string(core::limits::kRowsSortedMax) +
                                   " tokens to sort: sort by created_at, or ask for one owner's");
}

struct Ranked {
  std::string sort_key;
  TokenRecord token;

  [[nodiscard]] std::pair<std::string_view, std::string_view> rank() const {
    return {sort_key, core::as_text(token.state.id.uuid().bytes)};
  }
};

/// How many of `ranked`, in their order, are a page: at least one, and about kPageBytes.
std::size_t page_size_of(const std::vector<Ranked>& ranked, std::size_t limit) {
  std::size_t bytes = 0;
  for (std::size_t count = 0; count < ranked.size(); ++count) {
    if (count == limit || bytes >= core::limits::kPageBytes) return count;
    bytes += long_bytes_of(ranked[count].token);
  }
  return ranked.size();
}

/// Keeps the first `limit` + 1 of the order in a heap whose top is the last of them: constant memory for any number of
/// tokens.
Result<TokenPage> list_by_heap(const Reader& reader, const TokenListRequest& request, const TokenFilter& filter,
                               const std::optional<PageCursor>& after) {
  const auto comes_before = [&](const auto& left, const auto& right) {
    return request.order == Order::ascending ? left < right : right < left;
  };
  const auto ranked_before = [&](const Ranked& left, const Ranked& right) {
    return comes_before(left.rank(), right.rank());
  };
  TokenScan scan{reader, request, events::prefix_range(prefix_of(request)), request.rows_sorted_max};
  std::vector<Ranked> heap;
  const auto kept_max = static_cast<std::size_t>(request.limit) + 1;
  for (;;) {
    TALLY_TRY_ASSIGN(auto token, scan.next());
    if (!token && scan.is_cut()) return too_many_to_sort();
    if (!token) break;
    if (!filter.passes(*token)) continue;
    Ranked ranked{{}, {std::move(*token), {}, {}}};
    ranked.token.status = filter.status_of(ranked.token.state);
    if (request.sort == TokenSort::last_used_at) {
      TALLY_TRY_ASSIGN(ranked.token, record_of(reader, std::move(ranked.token.state), request.now, filter.cut_off()));
    }
    ranked.sort_key = sort_key_of(ranked.token, request.sort);
    if (after) {
      const std::pair<std::string_view, std::string_view> start{after->sort_key, after->id};
      if (!comes_before(start, ranked.rank())) continue;
    }
    if (heap.size() == kept_max) {
      if (!ranked_before(ranked, heap.front())) continue;
      std::pop_heap(heap.begin(), heap.end(), ranked_before);
      heap.pop_back();
    }
    heap.push_back(std::move(ranked));
    std::push_heap(heap.begin(), heap.end(), ranked_before);
  }
  std::sort_heap(heap.begin(), heap.end(), ranked_before);

  TokenPage page;
  if (const std::size_t size = page_size_of(heap, kept_max - 1); size < heap.size()) {
    heap.erase(heap.begin() + static_cast<std::ptrdiff_t>(size), heap.end());
    const Ranked& last = heap.back();
    TALLY_TRY_ASSIGN(page.next, encode_cursor(ListKind::tokens,
                                              {ordering_of(request), last.sort_key, std::string{last.rank().second}}));
  }
  for (Ranked& ranked : heap) {
    TALLY_TRY_ASSIGN(auto record, record_of(reader, std::move(ranked.token.state), request.now, filter.cut_off()));
    page.items.push_back(std::move(record));
  }
  return page;
}

}  // namespace

Result<TokenCount> count_active_before(const Reader& reader, const TokenListRequest& whose, Timestamp time) {
  TALLY_TRY_ASSIGN(const auto workspace, load_workspace(reader, whose.workspace));
  if (!workspace) return TokenCount{};
  const TokenFilter filter{whose, workspace->cut_off_at};
  TokenScan scan{reader, whose, events::prefix_range(prefix_of(whose)), core::limits::kRowsCountedMax};
  TokenCount counted;
  for (;;) {
    TALLY_TRY_ASSIGN(const auto token, scan.next());
    if (!token) {
      counted.is_whole = !scan.is_cut();
      return counted;
    }
    if (token->created_at < time && filter.status_of(*token) == TokenStatus::active) ++counted.count;
  }
}

std::string sort_key_of(const TokenRecord& token, TokenSort sort) {
  switch (sort) {
    case TokenSort::created_at:
      return {};  // the id alone
    case TokenSort::expires_at:
      return ordered_bytes(token.state.expires_at);
    case TokenSort::name:
      return core::unicode::fold_case(token.state.name).substr(0, kSortKeyBytesMax);
    case TokenSort::last_refreshed_at:
      return ordered_bytes(token.state.last_refreshed_at);
    case TokenSort::last_used_at:
      return ordered_bytes(token.last_used_at);
    case TokenSort::status:
      return std::string(1, static_cast<char>(token.status));
  }
  core::check_failed("a known TokenSort", __FILE__, __LINE__, std::to_string(static_cast<int>(sort)));
}

Result<TokenRecord> record_of(const Reader& reader, TokenState state, Timestamp now, std::optional<Timestamp> cut_off) {
  TALLY_TRY_ASSIGN(const auto usage, load_usage(reader, state.id));
  TokenRecord record;
  record.status = core::status_at(state, now, cut_off);
  record.state = std::move(state);
  if (usage) record.last_used_at = usage->last_used_at;
  return record;
}

Result<TokenPage> list_tokens(const Reader& reader, const TokenListRequest& request) {
  TALLY_CHECK(request.limit >= 1 && request.limit <= core::limits::kPageItemsMax, std::to_string(request.limit));
  std::optional<PageCursor> after;
  if (!request.after.empty()) {
    TALLY_TRY_ASSIGN(after, decode_cursor(ListKind::tokens, ordering_of(request), 16, request.after));
  }
  TALLY_TRY_ASSIGN(const auto workspace, load_workspace(reader, request.workspace));
  if (!workspace || request.status == TokenStatus::deleted) return TokenPage{};
  const TokenFilter filter{request, workspace->cut_off_at};
  return request.sort == TokenSort::created_at ? list_by_key(reader, request, filter, after)
                                               : list_by_heap(reader, request, filter, after);
}

}  // namespace tally::projections
