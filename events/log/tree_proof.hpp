#pragma once

#include <cstdint>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "events/log/merkle.hpp"

/// Roots and proofs of a tree at any size, made of its perfect subtrees. Source: RFC 6962 §2.1.
namespace tally::events {

/// Where the roots of perfect subtrees come from.
class TreeNodes {
 public:
  virtual ~TreeNodes() = default;
  /// The root of the leaves [index << height, (index + 1) << height), all of which are there. Errors: the source's.
  virtual core::Result<core::Digest> node(int height, std::uint64_t index) = 0;
};

/// The tree's first `size` leaves. Errors: the source's.
core::Result<CompactRange> range_at(TreeNodes& nodes, std::uint64_t size);

/// That the leaf is the index-th of the first `size`: the hashes beside its way to the root, from the leaf up. `index`
/// < `size` (checked). Errors: the source's. Source: RFC 6962 §2.1.1.
core::Result<std::vector<core::Digest>> inclusion_proof(TreeNodes& nodes, std::uint64_t index, std::uint64_t size);

/// That the first `to` leaves begin with the first `from`; nothing if `from` is 0 or `to`. `from` <= `to` (checked).
/// Errors: the source's. Source: RFC 6962 §2.1.2.
core::Result<std::vector<core::Digest>> consistency_proof(TreeNodes& nodes, std::uint64_t from, std::uint64_t to);

}  // namespace tally::events
