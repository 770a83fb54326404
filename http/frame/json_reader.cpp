#include "http/frame/json_reader.hpp"

#include <algorithm>

#include "core/base/ascii.hpp"
#include "core/base/names.hpp"
#include "core/base/time.hpp"
#include "http/frame/json_fields.hpp"

namespace tally::http {
namespace {

/// `application/json`, perhaps with parameters (charset is meaningless for JSON: RFC 8259 §11).
bool is_json(std::string_view content_type) {
  std::string_view type = content_type.substr(0, content_type.find(';'));
  while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) type.remove_suffix(1);
  return core::ascii::equal_without_case(type, "application/json");
}

}  // namespace

Checked<JsonReader> JsonReader::parse(const Request& request) {
  const auto content_type = request.header("Content-Type");
  if (!content_type || !is_json(*content_type)) {
    return Refusal{415, "unsupported_media_type", "the body must be application/json"};
  }
  TALLY_TRY_ASSIGN(std::vector<Field> fields, parse_json_fields(request.body));
  return JsonReader{std::move(fields)};
}

core::Result<JsonReader> JsonReader::parse_text(std::string_view json) {
  TALLY_TRY_ASSIGN(std::vector<Field> fields, parse_json_fields(json));
  return JsonReader{std::move(fields)};
}

void JsonReader::invalid(std::string_view name, std::string message) {
  // The first complaint about a field is the one to mend: what follows is mostly its echo.
  if (std::any_of(errors_.begin(), errors_.end(), [name](const core::Error& error) { return error.field == name; })) {
    return;
  }
  errors_.push_back(core::invalid(std::string{name}, std::move(message)));
}

bool JsonReader::has(std::string_view name) const {
  return std::any_of(fields_.begin(), fields_.end(), [name](const Field& field) { return field.name == name; });
}

JsonReader::Field* JsonReader::take(std::string_view name, Presence presence, Field::Kind kind,
                                    std::string_view must_be) {
  const auto found =
      std::find_if(fields_.begin(), fields_.end(), [name](const Field& field) { return field.name == name; });
  if (found == fields_.end()) {
    if (presence == Presence::required) invalid(name, "is missing");
    return nullptr;
  }
  found->is_known = true;
  if (found->kind != kind) {
    invalid(name, "must be " + std::string{must_be});
    return nullptr;
  }
  return &*found;
}

std::string JsonReader::text(std::string_view name, Presence presence) {
  Field* field = take(name, presence, Field::Kind::text, "a text");
  return field == nullptr ? std::string{} : field->text;
}

std::string JsonReader::name_of_thing(std::string_view name) {
  return text_by([name](std::string_view written) { return core::normalize_name(name, written); }, name);
}

core::SecretText JsonReader::secret(std::string_view name, Presence presence) {
  Field* field = take(name, presence, Field::Kind::text, "a text");
  return field == nullptr ? core::SecretText{} : core::SecretText{std::move(field->text)};
}

std::int64_t JsonReader::whole_number(std::string_view name, std::int64_t min, std::int64_t max) {
  const std::string range = "a whole number from " + std::to_string(min) + " to " + std::to_string(max);
  Field* field = take(name, Presence::required, Field::Kind::whole_number, range);
  if (field == nullptr) return min;
  if (field->number < min || field->number > max) {
    invalid(name, "must be " + range);
    return min;
  }
  return field->number;
}

std::optional<core::Timestamp> JsonReader::time_if(std::string_view name) {
  Field* field = take(name, Presence::optional, Field::Kind::text, "an RFC 3339 time");
  if (field == nullptr) return std::nullopt;
  auto time = core::parse_rfc3339(field->text);
  if (time.has_error()) {
    invalid(name, "must be an RFC 3339 time");
    return std::nullopt;
  }
  return *time;
}

core::Timestamp JsonReader::time(std::string_view name) {
  if (!has(name)) invalid(name, "is missing");
  return time_if(name).value_or(core::Timestamp{});
}

std::vector<std::string> JsonReader::texts(std::string_view name) {
  Field* field = take(name, Presence::required, Field::Kind::texts, "a list of texts");
  return field == nullptr ? std::vector<std::string>{} : std::move(field->items);
}

Checked<void> JsonReader::finish() {
  for (const Field& field : fields_) {
    if (!field.is_known) {
      invalid(field.name, "is not a known field");
    } else if (field.is_repeated) {
      invalid(field.name, "is given more than once");
    }
  }
  if (!errors_.empty()) return Refusal{std::move(errors_)};
  return {};
}

Checked<void> expect_no_body(const Request& request) {
  if (request.body.empty()) return {};
  return core::fail(core::Errc::malformed, "this request takes no body");
}

}  // namespace tally::http
