#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/check.hpp"
#include "core/base/result.hpp"

namespace tally::events {

/// SHA-256(0x00 || event bytes). Source: RFC 6962 §2.1.
core::Digest leaf_hash(core::ByteView event_bytes);
/// SHA-256(0x01 || left || right).
core::Digest node_hash(const core::Digest& left, const core::Digest& right);

/// Digests one behind the other, as stored.
std::string_view digests_as_text(std::span<const core::Digest> digests);
/// Empty: the length is no multiple of a digest's.
std::optional<std::vector<core::Digest>> digests_of(std::string_view bytes);

/// A tile is a node and what lies below it down to so many levels: 256 hashes. Source: C2SP tlog-tiles.
inline constexpr int kTileHeight = 8;
inline constexpr std::uint64_t kTileWidth = 1U << kTileHeight;

/// The roots of the perfect subtrees of a Merkle tree's first `size` leaves, largest first: enough to append and to
/// tell the root. Source: RFC 6962 §2.1; Crosby and Wallach, "Efficient Data Structures for Tamper-Evident Logging",
/// 2009.
class CompactRange {
 public:
  CompactRange() = default;
  /// Errors: corrupt (the number of roots does not fit the size).
  static core::Result<CompactRange> from_parts(std::uint64_t size, std::vector<core::Digest> roots);

  void append(const core::Digest& leaf) {
    append(leaf, [](int, std::uint64_t, const core::Digest&) {});
  }
  /// Calls `on_node(level, index, root)` for each perfect subtree of 256^level leaves that the leaf completes, level >=
  /// 1, the smallest first: the index-th of them.
  template <class OnNode>
  void append(const core::Digest& leaf, const OnNode& on_node) {
    core::Digest merged = leaf;
    // One merge for each perfect subtree that the new leaf completes: the trailing ones of the size.
    const int merges = std::countr_one(size_);
    for (int height = 1; height <= merges; ++height) {
      merged = node_hash(roots_.back(), merged);
      roots_.pop_back();
      if (height % kTileHeight == 0) on_node(height / kTileHeight, size_ >> height, std::as_const(merged));
    }
    roots_.push_back(merged);
    ++size_;
    TALLY_CHECK(roots_.size() == static_cast<std::size_t>(std::popcount(size_)));
  }
  /// SHA-256 of nothing for size 0.
  [[nodiscard]] core::Digest root() const;
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] const std::vector<core::Digest>& roots() const { return roots_; }
  bool operator==(const CompactRange&) const = default;

 private:
  std::uint64_t size_ = 0;
  std::vector<core::Digest> roots_;
};

}  // namespace tally::events
