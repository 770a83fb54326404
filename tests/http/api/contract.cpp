#include "tests/http/api/contract.hpp"

#include <algorithm>
#include <set>

#include <boost/json.hpp>

#include "core/base/check.hpp"
#include "http/api/openapi_document.hpp"

namespace tally::testing {

namespace json = boost::json;

namespace {

const std::set<std::string_view> kKeywords{
    "$ref",     "type",     "enum",         "const",   "properties", "required",  "additionalProperties",
    "items",    "minItems", "maxItems",     "minimum", "maximum",    "minLength", "maxLength",
    "pattern",  "format",   "oneOf",        "allOf",   "if",         "then",      "description",
    "examples", "default",  "propertyNames"};

bool is_of_type(const json::value& value, std::string_view type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_bool();
  if (type == "integer") return value.is_int64() || value.is_uint64();
  return false;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

}  // namespace

std::string method_name(http::Method method) { return http::name_of(method); }

Contract::Contract() : document_(json::parse(http::openapi_document()).as_object()) {}

const json::object& Contract::resolve(const json::object& node) const {
  const json::value* reference = node.if_contains("$ref");
  if (reference == nullptr) return node;
  const std::string pointer{reference->as_string()};
  TALLY_CHECK(pointer.starts_with("#/"), pointer);
  const json::object* at = &document_;
  std::size_t begin = 2;
  while (begin <= pointer.size()) {
    const std::size_t end = std::min(pointer.find('/', begin), pointer.size());
    at = &at->at(pointer.substr(begin, end - begin)).as_object();
    begin = end + 1;
  }
  return resolve(*at);
}

const std::regex& Contract::pattern(const std::string& text) const {
  const auto found = patterns_.find(text);
  return found != patterns_.end() ? found->second : patterns_.emplace(text, std::regex{text}).first->second;
}

std::vector<std::string> Contract::operations() const {
  std::vector<std::string> all;
  for (const auto& [path, item] : document_.at("paths").as_object()) {
    for (const auto& [method, operation] : item.as_object()) {
      std::string name{method};
      std::transform(name.begin(), name.end(), name.begin(), [](char c) { return static_cast<char>(c - 32); });
      all.push_back(name + " " + std::string{path});
    }
  }
  std::sort(all.begin(), all.end());
  return all;
}

std::string Contract::complaint(http::Method method, const std::string& route, unsigned status,
                                std::string_view content_type, const std::string& body) const {
  const std::string where = method_name(method) + " " + route + " " + std::to_string(status);
  const json::value* item = document_.at("paths").as_object().if_contains(route);
  if (item == nullptr) return where + ": no such path";
  const bool is_head = method == http::Method::head;
  const json::value* operation = item->as_object().if_contains(is_head ? "get" : lower(method_name(method)));
  if (operation == nullptr) return where + ": no such operation";
  const json::value* documented = operation->at("responses").as_object().if_contains(std::to_string(status));
  if (documented == nullptr) return where + ": status not documented";
  const json::object& response = resolve(documented->as_object());
  const json::value* content = response.if_contains("content");
  if (content == nullptr) return body.empty() ? "" : where + ": a body that is not documented";
  const std::string type{content_type.substr(0, content_type.find(';'))};
  const json::value* media = content->as_object().if_contains(type);
  if (media == nullptr) return where + ": content type " + type + " not documented";
  if (type == "text/plain" && !is_head) return mismatch(json::value(body), media->at("schema").as_object(), where);
  if (is_head || !type.ends_with("json") || type.ends_with("ndjson")) return "";
  return mismatch(json::parse(body), media->at("schema").as_object(), where);
}

std::string Contract::object_mismatch(const json::object& value, const json::object& schema,
                                      const std::string& where) const {
  if (const json::value* required = schema.if_contains("required")) {
    for (const json::value& name : required->as_array()) {
      if (!value.contains(name.as_string())) return where + ": lacks " + std::string{name.as_string()};
    }
  }
  if (const json::value* names = schema.if_contains("propertyNames")) {
    for (const auto& [name, ignored] : value) {
      std::string wrong = mismatch(json::value(name), names->as_object(), where + " name");
      if (!wrong.empty()) return wrong;
    }
  }
  const json::value* properties = schema.if_contains("properties");
  const json::value* additional = schema.if_contains("additionalProperties");
  for (const auto& [name, member] : value) {
    const json::value* known = properties == nullptr ? nullptr : properties->as_object().if_contains(name);
    if (known == nullptr) {
      if (additional == nullptr) continue;
      if (additional->is_bool()) {
        if (!additional->as_bool()) return where + ": has " + std::string{name};
        continue;
      }
      known = additional;
    }
    std::string wrong = mismatch(member, known->as_object(), where + "." + std::string{name});
    if (!wrong.empty()) return wrong;
  }
  return "";
}

std::string Contract::text_mismatch(std::string_view value, const json::object& schema,
                                    const std::string& where) const {
  const std::string text{value};
  const json::value* form = schema.if_contains("pattern");
  if (form != nullptr && !std::regex_search(text, pattern(std::string{form->as_string()}))) {
    return where + ": " + text + " has not the form " + std::string{form->as_string()};
  }
  const json::value* longest = schema.if_contains("maxLength");
  if (longest != nullptr && text.size() > longest->to_number<std::size_t>() * 4) return where + ": too long";
  return "";
}

std::string Contract::mismatch(const json::value& value, const json::object& given, const std::string& where) const {
  const json::object& schema = resolve(given);
  for (const auto& [keyword, ignored] : schema) {
    if (!kKeywords.contains(keyword)) return where + ": unknown keyword " + std::string{keyword};
  }
  if (const json::value* type = schema.if_contains("type"); type && !is_of_type(value, type->as_string())) {
    return where + ": is no " + std::string{type->as_string()};
  }
  if (const json::value* only = schema.if_contains("const"); only && *only != value)
    return where + ": another constant";
  if (const json::value* words = schema.if_contains("enum")) {
    const json::array& all = words->as_array();
    if (std::find(all.begin(), all.end(), value) == all.end()) return where + ": " + json::serialize(value);
  }
  if (const json::value* choices = schema.if_contains("oneOf")) {
    const auto fits = [&](const json::value& choice) { return mismatch(value, choice.as_object(), where).empty(); };
    const json::array& all = choices->as_array();
    if (std::count_if(all.begin(), all.end(), fits) != 1) return where + ": fits not one of the choices";
  }
  if (const json::value* parts = schema.if_contains("allOf")) {
    for (const json::value& part : parts->as_array()) {
      const json::object& rule = part.as_object();
      if (!mismatch(value, rule.at("if").as_object(), where).empty()) continue;
      std::string wrong = mismatch(value, rule.at("then").as_object(), where);
      if (!wrong.empty()) return wrong;
    }
  }
  if (const json::value* item = schema.if_contains("items"); item && value.is_array()) {
    for (const json::value& one : value.as_array()) {
      std::string wrong = mismatch(one, item->as_object(), where + "[]");
      if (!wrong.empty()) return wrong;
    }
  }
  if (value.is_string()) return text_mismatch(value.as_string(), schema, where);
  if (value.is_object()) return object_mismatch(value.as_object(), schema, where);
  return "";
}

}  // namespace tally::testing
