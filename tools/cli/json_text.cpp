#include "tools/cli/json_text.hpp"

#include <utility>

#include <boost/json/serialize.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>

namespace tally::tools {

const boost::json::value* find_at(const boost::json::value& json, JsonPath path) {
  const boost::json::value* here = &json;
  for (const std::string_view name : path) {
    const boost::json::object* object = here->if_object();
    here = object == nullptr ? nullptr : object->if_contains(boost::json::string_view{name.data(), name.size()});
    if (here == nullptr) return nullptr;
  }
  return here;
}

std::string text_at(const boost::json::value& json, JsonPath path) {
  const boost::json::value* found = find_at(json, path);
  const boost::json::string* text = found == nullptr ? nullptr : found->if_string();
  return text == nullptr ? std::string{} : std::string{text->data(), text->size()};
}

std::string number_at(const boost::json::value& json, JsonPath path) {
  const boost::json::value* found = find_at(json, path);
  return found == nullptr || !found->is_number() ? std::string{} : boost::json::serialize(*found);
}

const boost::json::array& items_at(const boost::json::value& json, JsonPath path) {
  static const boost::json::array kNone;
  const boost::json::value* found = find_at(json, path);
  const boost::json::array* items = found == nullptr ? nullptr : found->if_array();
  return items == nullptr ? kNone : *items;
}

std::string joined_at(const boost::json::value& json, JsonPath path) {
  std::string joined;
  for (const boost::json::value& item : items_at(json, path)) {
    if (!joined.empty()) joined += ' ';
    joined += text_at(item, {});
  }
  return joined;
}

std::string percent_encoded(std::string_view text) {
  return boost::urls::encode(boost::urls::string_view{text.data(), text.size()}, boost::urls::unreserved_chars);
}

std::string with_query(std::string path, std::initializer_list<std::pair<std::string_view, std::string>> parameters) {
  char separator = '?';
  for (const auto& [name, value] : parameters) {
    if (value.empty()) continue;
    path.append(1, std::exchange(separator, '&')).append(name).append(1, '=').append(percent_encoded(value));
  }
  return path;
}

}  // namespace tally::tools
