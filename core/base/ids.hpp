#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace tally::core {

/// 16 bytes, network order. Source: RFC 9562.
struct Uuid {
  std::array<std::uint8_t, 16> bytes{};
  auto operator<=>(const Uuid&) const = default;
  [[nodiscard]] bool is_nil() const { return *this == Uuid{}; }
};

/// The place of an event in the ledger: dense, from 0.
struct Sequence {
  std::uint64_t value = 0;
  auto operator<=>(const Sequence&) const = default;
};

/// 10 random bytes, from which a UUIDv7 takes 74 bits.
using UuidEntropy = std::array<std::uint8_t, 10>;

/// UUIDv7 with `time` in whole milliseconds. Source: RFC 9562 §5.7.
Uuid make_uuid_v7(Timestamp time, const UuidEntropy& entropy);

/// The same to the microsecond, which takes 12 bits of the entropy's place: ids of one process stand in the order of
/// its readings of the clock. Source: RFC 9562 §6.2, method 3.
Uuid make_uuid_v7_in_microsecond(Timestamp time, const UuidEntropy& entropy);

/// The same, and within one microsecond in the order of `sequence`, of which it takes the lower 32 bits; 30 bits are
/// left to the entropy. Source: RFC 9562 §6.2, methods 3 and 1.
Uuid make_uuid_v7_in_log(Timestamp time, Sequence sequence, const UuidEntropy& entropy);

/// The smallest UUIDv7-ordered value of `time`'s millisecond: a bound for scans in order of time.
Uuid uuid_v7_lower_bound(Timestamp time);

/// The time in a UUIDv7, to the millisecond.
Timestamp time_of_uuid_v7(const Uuid& uuid);

/// TypeID: `prefix_` and 26 Crockford base32 characters, lower case. Source: TypeID specification 0.3.
std::string format_type_id(std::string_view prefix, const Uuid& uuid);
void append_type_id(std::string& out, std::string_view prefix, const Uuid& uuid);
/// Errors: malformed (other prefix, length, alphabet, or over 128 bits).
Result<Uuid> parse_type_id(std::string_view prefix, std::string_view text);

/// An id of one kind of thing. Kinds do not convert into one another; conversions to and from Uuid are explicit.
template <class Kind>
class TypedId {
 public:
  static constexpr std::string_view prefix = Kind::prefix;

  constexpr TypedId() = default;
  explicit constexpr TypedId(Uuid uuid) : uuid_(uuid) {}

  /// Errors: malformed.
  static Result<TypedId> parse(std::string_view text) {
    auto uuid = parse_type_id(prefix, text);
    if (uuid.has_error()) return uuid.error();
    return TypedId{*uuid};
  }

  [[nodiscard]] const Uuid& uuid() const { return uuid_; }
  [[nodiscard]] std::string str() const { return format_type_id(prefix, uuid_); }
  [[nodiscard]] bool is_nil() const { return uuid_.is_nil(); }
  auto operator<=>(const TypedId&) const = default;

 private:
  Uuid uuid_;
};

struct TokenIdKind {
  static constexpr std::string_view prefix = "tok";
};
struct WorkspaceIdKind {
  static constexpr std::string_view prefix = "ws";
};
struct UserIdKind {
  static constexpr std::string_view prefix = "usr";
};
struct ResourceServerIdKind {
  static constexpr std::string_view prefix = "rs";
};
struct EventIdKind {
  static constexpr std::string_view prefix = "evt";
};
struct AccessTokenIdKind {
  static constexpr std::string_view prefix = "at";
};
struct ExportIdKind {
  static constexpr std::string_view prefix = "exp";
};

using TokenId = TypedId<TokenIdKind>;
using WorkspaceId = TypedId<WorkspaceIdKind>;
using UserId = TypedId<UserIdKind>;
using ResourceServerId = TypedId<ResourceServerIdKind>;
using EventId = TypedId<EventIdKind>;
/// The `jti` of an access token.
using AccessTokenId = TypedId<AccessTokenIdKind>;
using ExportId = TypedId<ExportIdKind>;

}  // namespace tally::core

template <>
struct std::hash<tally::core::Uuid> {
  std::size_t operator()(const tally::core::Uuid& uuid) const noexcept {
    // The tail of a UUIDv7 is random, or a number and something random: spread over all bits.
    std::uint64_t tail;
    std::memcpy(&tail, uuid.bytes.data() + 8, sizeof tail);
    tail *= 0x9E3779B97F4A7C15;
    return static_cast<std::size_t>(tail ^ tail >> 32);
  }
};
template <class Kind>
struct std::hash<tally::core::TypedId<Kind>> {
  std::size_t operator()(const tally::core::TypedId<Kind>& id) const noexcept {
    return std::hash<tally::core::Uuid>{}(id.uuid());
  }
};
