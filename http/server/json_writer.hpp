#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/time.hpp"

namespace tally::http {

/// Writes JSON straight to the end of a string: no tree, no allocation but the string's growth. Misuse (a value without
/// a key in an object, an unclosed scope) is checked. Strings are escaped as RFC 8259 §7 says; they must be UTF-8.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);
  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view{text}); }
  JsonWriter& value(std::uint64_t number);
  JsonWriter& value(std::int64_t number);
  JsonWriter& value(int number) { return value(static_cast<std::int64_t>(number)); }
  JsonWriter& value(bool truth);
  JsonWriter& value(core::Timestamp time);  ///< RFC 3339.
  JsonWriter& null();
  /// Already JSON: written as it is.
  JsonWriter& raw(std::string_view json);

  template <class Value>
  JsonWriter& member(std::string_view name, const Value& content) {
    key(name);
    return value(content);
  }
  /// Left out if absent.
  template <class Value>
  JsonWriter& member_if(std::string_view name, const std::optional<Value>& content) {
    if (content) member(name, *content);
    return *this;
  }

 private:
  void separate();
  std::string& out_;
  bool needs_comma_ = false;
};

}  // namespace tally::http
