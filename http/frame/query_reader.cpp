#include "http/frame/query_reader.hpp"

#include <algorithm>
#include <charconv>

#include "core/base/limits.hpp"
#include "core/crypto/base64.hpp"
#include "http/server/limits.hpp"

namespace tally::http {

core::Result<std::uint64_t> parse_decimal(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool has_leading_zero = text.size() > 1 && text.front() == '0';
  if (error != std::errc{} || end != text.data() + text.size() || has_leading_zero) {
    return core::fail(core::Errc::malformed, "not a whole number");
  }
  return number;
}

Checked<QueryReader> QueryReader::parse(const Request& request, std::initializer_list<std::string_view> known) {
  TALLY_TRY_ASSIGN(Parameters parameters, Parameters::parse(request.query));
  QueryReader reader{std::move(parameters)};
  if (const auto unknown = reader.parameters_.unknown_name(known)) {
    reader.invalid(*unknown, "is not a known parameter");
  }
  return reader;
}

void QueryReader::invalid(std::string_view name, std::string message) {
  errors_.push_back(core::invalid(std::string{name}, std::move(message)));
}

Checked<void> QueryReader::finish() {
  if (!errors_.empty()) return Refusal{std::move(errors_)};
  return {};
}

std::optional<std::string> QueryReader::text(std::string_view name) {
  auto value = parameters_.one(name);
  if (value.has_error()) {
    invalid(name, "is given more than once");
    return std::nullopt;
  }
  if (!value->has_value()) return std::nullopt;
  return std::string{**value};
}

std::optional<core::Timestamp> QueryReader::time(std::string_view name) {
  const auto written = text(name);
  if (!written) return std::nullopt;
  auto parsed = core::parse_rfc3339(*written);
  if (parsed.has_error()) {
    invalid(name, "must be an RFC 3339 time (a '+' in a query is written %2B)");
    return std::nullopt;
  }
  return *parsed;
}

std::optional<core::Sequence> QueryReader::sequence(std::string_view name) {
  const auto written = text(name);
  if (!written) return std::nullopt;
  const auto number = parse_decimal(*written);
  if (number.has_error()) {
    invalid(name, "must be a sequence number");
    return std::nullopt;
  }
  return core::Sequence{*number};
}

int QueryReader::limit() {
  const auto written = text("limit");
  if (!written) return limits::kPageItemsDefault;
  const auto number = parse_decimal(*written);
  if (number.has_error() || *number < 1 || *number > static_cast<std::uint64_t>(core::limits::kPageItemsMax)) {
    invalid("limit", "must be a whole number from 1 to " + std::to_string(core::limits::kPageItemsMax));
    return limits::kPageItemsDefault;
  }
  return static_cast<int>(*number);
}

std::string QueryReader::cursor() {
  const auto written = text("cursor");
  if (!written) return {};
  if (!written->empty() && written->size() <= limits::kCursorBytesMax) {
    if (const auto bytes = core::crypto::base64url_decode(*written); bytes.has_value()) {
      return std::string{core::as_text(*bytes)};
    }
  }
  invalid("cursor", "is not a cursor that a page gave");
  return {};
}

std::vector<core::EventType> QueryReader::event_types() {
  std::vector<core::EventType> types;
  const auto written = text("type");
  if (!written) return types;
  std::string_view rest = *written;
  while (true) {
    const std::size_t comma = rest.find(',');
    const auto type = core::parse_event_type(rest.substr(0, comma));
    if (type.has_error()) {
      invalid("type", "must be names of event types, separated by commas");
      return {};
    }
    if (std::find(types.begin(), types.end(), *type) == types.end()) types.push_back(*type);
    if (comma == std::string_view::npos) return types;
    rest.remove_prefix(comma + 1);
  }
}

std::string cursor_of(const std::string& next) { return core::crypto::base64url_encode(core::as_bytes(next)); }

core::Error page_error(core::Error error) {
  if (error.code != core::Errc::malformed) return error;
  return core::invalid("cursor", "is not a cursor of this list");
}

Checked<void> expect_no_query(const Request& request) {
  TALLY_TRY_ASSIGN(QueryReader reader, QueryReader::parse(request, {}));
  return reader.finish();
}

}  // namespace tally::http
