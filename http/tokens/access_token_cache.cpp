#include "http/tokens/access_token_cache.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/check.hpp"
#include "core/crypto/system_random.hpp"

namespace tally::http {
namespace {

/// What a token is good for, which entries share: a workspace has few sets of scopes and resources, and many tokens.
class GrantPool {
 public:
  struct Item {
    core::ScopeSet set;
    std::string resource;
    std::size_t bytes = 0;
    std::uint32_t users = 0;
  };
  using Node = std::pair<const std::string, Item>;

  /// Empty for nothing at all. No scope holds a line feed.
  static std::string key_of(const AccessClaims& claims) {
    std::string key = claims.scope.str();
    if (!claims.resource.empty()) key.append("\n").append(claims.resource);
    return key;
  }
  static std::size_t bytes_of(const core::ScopeSet& set, std::string_view text) {
    constexpr std::size_t kNodeBytes = 160;
    return kNodeBytes + 2 * text.size() + set.scopes().size() * sizeof(std::string);
  }

  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  [[nodiscard]] bool contains(const std::string& text) const { return items_.contains(text); }

  const Node* take(std::string text, const AccessClaims& claims) {
    const auto [place, is_new] = items_.try_emplace(std::move(text));
    if (is_new) {
      place->second.set = claims.scope;
      place->second.resource = claims.resource;
      place->second.bytes = bytes_of(claims.scope, place->first);
      bytes_ += place->second.bytes;
    }
    ++place->second.users;
    return &*place;
  }

  void give_back(const Node* node) {
    const auto place = items_.find(node->first);
    TALLY_CHECK(place != items_.end() && place->second.users > 0);
    if (--place->second.users > 0) return;
    bytes_ -= place->second.bytes;
    items_.erase(place);
  }

 private:
  std::unordered_map<std::string, Item> items_;  // its nodes stay where they are
  std::size_t bytes_ = 0;
};

/// What few tokens have.
struct Rarities {
  std::optional<core::Confirmation> confirmation;
  core::AccessTokenId parent;
};

struct Entry {
  AccessTokenCache::Key key;
  core::UserId subject;
  core::WorkspaceId workspace;
  core::TokenId token;
  core::AccessTokenId id;
  std::int64_t issued_at_seconds = 0;
  std::int64_t expires_at_seconds = 0;
  std::uint64_t status_index = 0;
  const GrantPool::Node* grant = nullptr;  ///< Null: no scope at all, and no resource.
  std::unique_ptr<Rarities> rarities;      ///< Null: none.
};

constexpr std::size_t kEntriesAtFirst = 16;

std::size_t hash_of(const AccessTokenCache::Key& key) {
  std::size_t hash;
  std::memcpy(&hash, key.data() + key.size() - sizeof hash, sizeof hash);
  return hash;
}

}  // namespace

/// A ring of entries, oldest first, and an index into it by open addressing. Both double as the ring fills.
class AccessTokenCache::Shard {
 public:
  Shard(std::size_t entries_max, std::size_t scope_bytes_max)
      : entries_max_(entries_max), scope_bytes_max_(scope_bytes_max) {
    TALLY_CHECK(entries_max_ > 0 && entries_max_ < std::numeric_limits<std::uint32_t>::max());
  }

  std::optional<AccessClaims> find(const Key& key) const {
    std::lock_guard lock{mutex_};
    const std::optional<std::size_t> cell = cell_of(key);
    if (!cell) return std::nullopt;
    const Entry& entry = ring_[index_[*cell] - 1];
    AccessClaims claims{entry.subject,           entry.workspace,          entry.token, entry.id,
                        entry.issued_at_seconds, entry.expires_at_seconds, {}};
    claims.status_index = entry.status_index;
    if (entry.grant != nullptr) {
      claims.scope = entry.grant->second.set;
      claims.resource = entry.grant->second.resource;
    }
    if (entry.rarities != nullptr) {
      claims.confirmation = entry.rarities->confirmation;
      claims.parent = entry.rarities->parent;
    }
    return claims;
  }

  /// `is_current` is asked under the lock: whoever forgets takes that lock afterwards.
  template <class IsCurrent>
  void remember(const Key& key, const AccessClaims& claims, IsCurrent is_current) {
    std::string text = GrantPool::key_of(claims);
    const std::size_t grant_bytes = GrantPool::bytes_of(claims.scope, text);
    std::unique_ptr<Rarities> rarities;
    if (claims.confirmation || !claims.parent.is_nil()) {
      rarities = std::make_unique<Rarities>(Rarities{claims.confirmation, claims.parent});
    }
    std::lock_guard lock{mutex_};
    if (!is_current() || cell_of(key)) return;
    if (!text.empty() && !make_room_for_grant(text, grant_bytes)) return;
    if (count_ == entries_max_) drop_oldest();
    if (count_ == ring_.size()) grow();
    const std::size_t place = (oldest_ + count_) % ring_.size();
    ring_[place] = {key,
                    claims.subject,
                    claims.workspace,
                    claims.token,
                    claims.id,
                    claims.issued_at_seconds,
                    claims.expires_at_seconds,
                    claims.status_index,
                    text.empty() ? nullptr : grants_.take(std::move(text), claims),
                    std::move(rarities)};
    ++count_;
    enter(place);
  }

  void forget() {
    std::lock_guard lock{mutex_};
    while (count_ > 0) drop_oldest();
  }

  std::size_t size() const {
    std::lock_guard lock{mutex_};
    return count_;
  }

 private:
  std::optional<std::size_t> cell_of(const Key& key) const {
    if (index_.empty()) return std::nullopt;
    const std::size_t mask = index_.size() - 1;
    for (std::size_t cell = hash_of(key) & mask; index_[cell] != 0; cell = (cell + 1) & mask) {
      if (ring_[index_[cell] - 1].key == key) return cell;
    }
    return std::nullopt;
  }

  void enter(std::size_t place) {
    const std::size_t mask = index_.size() - 1;
    std::size_t cell = hash_of(ring_[place].key) & mask;
    while (index_[cell] != 0) cell = (cell + 1) & mask;
    index_[cell] = static_cast<std::uint32_t>(place + 1);
  }

  void drop_oldest() {
    TALLY_CHECK(count_ > 0);
    const Entry& entry = ring_[oldest_];
    const std::optional<std::size_t> cell = cell_of(entry.key);
    TALLY_CHECK(cell.has_value());
    clear_cell(*cell);
    if (entry.grant != nullptr) grants_.give_back(entry.grant);
    ring_[oldest_].rarities.reset();
    oldest_ = (oldest_ + 1) % ring_.size();
    --count_;
  }

  /// Moves later cells of the same run up, so that every search still finds an unbroken run. Source: Knuth, TAOCP 6.4,
  /// algorithm R.
  void clear_cell(std::size_t hole) {
    const std::size_t mask = index_.size() - 1;
    for (std::size_t cell = (hole + 1) & mask; index_[cell] != 0; cell = (cell + 1) & mask) {
      const std::size_t home = hash_of(ring_[index_[cell] - 1].key) & mask;
      if (((cell - home) & mask) < ((cell - hole) & mask)) continue;
      index_[hole] = index_[cell];
      hole = cell;
    }
    index_[hole] = 0;
  }

  void grow() {
    std::vector<Entry> larger(std::min(std::max(kEntriesAtFirst, ring_.size() * 2), entries_max_));
    for (std::size_t i = 0; i < count_; ++i) larger[i] = std::move(ring_[(oldest_ + i) % ring_.size()]);
    ring_.swap(larger);
    oldest_ = 0;
    std::size_t cells = 1;
    while (cells < 2 * ring_.size()) cells *= 2;
    index_.assign(cells, 0);
    for (std::size_t place = 0; place < count_; ++place) enter(place);
  }

  /// False if the set is larger than all the room there is.
  bool make_room_for_grant(const std::string& text, std::size_t bytes) {
    if (bytes > scope_bytes_max_) return false;
    while (!grants_.contains(text) && grants_.bytes() + bytes > scope_bytes_max_) drop_oldest();
    return true;
  }

  const std::size_t entries_max_;
  const std::size_t scope_bytes_max_;
  mutable std::mutex mutex_;
  std::vector<Entry> ring_;           // guarded by mutex_
  std::size_t oldest_ = 0;            // guarded by mutex_
  std::size_t count_ = 0;             // guarded by mutex_
  std::vector<std::uint32_t> index_;  // guarded by mutex_; a place in ring_ plus 1, or 0: empty. A power of two.
  GrantPool grants_;                  // guarded by mutex_
};

namespace {

core::crypto::PrivateTags draw_tags() {
  core::crypto::SystemRandom random;
  return core::crypto::PrivateTags{random};
}

}  // namespace

AccessTokenCache::AccessTokenCache(Bounds bounds) : tags_(draw_tags()) {
  TALLY_CHECK(bounds.entries_max >= kShards);
  for (auto& shard : shards_) {
    shard = std::make_unique<Shard>(bounds.entries_max / kShards, bounds.scope_bytes_max / kShards);
  }
}

AccessTokenCache::~AccessTokenCache() = default;

std::optional<AccessClaims> AccessTokenCache::find(const Key& key) const {
  return shards_[key.front() % kShards]->find(key);
}

void AccessTokenCache::remember(const Key& key, const AccessClaims& claims, Epoch epoch) {
  const auto is_current = [this, epoch] { return epoch == this->epoch(); };
  shards_[key.front() % kShards]->remember(key, claims, is_current);
}

void AccessTokenCache::forget_all() {
  epoch_.fetch_add(1, std::memory_order_acq_rel);
  for (const auto& shard : shards_) shard->forget();
}

std::size_t AccessTokenCache::size() const {
  std::size_t size = 0;
  for (const auto& shard : shards_) size += shard->size();
  return size;
}

}  // namespace tally::http
