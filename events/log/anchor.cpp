#include "events/log/anchor.hpp"

#include <algorithm>

#include "core/crypto/hash.hpp"
#include "events/log/keys.hpp"

namespace tally::events {
namespace {

using core::Errc;
using core::Result;

constexpr std::string_view kAnchorMagic = "TLYA";
constexpr std::uint8_t kAnchorVersion = 1;
constexpr std::size_t kAnchorCheckBytes = 8;
constexpr std::size_t kAnchorCheckAt = kAnchorBytes - kAnchorCheckBytes;
constexpr std::size_t kReservedBytes = 3;  ///< Flags, and two more: zeros.

class AnchorWriter {
 public:
  void put(core::ByteView bytes) { at_ = std::copy(bytes.begin(), bytes.end(), at_); }
  void put(std::uint8_t byte) { *at_++ = byte; }
  void put(std::uint64_t number) {
    for (int shift = 56; shift >= 0; shift -= 8) put(static_cast<std::uint8_t>(number >> shift));
  }
  std::array<std::uint8_t, kAnchorBytes> filled{};

 private:
  std::array<std::uint8_t, kAnchorBytes>::iterator at_ = filled.begin();
};

core::Digest check_of(core::ByteView bytes) { return core::crypto::sha256(bytes.first(kAnchorCheckAt)); }

Result<Anchor> slot_at(core::ByteView file, std::size_t slot) {
  const std::size_t at = slot * kAnchorSlotBytes;
  if (file.size() < at + kAnchorBytes) return core::fail(Errc::corrupt, "it is too short");
  TALLY_TRY_ASSIGN(const Anchor anchor, decode_anchor(file.subspan(at, kAnchorBytes)));
  if (slot_of(anchor.counter) != slot) return core::fail(Errc::corrupt, "it is the other slot's");
  return anchor;
}

}  // namespace

std::array<std::uint8_t, kAnchorBytes> encode_anchor(const Anchor& anchor) {
  AnchorWriter out;
  out.put(core::as_bytes(kAnchorMagic));
  out.put(kAnchorVersion);
  for (std::size_t index = 0; index < kReservedBytes; ++index) out.put(std::uint8_t{0});
  out.put(anchor.ledger.bytes);
  out.put(anchor.counter);
  out.put(anchor.last_row);
  out.put(anchor.size);
  out.put(anchor.root.bytes);
  out.put(static_cast<std::uint64_t>(core::micros_of(anchor.last_recorded_at)));
  const core::Digest check = check_of(out.filled);
  out.put(core::ByteView{check.bytes}.first(kAnchorCheckBytes));
  return out.filled;
}

Result<Anchor> decode_anchor(core::ByteView bytes) {
  if (bytes.size() != kAnchorBytes) return core::fail(Errc::corrupt, "it has a wrong length");
  std::string_view rest = core::as_text(bytes);
  if (!rest.starts_with(kAnchorMagic)) return core::fail(Errc::corrupt, "it does not begin with TLYA");
  rest.remove_prefix(kAnchorMagic.size());
  const core::Digest check = check_of(bytes);
  if (!std::equal(bytes.begin() + kAnchorCheckAt, bytes.end(), check.bytes.begin())) {
    return core::fail(Errc::corrupt, "it does not fit its check");
  }
  if (rest.front() != kAnchorVersion) return core::fail(Errc::corrupt, "it has an unknown version");
  rest.remove_prefix(1);
  if (rest.substr(0, kReservedBytes) != std::string_view{"\0\0\0", kReservedBytes}) {
    return core::fail(Errc::corrupt, "it has an unknown flag");
  }
  rest.remove_prefix(kReservedBytes);
  Anchor anchor;
  const auto take = [&rest](auto& into) {
    std::copy_n(rest.begin(), into.size(), into.begin());
    rest.remove_prefix(into.size());
  };
  const auto take_number = [&rest] {
    const std::uint64_t number = read_be64(rest).value_or(0);
    rest.remove_prefix(sizeof number);
    return number;
  };
  take(anchor.ledger.bytes);
  anchor.counter = take_number();
  anchor.last_row = take_number();
  anchor.size = take_number();
  take(anchor.root.bytes);
  anchor.last_recorded_at = core::timestamp_of_micros(static_cast<std::int64_t>(take_number()));
  if (!core::is_writable(anchor.last_recorded_at)) return core::fail(Errc::corrupt, "its time is out of range");
  return anchor;
}

Result<Anchor> newest_anchor(core::ByteView file) {
  const auto first = slot_at(file, 0);
  const auto second = slot_at(file, 1);
  if (first.has_error() && second.has_error()) {
    return core::fail(Errc::corrupt,
                      "neither slot can be read: " + first.error().detail + ", and " + second.error().detail);
  }
  if (first.has_error()) return second;
  if (second.has_error()) return first;
  if (first->ledger != second->ledger) return core::fail(Errc::corrupt, "its slots are of two ledgers");
  return first->counter > second->counter ? first : second;
}

std::optional<Shortfall> shortfall_of(const FoundLedger& found, const Anchor& anchor) {
  using Kind = Shortfall::Kind;
  if (found.events < anchor.size) {
    return Shortfall{Kind::events, "the ledger holds " + std::to_string(found.events) + " events; the anchor says " +
                                       std::to_string(anchor.size) + ": event " + std::to_string(found.events) +
                                       " is the first that is missing; " + found.where};
  }
  if (found.root && *found.root != anchor.root) {
    return Shortfall{Kind::root, "the ledger's first " + std::to_string(anchor.size) +
                                     " events are not those that the anchor was made for"};
  }
  if (found.last_row < anchor.last_row) {
    return Shortfall{Kind::rows, "rows are missing, though no event is: the last that is there has the number " +
                                     std::to_string(found.last_row) + ", and the anchor says " +
                                     std::to_string(anchor.last_row) + "; " + found.where};
  }
  return std::nullopt;
}

}  // namespace tally::events
