#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/state/scope.hpp"
#include "projections/rows/row_codec.hpp"

/// The form of a row is written down once: `describe(row, fields)` names its members in the order of their bytes. With
/// FieldWriter it measures and writes, with FieldReader it reads and checks, and a test makes the table of
/// docs/formats.md of it. So no member can be written and not measured, or read in another place than it was written.
///
/// A name is what the table calls the member; a note stands behind it. `bit` says by which of the row's flags() a
/// reader knows that something is there; the flags stand before everything that has a bit, and there is one flags() to
/// a row.
namespace tally::projections {

/// The parameter of a describe(): a `Row` that is read from, or written into.
template <class Value, class Row>
concept RowOf = std::same_as<std::remove_const_t<Value>, Row>;

/// The bit of what follows a flagged() number.
inline constexpr std::uint8_t kHighestBit = 0x80;

/// Writes: `Bytes` is FixedRowSize or RowSize, which measure, or RowWriter.
template <class Bytes>
class FieldWriter {
 public:
  explicit FieldWriter(Bytes& bytes) : bytes_(bytes) {}

  /// First in most rows.
  void version(std::uint8_t value = kRowVersion) { bytes_.u8(value); }
  /// As many bytes as its type has: a number, a time, an id, a digest; texts, bytes and scopes with their lengths.
  template <class Value>
  void field(std::string_view, const Value& value, std::string_view = {}) {
    put(value);
  }
  /// A number that is stored in fewer bytes than it has, or without its sign.
  template <class Stored, class Value>
  void number(std::string_view, const Value& value, std::string_view = {}) {
    if constexpr (sizeof(Stored) == 2) {
      bytes_.u16(value);
    } else {
      bytes_.u32(value);
    }
  }
  /// One byte: a value of an enumeration whose numbers go from 1 to `last`.
  template <class Enum>
  void enumerator(std::string_view, const Enum& value, Enum, std::string_view = {}) {
    bytes_.u8(static_cast<std::uint8_t>(value));
  }
  /// One byte: what of the following is there.
  void flags() { bytes_.flags(); }
  /// A number below 2^31 whose highest bit is the row's only flag.
  void flagged(std::string_view, const std::uint32_t& value, std::string_view = {}) { bytes_.flagged(value); }
  /// No byte: the flag alone says that the member is `value`; without it the member stays as it was.
  template <class Value>
  void flag(std::uint8_t bit, std::string_view, const Value& member, const std::type_identity_t<Value>& value) {
    if (member == value) bytes_.set(bit);
  }
  /// A member that is there if the flag is set.
  template <class Value>
  void optional(std::uint8_t bit, std::string_view, const std::optional<Value>& value, std::string_view = {}) {
    if (!value) return;
    bytes_.set(bit);
    put(*value);
  }
  /// An id, which is nil without the flag.
  template <class Kind>
  void optional(std::uint8_t bit, std::string_view, const core::TypedId<Kind>& id) {
    if (id.is_nil()) return;
    bytes_.set(bit);
    put(id);
  }
  /// Several members that are there if the flag is set: `describe_it(*value)` names them.
  template <class Value, class Describe>
  void group(std::uint8_t bit, std::string_view, const std::optional<Value>& value, const Describe& describe_it) {
    if (!value) return;
    bytes_.set(bit);
    describe_it(*value);
  }
  /// A time that has its place in any case, with zeros in it unless the flag is set.
  void slot(std::uint8_t bit, std::string_view, const std::optional<core::Timestamp>& value) {
    if (value) bytes_.set(bit);
    put(value.value_or(core::Timestamp{}));
  }
  /// To the end of the row: parts, one at least, of which `describe_it(part)` names the members.
  template <class Part, class Describe>
  void parts(std::string_view, const std::vector<Part>& parts, const Describe& describe_it) {
    for (const Part& part : parts) describe_it(part);
  }
  /// To the end of the row: bytes without a length.
  void rest(std::string_view, const core::Bytes& value, std::string_view = {}) { bytes_.rest(value); }
  /// What else is true of every row; asked for what was read.
  template <class Condition>
  void require(const Condition&) {}
  /// What the table says beside the members.
  void remark(std::string_view) {}

 private:
  void put(const std::uint32_t& value) { bytes_.u32(value); }
  void put(const std::uint64_t& value) { bytes_.u64(value); }
  void put(const std::int64_t& value) { bytes_.u64(static_cast<std::uint64_t>(value)); }
  void put(core::Sequence value) { bytes_.u64(value.value); }
  void put(core::Timestamp value) { bytes_.time(value); }
  void put(const core::Uuid& value) { bytes_.uuid(value); }
  template <class Kind>
  void put(const core::TypedId<Kind>& value) {
    bytes_.uuid(value.uuid());
  }
  void put(const core::Digest& value) { bytes_.digest(value); }
  void put(const std::string& value) { bytes_.text(value); }
  void put(const core::Bytes& value) { bytes_.text(core::as_text(value)); }
  void put(const core::ScopeSet& value) { bytes_.scope(value); }

  Bytes& bytes_;
};

/// Reads, by the same calls. What is damaged is remembered: ask complete() once at the end.
class FieldReader {
 public:
  explicit FieldReader(std::string_view row) : row_(row) {}

  void version(std::uint8_t expected = kRowVersion) { row_.version(expected); }
  template <class Value>
  void field(std::string_view, Value& value, std::string_view = {}) {
    take(value);
  }
  template <class Stored, class Value>
  void number(std::string_view, Value& value, std::string_view = {}) {
    Stored stored{};
    if constexpr (sizeof(Stored) == 2) {
      stored = row_.u16();
    } else {
      stored = row_.u32();
    }
    row_.require(std::in_range<Value>(stored));
    value = static_cast<Value>(stored);
  }
  template <class Enum>
  void enumerator(std::string_view, Enum& value, Enum last, std::string_view = {}) {
    value = row_.enumerator(last);
  }
  void flags() { flags_ = row_.u8(); }
  void flagged(std::string_view, std::uint32_t& value, std::string_view = {}) {
    constexpr std::uint32_t kFlag = std::uint32_t{kHighestBit} << 24;
    const std::uint32_t stored = row_.u32();
    flags_ = (stored & kFlag) != 0 ? kHighestBit : 0;
    value = stored & ~kFlag;
  }
  template <class Value>
  void flag(std::uint8_t bit, std::string_view, Value& member, const std::type_identity_t<Value>& value) {
    if (has(bit)) member = value;
  }
  template <class Value>
  void optional(std::uint8_t bit, std::string_view, std::optional<Value>& value, std::string_view = {}) {
    if (has(bit)) take(value.emplace());
  }
  template <class Kind>
  void optional(std::uint8_t bit, std::string_view, core::TypedId<Kind>& id) {
    if (!has(bit)) return;
    take(id);
    row_.require(!id.is_nil());
  }
  template <class Value, class Describe>
  void group(std::uint8_t bit, std::string_view, std::optional<Value>& value, const Describe& describe_it) {
    if (has(bit)) describe_it(value.emplace());
  }
  void slot(std::uint8_t bit, std::string_view, std::optional<core::Timestamp>& value) {
    const core::Timestamp stored = row_.time();
    if (has(bit)) {
      value = stored;
    } else {
      row_.require(stored == core::Timestamp{});
    }
  }
  template <class Part, class Describe>
  void parts(std::string_view, std::vector<Part>& parts, const Describe& describe_it) {
    do {
      describe_it(parts.emplace_back());
    } while (!row_.is_at_end());
  }
  void rest(std::string_view, core::Bytes& value, std::string_view = {}) { assign(value, row_.rest()); }
  template <class Condition>
  void require(const Condition& condition) {
    row_.require(condition());
  }
  void remark(std::string_view) {}

  /// Everything was read, nothing is left, every value was in its range, and no flag was set that has no meaning.
  [[nodiscard]] bool complete() const { return row_.complete() && (flags_ & ~known_flags_) == 0; }

 private:
  [[nodiscard]] bool has(std::uint8_t bit) {
    known_flags_ = static_cast<std::uint8_t>(known_flags_ | bit);
    return (flags_ & bit) != 0;
  }
  static void assign(core::Bytes& value, std::string_view bytes) {
    const core::ByteView view = core::as_bytes(bytes);
    value.assign(view.begin(), view.end());
  }
  void take(std::uint32_t& value) { value = row_.u32(); }
  void take(std::uint64_t& value) { value = row_.u64(); }
  void take(std::int64_t& value) { value = static_cast<std::int64_t>(row_.u64()); }
  void take(core::Sequence& value) { value.value = row_.u64(); }
  void take(core::Timestamp& value) { value = row_.time(); }
  void take(core::Uuid& value) { value = row_.uuid(); }
  template <class Kind>
  void take(core::TypedId<Kind>& value) {
    value = core::TypedId<Kind>{row_.uuid()};
  }
  void take(core::Digest& value) { value = row_.digest(); }
  void take(std::string& value) { value = row_.text(); }
  void take(core::Bytes& value) { assign(value, row_.text()); }
  void take(core::ScopeSet& value) { value = row_.scope(); }

  RowReader row_;
  std::uint8_t flags_ = 0;
  std::uint8_t known_flags_ = 0;
};

/// Replaces `out`, whose memory is reused. Errors: internal (a value does not fit its field; `out` is as it was).
template <class Row>
core::Result<void> encode_row(const Row& row, std::string& out) {
  // Flattened: out of line, the place to write at has to be read anew after every byte. A token's row took 82 ns,
  // not 39.
  return write_row(out, [&](auto& bytes) __attribute__((flatten)) {
    FieldWriter fields{bytes};
    describe(row, fields);
  });
}

/// The same for a row without texts, scopes and numbers that are cut: it always fits.
template <class Row>
void encode_fixed_row(const Row& row, std::string& out) {
  write_fixed_row(out, [&](auto& bytes) {
    FieldWriter fields{bytes};
    describe(row, fields);
  });
}

/// Reads `value` into `row`, which holds what stands in the key. Errors: corrupt, which names `family`.
template <class Row>
core::Result<void> read_row(std::string_view family, std::string_view value, Row& row) {
  FieldReader fields{value};
  describe(row, fields);
  if (!fields.complete()) return corrupt_row(family);
  return {};
}

/// A row of which nothing stands in the key. Errors: corrupt, which names `family`.
template <class Row>
core::Result<Row> decode_row(std::string_view family, std::string_view value) {
  core::Result<Row> row{Row{}};
  TALLY_TRY(read_row(family, value, *row));
  return row;
}

}  // namespace tally::projections
