#include "events/log/merkle.hpp"

#include <bit>

#include "core/crypto/hash.hpp"

namespace tally::events {
namespace {

// RFC 6962 §2.1: the prefixes keep a node from passing as a leaf.
constexpr std::uint8_t kLeafPrefix = 0x00;
constexpr std::uint8_t kNodePrefix = 0x01;

}  // namespace

core::Digest leaf_hash(core::ByteView event_bytes) {
  return core::crypto::sha256({core::ByteView{&kLeafPrefix, 1}, event_bytes});
}

core::Digest node_hash(const core::Digest& left, const core::Digest& right) {
  return core::crypto::sha256({core::ByteView{&kNodePrefix, 1}, left.bytes, right.bytes});
}

std::string_view digests_as_text(std::span<const core::Digest> digests) {
  static_assert(sizeof(core::Digest) == 32);
  return {reinterpret_cast<const char*>(digests.data()), digests.size_bytes()};
}

std::optional<std::vector<core::Digest>> digests_of(std::string_view bytes) {
  if (bytes.size() % sizeof(core::Digest) != 0) return std::nullopt;
  std::vector<core::Digest> digests(bytes.size() / sizeof(core::Digest));
  bytes.copy(reinterpret_cast<char*>(digests.data()), bytes.size());
  return digests;
}

core::Result<CompactRange> CompactRange::from_parts(std::uint64_t size, std::vector<core::Digest> roots) {
  if (roots.size() != static_cast<std::size_t>(std::popcount(size))) {
    return core::fail(core::Errc::corrupt, "a tree of " + std::to_string(size) + " leaves does not have " +
                                               std::to_string(roots.size()) + " perfect subtrees");
  }
  CompactRange range;
  range.size_ = size;
  range.roots_ = std::move(roots);
  return range;
}

core::Digest CompactRange::root() const {
  if (roots_.empty()) return core::crypto::sha256(core::ByteView{});
  core::Digest root = roots_.back();
  for (std::size_t index = roots_.size() - 1; index-- > 0;) root = node_hash(roots_[index], root);
  return root;
}

}  // namespace tally::events
