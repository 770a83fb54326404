#pragma once

#include <string>
#include <string_view>

#include "projections/rows/row_fields.hpp"

/// The form of a row as docs/formats.md shows it, made of the same describe() that writes and reads the row. In the
/// namespace of the rows, by which describe() is found.
namespace tally::projections {

/// How wide a field is, by the calls of RowWriter.
class FieldWidth {
 public:
  void u8(std::uint8_t) { width_ = "1"; }
  template <class Value>
  void u16(Value) {
    width_ = "2";
  }
  template <class Value>
  void u32(Value) {
    width_ = "4";
  }
  void u64(std::uint64_t) { width_ = "8"; }
  void time(core::Timestamp) { width_ = "8"; }
  void uuid(const core::Uuid&) { width_ = "16"; }
  void digest(const core::Digest&) { width_ = "32"; }
  void text(std::string_view) { width_ = "text"; }
  void scope(const core::ScopeSet&) { width_ = ""; }
  [[nodiscard]] const std::string& text() const { return width_; }

 private:
  std::string width_;
};

/// Takes the calls of FieldWriter and writes down what they say.
class RowForm {
 public:
  void version(std::uint8_t value = kRowVersion) {
    add("version", "1", value == kRowVersion ? "" : std::to_string(value));
  }
  template <class Value>
  void field(std::string_view name, const Value& value, std::string_view note = {}) {
    add(name, width_of(value), note);
  }
  template <class Stored, class Value>
  void number(std::string_view name, const Value&, std::string_view note = {}) {
    add(name, std::to_string(sizeof(Stored)), note);
  }
  template <class Enum>
  void enumerator(std::string_view name, const Enum&, Enum, std::string_view note = {}) {
    add(name, "1", note);
  }
  void flags() { add("flags", "1", {}); }
  void flagged(std::string_view name, const std::uint32_t&, std::string_view note = {}) {
    add(name, "4", note);
    is_flagged_ = true;
  }
  template <class Value>
  void flag(std::uint8_t bit, std::string_view name, const Value&, const std::type_identity_t<Value>&) {
    behind_ += "; flag " + label_of(bit) + ": " + std::string{name};
  }
  template <class Value>
  void optional(std::uint8_t bit, std::string_view name, const std::optional<Value>&, std::string_view note = {}) {
    add("[" + label_of(bit) + ": " + member(name, width_of(Value{}), note) + "]");
  }
  template <class Kind>
  void optional(std::uint8_t bit, std::string_view name, const core::TypedId<Kind>& id) {
    add("[" + label_of(bit) + ": " + member(name, width_of(id), {}) + "]");
  }
  template <class Value, class Describe>
  void group(std::uint8_t bit, std::string_view name, const std::optional<Value>&, const Describe& describe_it) {
    add("[" + label_of(bit) + ":" + (name.empty() ? "" : " " + std::string{name}));
    const Value inside{};
    describe_it(inside);
    text_ += ']';
  }
  void slot(std::uint8_t bit, std::string_view name, const std::optional<core::Timestamp>& value) {
    add(name, width_of(value.value_or(core::Timestamp{})), "0 without flag " + label_of(bit));
  }
  template <class Part, class Describe>
  void parts(std::string_view name, const std::vector<Part>&, const Describe& describe_it) {
    text_ += ", then for each " + std::string{name} + ":";
    const Part part{};
    describe_it(part);
  }
  void rest(std::string_view name, const core::Bytes&, std::string_view note = {}) { add(name, "", note); }
  template <class Condition>
  void require(const Condition&) {}
  void remark(std::string_view text) { remarks_ += ". " + std::string{text}; }

  [[nodiscard]] std::string text() const { return text_ + behind_ + remarks_; }

 private:
  template <class Value>
  static std::string width_of(const Value& value) {
    FieldWidth width;
    FieldWriter{width}.field({}, value);
    return width.text();
  }
  [[nodiscard]] std::string label_of(std::uint8_t bit) const {
    return is_flagged_ ? "highest bit" : std::to_string(bit);
  }
  static std::string member(std::string_view name, std::string_view width, std::string_view note) {
    std::string text{name};
    if (width.empty() && note.empty()) return text;
    text += '(' + std::string{width};
    if (!width.empty() && !note.empty()) text += "; ";
    return text + std::string{note} + ')';
  }
  void add(std::string_view name, std::string_view width, std::string_view note) { add(member(name, width, note)); }
  void add(const std::string& text) { text_ += (text_.empty() ? "" : " ") + text; }

  std::string text_, behind_, remarks_;
  bool is_flagged_ = false;
};

/// The form of `Row`.
template <class Row>
std::string form_of() {
  const Row row{};
  RowForm form;
  describe(row, form);
  return form.text();
}

}  // namespace tally::projections
