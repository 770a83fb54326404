#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/state/scope.hpp"
#include "projections/rows/keys.hpp"

/// The building blocks of the rows' values: fixed-width big-endian integers, texts with a length before them, and a
/// version first. Every valid value has exactly one encoding, so that rebuilt rows can be compared byte by byte.
/// Source: docs/formats.md.
namespace tally::projections {

inline constexpr std::uint8_t kRowVersion = 1;

/// The bytes that a row without texts takes: the same calls as RowWriter's, none of which can fail.
class FixedRowSize {
 public:
  void u8(std::uint8_t) { bytes_ += 1; }
  void u32(std::uint32_t) { bytes_ += 4; }
  void u64(std::uint64_t) { bytes_ += 8; }
  void time(core::Timestamp) { bytes_ += 8; }
  void uuid(const core::Uuid&) { bytes_ += 16; }
  void digest(const core::Digest&) { bytes_ += 32; }
  void flags() { bytes_ += 1; }
  void flagged(std::uint32_t) { bytes_ += 4; }
  void set(std::uint8_t) {}
  /// Whatever follows to the end of the row.
  void rest(core::ByteView value) { bytes_ += value.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 protected:
  std::size_t bytes_ = 0;
};

/// The bytes that a row takes, and whether each value fits its field.
class RowSize : public FixedRowSize {
 public:
  template <class Value>
  void u16(Value value) {
    fits_ = fits_ && std::in_range<std::uint16_t>(value);
    bytes_ += 2;
  }
  template <class Value>
  void u32(Value value) {
    fits_ = fits_ && std::in_range<std::uint32_t>(value);
    bytes_ += 4;
  }
  void text(std::string_view value) {
    u16(value.size());
    bytes_ += value.size();
  }
  void scope(const core::ScopeSet& value);
  [[nodiscard]] bool fits() const { return fits_; }

 private:
  bool fits_ = true;
};

/// Writes the fields of a row whose size was measured. Only write_row() and write_fixed_row() make one.
class RowWriter {
 public:
  explicit RowWriter(char* at) : at_(at) {}
  void u8(std::uint8_t value) { *at_++ = static_cast<char>(value); }
  template <class Value>
  void u16(Value value) {
    integer(static_cast<std::uint16_t>(value));
  }
  template <class Value>
  void u32(Value value) {
    integer(static_cast<std::uint32_t>(value));
  }
  void u64(std::uint64_t value) { integer(value); }
  void time(core::Timestamp value) { u64(static_cast<std::uint64_t>(core::micros_of(value))); }
  void uuid(const core::Uuid& value) { raw(core::as_text(value.bytes)); }
  void digest(const core::Digest& value) { raw(core::as_text(value.bytes)); }
  void text(std::string_view value) {
    u16(value.size());
    raw(value);
  }
  void scope(const core::ScopeSet& value);
  void rest(core::ByteView value) { raw(core::as_text(value)); }
  /// A byte whose bits set() sets, later. One to a row.
  void flags() {
    flags_ = at_;
    u8(0);
  }
  /// The same with the first byte of a number.
  void flagged(std::uint32_t value) {
    flags_ = at_;
    integer(value);
  }
  void set(std::uint8_t bit) { *flags_ = static_cast<char>(*flags_ | bit); }

 private:
  template <class Integer>
  void integer(Integer value) {
    store_big_endian(at_, value);
    at_ += sizeof value;
  }
  void raw(std::string_view bytes) {
    if (!bytes.empty()) std::memcpy(at_, bytes.data(), bytes.size());
    at_ += bytes.size();
  }

  char* at_;
  char* flags_ = nullptr;
};

/// Replaces `out`, whose memory is reused, by the row that `fields(row)` describes. It is called twice: the first time
/// measures, so that what is written cannot be longer than the memory.
/// Errors: internal, if a value does not fit its field; `out` is as it was.
template <class Fields>
core::Result<void> write_row(std::string& out, const Fields& fields) {
  RowSize size;
  fields(size);
  if (!size.fits()) return core::fail(core::Errc::internal, "a value does not fit its field in a row");
  out.resize(size.bytes());
  RowWriter row{out.data()};
  fields(row);
  return {};
}

/// The same for a row without texts, scopes and numbers that are cut: it always fits.
template <class Fields>
void write_fixed_row(std::string& out, const Fields& fields) {
  FixedRowSize size;
  fields(size);
  out.resize(size.bytes());
  RowWriter row{out.data()};
  fields(row);
}

/// Reads one row. A read past the end gives zeros and is remembered; ask complete() once at the end.
class RowReader {
 public:
  explicit RowReader(std::string_view row) : at_(row.data()), end_(row.data() + row.size()) {}

  std::uint8_t u8() {
    if (!has(1)) return 0;
    return static_cast<std::uint8_t>(*at_++);
  }
  std::uint16_t u16() { return integer<std::uint16_t>(); }
  std::uint32_t u32() { return integer<std::uint32_t>(); }
  std::uint64_t u64() { return integer<std::uint64_t>(); }
  core::Timestamp time() {
    const auto value = core::timestamp_of_micros(static_cast<std::int64_t>(u64()));
    require(core::is_writable(value));
    return value;
  }
  core::Uuid uuid() {
    core::Uuid value;
    if (has(16)) take(value.bytes.data(), 16);
    return value;
  }
  core::Digest digest() {
    core::Digest value;
    if (has(32)) take(value.bytes.data(), 32);
    return value;
  }
  std::string_view text() {
    const std::size_t size = u16();
    if (!has(size)) return {};
    const std::string_view value{at_, size};
    at_ += size;
    return value;
  }
  core::ScopeSet scope();
  /// A value of an enumeration whose numbers go from 1 to `last`.
  template <class Enum>
  Enum enumerator(Enum last) {
    const std::uint8_t value = u8();
    if (value < 1 || value > static_cast<std::uint8_t>(last)) ok_ = false;
    return static_cast<Enum>(value);
  }
  void version(std::uint8_t expected = kRowVersion) {
    if (u8() != expected) ok_ = false;
  }
  void require(bool condition) { ok_ = ok_ && condition; }
  std::string_view rest() {
    const std::string_view value{at_, static_cast<std::size_t>(end_ - at_)};
    at_ = end_;
    return value;
  }
  [[nodiscard]] bool is_at_end() const { return at_ == end_; }
  /// Everything was read, nothing is left and every value was in its range.
  [[nodiscard]] bool complete() const { return ok_ && at_ == end_; }

 private:
  [[nodiscard]] bool has(std::size_t bytes) {
    if (static_cast<std::size_t>(end_ - at_) >= bytes) return true;
    ok_ = false;
    at_ = end_;
    return false;
  }
  void take(std::uint8_t* out, std::size_t bytes) {
    std::memcpy(out, at_, bytes);
    at_ += bytes;
  }
  template <class Integer>
  Integer integer() {
    if (!has(sizeof(Integer))) return 0;
    const auto value = load_big_endian<Integer>(at_);
    at_ += sizeof(Integer);
    return value;
  }

  const char* at_;
  const char* end_;
  bool ok_ = true;
};

inline core::Error corrupt_row(std::string_view what) {
  return core::fail(core::Errc::corrupt, "a row of " + std::string{what} + " is damaged");
}

}  // namespace tally::projections
