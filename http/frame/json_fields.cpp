#include "http/frame/json_fields.hpp"

#include <algorithm>
#include <exception>
#include <limits>
#include <optional>
#include <utility>

#include <boost/json/basic_parser_impl.hpp>

#include "core/base/secret.hpp"
#include "http/frame/exact_number.hpp"
#include "http/server/limits.hpp"

namespace tally::http {
namespace {

namespace json = boost::json;
using Field = JsonReader::Field;

/// Why the handler stopped the parser.
enum class Stop : int { not_an_object = 1, too_many_fields, too_many_items };

class StopCategory final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "tally.json"; }
  std::string message(int value) const override {
    switch (static_cast<Stop>(value)) {
      case Stop::not_an_object:
        return "the body must be a JSON object";
      case Stop::too_many_fields:
        return "the object has too many fields";
      case Stop::too_many_items:
        return "a list has too many items";
    }
    return "unknown";
  }
};

const StopCategory kStopCategory;

/// What the parser calls as it goes. Its function names and signatures are the library's; true means go on.
class FieldCollector {
 public:
  static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_key_size = 1'024;
  static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();
  using Code = json::error_code;

  ~FieldCollector() { core::wipe(text_.data(), text_.size()); }

  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_object_begin(Code& code) {
    if (depth_ > 0) return begin_nested(Field::Kind::other, code);
    ++depth_;
    return true;
  }
  bool on_object_end(std::size_t, Code&) { return end_nested(); }
  bool on_array_begin(Code& code) {
    if (depth_ == 0) return stop(Stop::not_an_object, code);
    return begin_nested(depth_ == 1 ? Field::Kind::texts : Field::Kind::other, code);
  }
  bool on_array_end(std::size_t, Code&) { return end_nested(); }

  bool on_key_part(json::string_view part, std::size_t, Code&) { return append(part); }
  bool on_key(json::string_view part, std::size_t, Code& code) {
    append(part);
    if (depth_ == 1) return begin_field(code);
    text_.clear();
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, Code&) { return append(part); }
  bool on_string(json::string_view part, std::size_t, Code& code) {
    append(part);
    if (depth_ == 0) return stop(Stop::not_an_object, code);
    if (depth_ == 1) {
      current_.kind = Field::Kind::text;
      current_.text = std::exchange(text_, {});
      return end_field();
    }
    if (depth_ == 2 && current_.kind == Field::Kind::texts) {
      if (current_.items.size() == limits::kJsonItemsMax) return stop(Stop::too_many_items, code);
      current_.items.push_back(text_);
    }
    text_.clear();
    return true;
  }

  bool on_number_part(json::string_view part, Code&) { return append(part); }
  bool on_int64(std::int64_t, json::string_view part, Code& code) { return number(part, code); }
  bool on_uint64(std::uint64_t, json::string_view part, Code& code) { return number(part, code); }
  bool on_double(double, json::string_view part, Code& code) { return number(part, code); }
  bool on_bool(bool, Code& code) { return scalar(Field::Kind::truth, code); }
  bool on_null(Code& code) { return scalar(Field::Kind::null, code); }
  bool on_comment_part(json::string_view, Code&) { return true; }
  bool on_comment(json::string_view, Code&) { return true; }

  std::vector<Field> fields;

 private:
  static bool stop(Stop why, Code& code) {
    code.assign(static_cast<int>(why), kStopCategory);
    return false;
  }
  bool append(json::string_view part) {
    text_.append(part.data(), part.size());
    return true;
  }
  bool begin_field(Code& code) {
    if (fields.size() == limits::kJsonFieldsMax) return stop(Stop::too_many_fields, code);
    current_ = Field{};
    current_.name = std::exchange(text_, {});
    return true;
  }
  bool end_field() {
    const auto before =
        std::find_if(fields.begin(), fields.end(), [this](const Field& field) { return field.name == current_.name; });
    if (before == fields.end()) {
      fields.push_back(std::move(current_));
    } else {
      before->is_repeated = true;
    }
    current_ = Field{};
    return true;
  }
  /// Read from its text: a double knows only some of the whole numbers.
  bool number(json::string_view part, Code& code) {
    append(part);
    const std::optional<std::int64_t> whole = whole_number_of(text_);
    text_.clear();
    current_.number = whole.value_or(0);
    return scalar(whole ? Field::Kind::whole_number : Field::Kind::other_number, code);
  }
  bool scalar(Field::Kind kind, Code& code) {
    if (depth_ == 0) return stop(Stop::not_an_object, code);
    if (depth_ > 1) {
      current_.kind = Field::Kind::other;  // a list of something else than texts
      return true;
    }
    current_.kind = kind;
    return end_field();
  }
  bool begin_nested(Field::Kind kind, Code&) {
    current_.kind = kind;
    ++depth_;
    return true;
  }
  bool end_nested() {
    --depth_;
    return depth_ == 1 ? end_field() : true;
  }

  std::size_t depth_ = 0;
  std::string text_;
  Field current_;
};

}  // namespace

core::Result<std::vector<Field>> parse_json_fields(std::string_view text) {
  // RFC 8259 §8.1: it may be passed over. Editors and shells put it in front.
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  json::parse_options options;
  options.max_depth = limits::kJsonDepthMax;
  try {
    json::basic_parser<FieldCollector> parser{options};
    json::error_code code;
    const std::size_t used = parser.write_some(false, text.data(), text.size(), code);
    if (!code && used < text.size()) code = json::error::extra_data;
    if (code) return core::fail(core::Errc::malformed, "the body is not acceptable JSON: " + code.message());
    return std::move(parser.handler().fields);
  } catch (const std::exception&) {
    return core::fail(core::Errc::malformed, "the body is not acceptable JSON");
  }
}

}  // namespace tally::http
