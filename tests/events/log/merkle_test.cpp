#include "events/log/merkle.hpp"

#include <bit>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

#include "core/crypto/hash.hpp"

namespace tally {
namespace {

/// RFC 6962 §2.1, word for word.
core::Digest reference_root(const std::vector<core::Digest>& leaves, std::size_t from, std::size_t until) {
  if (from == until) return core::crypto::sha256(core::ByteView{});
  if (until - from == 1) return leaves[from];
  const std::size_t split = from + std::bit_floor(until - from - 1);
  return events::node_hash(reference_root(leaves, from, split), reference_root(leaves, split, until));
}

core::Bytes bytes_of_hex(std::string_view hex) {
  core::Bytes bytes;
  for (std::size_t index = 0; index + 1 < hex.size(); index += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoi(std::string{hex.substr(index, 2)}, nullptr, 16)));
  }
  return bytes;
}

TEST_CASE("merkle: the roots of Certificate Transparency's test vectors", "[events][merkle]") {
  // Leaves and roots as in the reference implementation of RFC 6962 (certificate-transparency, merkle tree tests).
  const std::vector<std::string> leaves{
      "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
  const std::vector<std::string> roots{"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                                       "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                                       "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                                       "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                                       "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                                       "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                                       "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                                       "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  events::CompactRange range;
  CHECK(core::to_hex(range.root().bytes) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  for (std::size_t index = 0; index < leaves.size(); ++index) {
    range.append(events::leaf_hash(bytes_of_hex(leaves[index])));
    CHECK(core::to_hex(range.root().bytes) == roots[index]);
  }
}

TEST_CASE("merkle: a compact range has the root of the whole tree at every size", "[events][merkle]") {
  events::CompactRange range;
  std::vector<core::Digest> leaves;
  for (std::size_t size = 0; size <= 300; ++size) {
    REQUIRE(range.size() == size);
    REQUIRE(range.root() == reference_root(leaves, 0, size));
    leaves.push_back(events::leaf_hash(core::as_bytes(std::to_string(size))));
    range.append(leaves.back());
  }
}

TEST_CASE("merkle: a leaf tells of each tile's root that it completes", "[events][merkle]") {
  events::CompactRange range;
  std::vector<std::string> told;
  std::vector<core::Digest> leaves;
  for (std::uint64_t leaf = 0; leaf < 2 * 65'536; ++leaf) {
    leaves.push_back(events::leaf_hash(core::as_bytes(std::to_string(leaf))));
    range.append(leaves.back(), [&](int level, std::uint64_t index, const core::Digest& root) {
      const std::uint64_t width = std::uint64_t{1} << (8 * level);
      REQUIRE((index + 1) * width == leaf + 1);
      if (level > 1 || index % 100 == 0) REQUIRE(root == reference_root(leaves, index * width, leaf + 1));
      told.push_back(std::to_string(level) + "/" + std::to_string(index));
    });
  }
  CHECK(told.size() == 512 + 2);
  CHECK(std::vector<std::string>(told.begin() + 255, told.begin() + 257) == std::vector<std::string>{"1/255", "2/0"});
  CHECK(told.back() == "2/1");
}

TEST_CASE("merkle: a range taken apart and put together goes on the same", "[events][merkle]") {
  events::CompactRange range;
  for (int leaf = 0; leaf < 37; ++leaf) range.append(events::leaf_hash(core::as_bytes(std::to_string(leaf))));
  auto again = events::CompactRange::from_parts(range.size(), range.roots());
  REQUIRE(again.has_value());
  range.append({});
  again->append({});
  CHECK(again->root() == range.root());
}

TEST_CASE("merkle: parts that do not fit the size are corrupt", "[events][merkle]") {
  const auto range = events::CompactRange::from_parts(5, std::vector<core::Digest>(3));
  REQUIRE(range.has_error());
  CHECK(range.error().code == core::Errc::corrupt);
}

TEST_CASE("merkle: a leaf that looks like a node has another hash", "[events][merkle]") {
  const core::Digest left = events::leaf_hash(core::as_bytes("left"));
  const core::Digest right = events::leaf_hash(core::as_bytes("right"));
  core::Bytes both{left.bytes.begin(), left.bytes.end()};
  both.insert(both.end(), right.bytes.begin(), right.bytes.end());
  CHECK(events::leaf_hash(both) != events::node_hash(left, right));
}

}  // namespace
}  // namespace tally
