#include "events/log/tree_proof.hpp"

#include <algorithm>
#include <bit>

#include "core/base/check.hpp"

namespace tally::events {
namespace {

/// The leaves [begin, end) of one node: perfect, or at the right edge of the tree.
struct Span {
  std::uint64_t begin;
  std::uint64_t end;
  [[nodiscard]] std::uint64_t size() const { return end - begin; }
  /// Where the right child begins. Of more than one leaf.
  [[nodiscard]] std::uint64_t split() const { return begin + std::bit_floor(size() - 1); }
};

/// Calls `visit(height, index)` for the perfect subtrees of a node, largest first.
template <class Visit>
core::Result<void> for_each_perfect(Span span, const Visit& visit) {
  while (span.size() > 0) {
    const int height = 63 - std::countl_zero(span.size());
    TALLY_TRY(visit(height, span.begin >> height));
    span.begin += std::uint64_t{1} << height;
  }
  return {};
}

/// The hash of a node of at least one leaf.
core::Result<core::Digest> hash_of(TreeNodes& nodes, const Span& span) {
  std::vector<core::Digest> roots;
  TALLY_TRY(for_each_perfect(span, [&](int height, std::uint64_t index) -> core::Result<void> {
    TALLY_TRY_ASSIGN(const core::Digest root, nodes.node(height, index));
    roots.push_back(root);
    return {};
  }));
  core::Digest hash = roots.back();
  for (std::size_t left = roots.size() - 1; left-- > 0;) hash = node_hash(roots[left], hash);
  return hash;
}

}  // namespace

core::Result<CompactRange> range_at(TreeNodes& nodes, std::uint64_t size) {
  std::vector<core::Digest> roots;
  TALLY_TRY(for_each_perfect({0, size}, [&](int height, std::uint64_t index) -> core::Result<void> {
    TALLY_TRY_ASSIGN(const core::Digest root, nodes.node(height, index));
    roots.push_back(root);
    return {};
  }));
  return CompactRange::from_parts(size, std::move(roots));
}

core::Result<std::vector<core::Digest>> inclusion_proof(TreeNodes& nodes, std::uint64_t index, std::uint64_t size) {
  TALLY_CHECK(index < size);
  std::vector<core::Digest> proof;
  Span node{0, size};
  while (node.size() > 1) {
    const std::uint64_t split = node.split();
    const bool is_left = index < split;
    TALLY_TRY_ASSIGN(const core::Digest beside,
                     hash_of(nodes, is_left ? Span{split, node.end} : Span{node.begin, split}));
    proof.push_back(beside);
    node = is_left ? Span{node.begin, split} : Span{split, node.end};
  }
  std::ranges::reverse(proof);
  return proof;
}

core::Result<std::vector<core::Digest>> consistency_proof(TreeNodes& nodes, std::uint64_t from, std::uint64_t to) {
  TALLY_CHECK(from <= to);
  std::vector<core::Digest> proof;
  if (from == 0 || from == to) return proof;
  Span node{0, to};
  while (from != node.end) {
    const std::uint64_t split = node.split();
    const bool ends_left = from <= split;
    TALLY_TRY_ASSIGN(const core::Digest beside,
                     hash_of(nodes, ends_left ? Span{split, node.end} : Span{node.begin, split}));
    proof.push_back(beside);
    node = ends_left ? Span{node.begin, split} : Span{split, node.end};
  }
  // The node where the older tree ends is known to whoever has its root, if it is all of it.
  if (node.begin > 0) {
    TALLY_TRY_ASSIGN(const core::Digest last, hash_of(nodes, node));
    proof.push_back(last);
  }
  std::ranges::reverse(proof);
  return proof;
}

}  // namespace tally::events
