#pragma once

#include <bit>
#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/crypto/hash.hpp"
#include "events/log/merkle.hpp"

namespace tally::testing {

/// RFC 6962 §2.1, word for word, over leaves that are all in memory. What was computed of whole subtrees is kept.
class NaiveTree {
 public:
  explicit NaiveTree(std::vector<core::Digest> leaves) : leaves_(std::move(leaves)) {}

  [[nodiscard]] const std::vector<core::Digest>& leaves() const { return leaves_; }
  core::Digest root(std::uint64_t size) { return size == 0 ? core::crypto::sha256(core::ByteView{}) : hash(0, size); }
  /// PATH(m, D[n]).
  std::vector<core::Digest> path(std::uint64_t index, std::uint64_t size) { return path(index, 0, size); }
  /// PROOF(m, D[n]).
  std::vector<core::Digest> proof(std::uint64_t from, std::uint64_t to) {
    return from == 0 ? std::vector<core::Digest>{} : subproof(from, 0, to, true);
  }

 private:
  using Digests = std::vector<core::Digest>;
  static std::uint64_t split_of(std::uint64_t count) { return std::bit_floor(count - 1); }
  static Digests with(Digests digests, const core::Digest& last) {
    digests.push_back(last);
    return digests;
  }
  core::Digest hash(std::uint64_t from, std::uint64_t until) {
    if (until - from == 1) return leaves_[from];
    const auto known = known_.find({from, until});
    if (known != known_.end()) return known->second;
    const std::uint64_t middle = from + split_of(until - from);
    const core::Digest made = events::node_hash(hash(from, middle), hash(middle, until));
    if (std::has_single_bit(until - from)) known_[{from, until}] = made;
    return made;
  }
  Digests path(std::uint64_t index, std::uint64_t from, std::uint64_t until) {
    if (until - from == 1) return {};
    const std::uint64_t middle = from + split_of(until - from);
    return index < middle ? with(path(index, from, middle), hash(middle, until))
                          : with(path(index, middle, until), hash(from, middle));
  }
  Digests subproof(std::uint64_t end, std::uint64_t from, std::uint64_t until, bool is_known) {
    if (end == until) return is_known ? Digests{} : Digests{hash(from, until)};
    const std::uint64_t middle = from + split_of(until - from);
    return end <= middle ? with(subproof(end, from, middle, is_known), hash(middle, until))
                         : with(subproof(end, middle, until, false), hash(from, middle));
  }

  Digests leaves_;
  std::map<std::pair<std::uint64_t, std::uint64_t>, core::Digest> known_;
};

}  // namespace tally::testing
