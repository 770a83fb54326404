#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "core/event/event_type.hpp"
#include "http/frame/refusal.hpp"
#include "http/server/request.hpp"

namespace tally::http {

/// Reads the query of a request. As with JsonReader, finish() reports all that was wrong together: unknown and repeated
/// parameters, values that break their form or bound. Until it agrees, the values mean nothing.
class QueryReader {
 public:
  /// `known`: every parameter that the operation takes. Refusals: 400 malformed (percent-encoding, UTF-8, too many).
  static Checked<QueryReader> parse(const Request& request, std::initializer_list<std::string_view> known);

  /// Absent if it is not there. An empty value counts as a value.
  std::optional<std::string> text(std::string_view name);
  std::optional<core::Timestamp> time(std::string_view name);
  std::optional<core::Sequence> sequence(std::string_view name);
  /// `limit`, 1 to kPageItemsMax; kPageItemsDefault if absent.
  int limit();
  /// `cursor`: the bytes that a page gave as its next; empty for the first page.
  std::string cursor();
  /// `type`: names separated by commas.
  std::vector<core::EventType> event_types();

  /// One of the words that stand for a value, or absent.
  template <class Value, class Words = std::initializer_list<std::pair<std::string_view, Value>>>
  std::optional<Value> word(std::string_view name, const Words& words) {
    const auto written = text(name);
    if (!written) return std::nullopt;
    std::string allowed;
    for (const auto& [spelling, value] : words) {
      if (*written == spelling) return value;
      allowed += (allowed.empty() ? "" : ", ") + std::string{spelling};
    }
    invalid(name, "must be one of: " + allowed);
    return std::nullopt;
  }
  template <class Id>
  std::optional<Id> id(std::string_view name) {
    const auto written = text(name);
    if (!written) return std::nullopt;
    auto parsed = Id::parse(*written);
    if (parsed.has_error()) {
      invalid(name, "is not an id of the form " + std::string{Id::prefix} + "_…");
      return std::nullopt;
    }
    return *parsed;
  }

  void invalid(std::string_view name, std::string message);
  Checked<void> finish();

 private:
  explicit QueryReader(Parameters parameters) : parameters_(std::move(parameters)) {}
  Parameters parameters_;
  std::vector<core::Error> errors_;
};

/// A decimal number without sign, blanks or leading zeros. Errors: malformed.
core::Result<std::uint64_t> parse_decimal(std::string_view text);

/// A page's `next` as the caller sees it.
std::string cursor_of(const std::string& next);

/// The error of a list that was asked to go on from bytes that it never gave: names the field.
core::Error page_error(core::Error error);

/// Checks that a request without parameters has none. Refusals: 400.
Checked<void> expect_no_query(const Request& request);

}  // namespace tally::http
