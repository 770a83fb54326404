#include "events/ledger/start_check.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <string>
#include <vector>

#include "events/log/tiles.hpp"

namespace tally::events {
namespace {

constexpr std::size_t kEventsLookedAt = 256;

core::Error corrupt(std::string detail) { return core::fail(core::Errc::corrupt, std::move(detail)); }

/// The last event is decoded, and was recorded when the head says.
core::Result<void> check_last_event(const Reader& reader, const LedgerHead& head) {
  TALLY_TRY_ASSIGN(const auto event, read_event(reader, {head.tree.size() - 1}));
  if (!event) return corrupt("the log's last event is gone");
  if (event->recorded_at == head.last_recorded_at) return {};
  return corrupt("the log's last event was not recorded when the ledger's head says");
}

/// Of the events [first, first + count): those that only the log holds the hashes of, or those below a tile.
std::string words_of(std::uint64_t first, std::uint64_t count) {
  if (count == 1) return "event " + std::to_string(first) + " is not the one";
  return "among the events " + std::to_string(first) + " to " + std::to_string(first + count - 1) +
         ", or in their tiles, one is not";
}

core::Result<void> check_end(Tiles& tiles, const CompactRange& tree) {
  std::uint64_t first = 0;
  for (const core::Digest& root : tree.roots()) {
    const int height = 63 - std::countl_zero(tree.size() - first);
    TALLY_TRY_ASSIGN(const core::Digest found, tiles.node(height, first >> height));
    const std::uint64_t count = std::uint64_t{1} << height;
    if (found != root) return corrupt(words_of(first, count) + " that the ledger's head commits to");
    first += count;
  }
  return {};
}

/// In order, so that those of one tile are looked at together.
std::vector<std::uint64_t> drawn(std::uint64_t size, core::RandomSource& random) {
  std::array<std::uint64_t, kEventsLookedAt> numbers{};
  std::array<std::uint8_t, sizeof numbers> bytes{};
  random.fill(bytes);
  std::memcpy(numbers.data(), bytes.data(), bytes.size());
  std::vector<std::uint64_t> sequences;
  for (std::size_t index = 0; index < kEventsLookedAt; ++index) {
    // Of a short ledger all of them.
    if (size > kEventsLookedAt) {
      sequences.push_back(numbers[index] % size);
    } else if (index < size) {
      sequences.push_back(index);
    }
  }
  std::ranges::sort(sequences);
  return sequences;
}

core::Result<void> check_event(const Reader& reader, Tiles& tiles, std::uint64_t sequence) {
  const std::uint64_t tile = sequence / kTileWidth;
  TALLY_TRY_ASSIGN(const auto bytes, read_event_bytes(reader, {sequence}));
  if (!bytes) return corrupt("event " + std::to_string(sequence) + " is missing from the log");
  TALLY_TRY_ASSIGN(const auto leaves, tiles.tile(0, tile));
  if (leaves[sequence % kTileWidth] == leaf_hash(core::as_bytes(*bytes))) return {};
  return corrupt("event " + std::to_string(sequence) + ": its bytes are not those that were hashed (tile " +
                 tile_name(0, tile) + ")");
}

}  // namespace

core::Result<void> check_at_start(const Reader& reader, const LedgerHead& head, core::RandomSource& random) {
  const std::uint64_t size = head.tree.size();
  if (size == 0) return {};
  TALLY_TRY(check_last_event(reader, head));
  Tiles tiles{reader, size};
  TALLY_TRY(check_end(tiles, head.tree));
  for (const std::uint64_t sequence : drawn(size, random)) TALLY_TRY(check_event(reader, tiles, sequence));
  return {};
}

}  // namespace tally::events
