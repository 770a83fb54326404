#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"

/// How far a ledger went, kept outside of it. Source: docs/formats.md ("The anchor"), docs/adr/0058.
namespace tally::events {

/// Where a ledger stood after a batch.
struct Anchor {
  core::Uuid ledger;                 ///< As the row `anchored` of meta.
  std::uint64_t counter = 0;         ///< Of the anchors of this file, from 0.
  std::uint64_t last_row = 0;        ///< The database's number of the batch's last row; numbers are never given twice.
  std::uint64_t size = 0;            ///< Events.
  core::Digest root;                 ///< Of their tree.
  core::Timestamp last_recorded_at;  ///< When the last of them was recorded.
  bool operator==(const Anchor&) const = default;
};

inline constexpr std::size_t kAnchorBytes = 96;
inline constexpr std::size_t kAnchorSlots = 2;
inline constexpr std::size_t kAnchorSlotBytes = 4'096;  ///< A slot is a page of its own: no write tears both.
inline constexpr std::size_t kAnchorFileBytes = kAnchorSlots * kAnchorSlotBytes;

/// In which slot an anchor belongs, so that each leaves the one before it alone.
constexpr std::size_t slot_of(std::uint64_t counter) { return counter % kAnchorSlots; }

std::array<std::uint8_t, kAnchorBytes> encode_anchor(const Anchor& anchor);
/// Errors: corrupt.
core::Result<Anchor> decode_anchor(core::ByteView bytes);

/// The newest anchor of a file's bytes; a slot that can not be read is passed over. Errors: corrupt (neither can be
/// read, or they are of two ledgers).
core::Result<Anchor> newest_anchor(core::ByteView file);

/// What was found of a ledger.
struct FoundLedger {
  std::uint64_t last_row = 0;
  std::uint64_t events = 0;
  std::optional<core::Digest> root;  ///< At the anchor's size; empty: it can not be told.
  std::string where;                 ///< Which file is the last that holds anything, in words.
};

/// In which way a ledger falls short of its anchor.
struct Shortfall {
  enum class Kind : std::uint8_t { events, rows, root } kind;
  std::string words;
};

/// Empty: the ledger is the anchor's, or has grown out of it.
std::optional<Shortfall> shortfall_of(const FoundLedger& found, const Anchor& anchor);

}  // namespace tally::events
