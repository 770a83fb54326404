#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/secret.hpp"
#include "core/base/time.hpp"
#include "http/frame/refusal.hpp"
#include "http/server/request.hpp"

namespace tally::http {

/// Whether a field must be there.
enum class Presence : std::uint8_t { required, optional };

/// Reads a request body that must be one JSON object of texts, whole numbers and lists of texts. The handler asks for
/// each field that it knows; finish() then reports everything that was wrong, together: a missing field, a wrong type,
/// a number that is not whole or out of range, a field given twice, and a field that nobody asked for. Until finish()
/// agrees, the values mean nothing. A number is whole by its value, not its form: 90.0 and 9e1 are 90. Source: RFC
/// 8259; JSON Schema 2020-12 Validation §6.1.1. Bounds: kJson… of http/server/limits.hpp, beside its size, which the
/// exchange has checked.
class JsonReader {
 public:
  /// Refusals: 415 (another content type), 400 malformed (not JSON, not UTF-8, too deep, or no object).
  static Checked<JsonReader> parse(const Request& request);
  /// The same of a text that is no body. Errors: malformed.
  static core::Result<JsonReader> parse_text(std::string_view json);

  /// As sent; empty if absent.
  std::string text(std::string_view name, Presence presence = Presence::required);
  /// As a rule of the domain makes it: `rule(text)` is a core::Result<std::string>. The deciders ask it again; here, so
  /// that what it refuses is told together with everything else.
  template <class Rule>
  std::string text_by(Rule rule, std::string_view name, Presence presence = Presence::required) {
    const std::size_t complaints = errors_.size();
    std::string written = text(name, presence);
    if (!has(name) || errors_.size() > complaints) return written;
    core::Result<std::string> made = rule(written);
    if (made.has_value()) return *std::move(made);
    invalid(name, made.error().detail);
    return written;
  }
  /// What people call a thing: core::normalize_name.
  std::string name_of_thing(std::string_view name);
  /// A password: kept in memory that is wiped.
  core::SecretText secret(std::string_view name, Presence presence = Presence::required);
  std::int64_t whole_number(std::string_view name, std::int64_t min, std::int64_t max);
  core::Timestamp time(std::string_view name);
  std::optional<core::Timestamp> time_if(std::string_view name);
  std::vector<std::string> texts(std::string_view name);
  [[nodiscard]] bool has(std::string_view name) const;

  /// The id of one kind. Errors are remembered under the field's name.
  template <class Id>
  std::optional<Id> id(std::string_view name, Presence presence = Presence::required) {
    const std::string written = text(name, presence);
    if (!has(name)) return std::nullopt;
    auto parsed = Id::parse(written);
    if (parsed.has_error()) {
      invalid(name, "is not an id of the form " + std::string{Id::prefix} + "_…");
      return std::nullopt;
    }
    return *parsed;
  }

  /// Adds an error of the handler's own, unless there is one for that field already.
  void invalid(std::string_view name, std::string message);
  /// Everything that was wrong, or nothing.
  Checked<void> finish();

  /// One field of the body.
  struct Field {
    enum class Kind : std::uint8_t { text, whole_number, other_number, truth, null, texts, other };
    std::string name;
    Kind kind = Kind::other;
    std::string text;         ///< Of a text.
    std::int64_t number = 0;  ///< Of a whole number.
    std::vector<std::string> items;
    bool is_known = false;
    bool is_repeated = false;
  };

 private:
  explicit JsonReader(std::vector<Field> fields) : fields_(std::move(fields)) {}
  /// The field if it is there with that type; else remembers why not.
  Field* take(std::string_view name, Presence presence, Field::Kind kind, std::string_view must_be);

  std::vector<Field> fields_;
  std::vector<core::Error> errors_;
};

/// A request whose handler takes no body has none. Refusals: 400.
Checked<void> expect_no_body(const Request& request);

}  // namespace tally::http
