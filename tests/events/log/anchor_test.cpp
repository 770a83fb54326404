#include "events/log/anchor.hpp"

#include <algorithm>
#include <vector>

#include <catch2/catch.hpp>

namespace tally::events {
namespace {

using Kind = Shortfall::Kind;

Anchor sample_anchor(std::uint64_t counter = 7) {
  Anchor anchor;
  for (std::size_t index = 0; index < anchor.ledger.bytes.size(); ++index) {
    anchor.ledger.bytes[index] = static_cast<std::uint8_t>(0xa0 + index);
  }
  anchor.counter = counter;
  anchor.last_row = 0x0102030405060708;
  anchor.size = 12;
  anchor.root.bytes.fill(0x5e);
  anchor.last_recorded_at = core::timestamp_of_micros(1'700'000'000'000'000);
  return anchor;
}

std::vector<std::uint8_t> anchor_file_of(const Anchor& first, const Anchor& second) {
  std::vector<std::uint8_t> file(kAnchorFileBytes);
  for (const Anchor& anchor : {first, second}) {
    const auto bytes = encode_anchor(anchor);
    std::copy(bytes.begin(), bytes.end(),
              file.begin() + static_cast<std::ptrdiff_t>(slot_of(anchor.counter) * kAnchorSlotBytes));
  }
  return file;
}

}  // namespace

TEST_CASE("anchor: its bytes are these for ever", "[events][anchor]") {
  const auto bytes = encode_anchor(sample_anchor());
  CHECK(core::to_hex(bytes) ==
        "544c594101000000a0a1a2a3a4a5a6a7a8a9aaabacadaeaf00000000000000070102030405060708000000000000000c"
        "5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e00060a24181e4000"
        "0d06eef228412d27");
  CHECK(decode_anchor(bytes).value() == sample_anchor());
}

TEST_CASE("anchor: no bit of it can change unseen, nor its length", "[events][anchor]") {
  const auto good = encode_anchor(sample_anchor());
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    auto bytes = good;
    bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ 1U << bit % 8);
    INFO("bit " << bit);
    REQUIRE(decode_anchor(bytes).has_error());
    CHECK(decode_anchor(bytes).error().code == core::Errc::corrupt);
  }
  CHECK(decode_anchor(core::ByteView{good}.first(good.size() - 1)).has_error());
}

TEST_CASE("anchor: the newer slot counts, and either is enough", "[events][anchor]") {
  const std::uint64_t counter = GENERATE(std::uint64_t{7}, std::uint64_t{8});
  const Anchor before = sample_anchor(counter - 1);
  const Anchor after = sample_anchor(counter);
  const auto file = anchor_file_of(before, after);
  CHECK(newest_anchor(file).value() == after);
  for (std::size_t byte = 0; byte < file.size(); ++byte) {
    const std::size_t slot = byte / kAnchorSlotBytes;
    auto damaged = file;
    damaged[byte] = static_cast<std::uint8_t>(~damaged[byte]);
    const bool is_hit = byte % kAnchorSlotBytes < kAnchorBytes && slot == slot_of(counter);
    INFO("byte " << byte);
    REQUIRE(newest_anchor(damaged).has_value());
    CHECK(*newest_anchor(damaged) == (is_hit ? before : after));
  }
}

TEST_CASE("anchor: a file of which neither slot can be read is corrupt", "[events][anchor]") {
  const auto file = anchor_file_of(sample_anchor(6), sample_anchor(7));
  for (const std::size_t length : {0UL, 1UL, kAnchorBytes - 1}) {
    CHECK(newest_anchor(core::ByteView{file}.first(length)).error().code == core::Errc::corrupt);
  }
  CHECK(newest_anchor(core::ByteView{file}.first(kAnchorSlotBytes)).value() == sample_anchor(6));
  CHECK(newest_anchor(std::vector<std::uint8_t>(kAnchorFileBytes)).has_error());
  auto swapped = file;
  std::swap_ranges(swapped.begin(), swapped.begin() + kAnchorSlotBytes, swapped.begin() + kAnchorSlotBytes);
  CHECK(newest_anchor(swapped).has_error());
  Anchor other = sample_anchor(7);
  other.ledger.bytes[0] = 1;
  CHECK(newest_anchor(anchor_file_of(sample_anchor(6), other)).has_error());
}

TEST_CASE("anchor: what a ledger lacks of it is told", "[events][anchor]") {
  const Anchor anchor = sample_anchor();
  FoundLedger found{anchor.last_row, anchor.size, anchor.root, "000012.log is the last file"};
  CHECK_FALSE(shortfall_of(found, anchor));
  found.events = 10;
  CHECK(shortfall_of(found, anchor)->kind == Kind::events);
  CHECK(shortfall_of(found, anchor)->words ==
        "the ledger holds 10 events; the anchor says 12: event 10 is the first that is missing; "
        "000012.log is the last file");
  found.events = 13;
  found.root.reset();
  CHECK_FALSE(shortfall_of(found, anchor));
  --found.last_row;
  CHECK(shortfall_of(found, anchor)->kind == Kind::rows);
  found.root.emplace();
  CHECK(shortfall_of(found, anchor)->kind == Kind::root);
}

}  // namespace tally::events
