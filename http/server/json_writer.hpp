#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/time.hpp"

namespace tally::http {

/// Writes JSON straight to the end of a string: no tree, no allocation but the string's growth. Misuse (a value without
/// a key in an object, a second root) is checked. A scope that stays open is not: whoever writes has read everything
/// before and does not stop in between (tidy: open-json), and a destructor has nobody to tell. Strings are escaped as
/// RFC 8259 §7 says; bytes that are not UTF-8 become U+FFFD, so that the output is JSON whatever comes in.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}
  JsonWriter(const JsonWriter&) = delete;
  JsonWriter& operator=(const JsonWriter&) = delete;

  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);
  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view{text}); }
  JsonWriter& value(std::uint64_t number);
  JsonWriter& value(std::int64_t number);
  JsonWriter& value(std::uint32_t number) { return value(std::uint64_t{number}); }
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
  static constexpr unsigned kDepthMax = 64;

  void before_value();
  void open(char bracket);
  void close(char bracket);
  [[nodiscard]] bool in_object() const;
  void append_quoted(std::string_view text);

  std::string& out_;
  std::uint64_t objects_ = 0;  ///< One bit for each open scope: an object, not an array.
  unsigned depth_ = 0;
  bool has_key_ = false;
  bool needs_comma_ = false;  ///< Something stands before in this scope; at depth 0: the root is written.
};

}  // namespace tally::http
