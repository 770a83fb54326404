#pragma once

#include <cstdint>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace tally::events {

/// SHA-256(0x00 || event bytes). Source: RFC 6962 §2.1.
core::Digest leaf_hash(core::ByteView event_bytes);
/// SHA-256(0x01 || left || right).
core::Digest node_hash(const core::Digest& left, const core::Digest& right);

/// The roots of the perfect subtrees of a Merkle tree's first `size` leaves, largest first: enough to append and to
/// tell the root. Source: RFC 6962 §2.1; Crosby and Wallach, "Efficient Data Structures for Tamper-Evident Logging",
/// 2009.
class CompactRange {
 public:
  CompactRange() = default;
  /// Errors: corrupt (the number of roots does not fit the size).
  static core::Result<CompactRange> from_parts(std::uint64_t size, std::vector<core::Digest> roots);

  void append(const core::Digest& leaf);
  /// SHA-256 of nothing for size 0.
  [[nodiscard]] core::Digest root() const;
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] const std::vector<core::Digest>& roots() const { return roots_; }

 private:
  std::uint64_t size_ = 0;
  std::vector<core::Digest> roots_;
};

}  // namespace tally::events
