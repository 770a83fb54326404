#include "tests/hostile/draft.hpp"

#include <algorithm>

#include <boost/json.hpp>

namespace tally::testing {
namespace {

namespace json = boost::json;

constexpr std::string_view kForm = "application/x-www-form-urlencoded";

/// Things are known by how their names begin, and some by what a parameter is called.
std::string thing_for(const std::string& name, std::string_view example, const Things& things) {
  const std::string prefix{example.substr(0, example.find('_') + 1)};
  for (const std::string& kind : {prefix, name}) {
    const auto found = things.find(kind);
    if (!kind.empty() && found != things.end() && !found->second.empty()) return found->second.front();
  }
  return std::string{example};
}

json::value about_things(const std::string& name, const json::value& example, const Things& things) {
  if (example.is_string()) return json::value(thing_for(name, example.as_string(), things));
  if (!example.is_array()) return example;
  json::array out;
  for (const json::value& one : example.as_array()) out.push_back(about_things(name, one, things));
  return out;
}

std::string kind_of_parameter(const OperationParameter& parameter) {
  const json::value* pattern = parameter.schema.if_contains("pattern");
  if (pattern == nullptr) return parameter.name;
  const std::string text{pattern->as_string()};
  const std::size_t end = text.find('_');
  return end == std::string::npos || !text.starts_with('^') ? parameter.name : text.substr(1, end);
}

std::string polite_value(const OperationParameter& parameter, const Things& things) {
  const std::string value = thing_for(parameter.name, kind_of_parameter(parameter), things);
  return value == kind_of_parameter(parameter) ? "1" : value;
}

using Members = std::vector<std::pair<std::string, std::string>>;

/// Of a JSON body: the values' text. Of a form: decoded.
Members members_of(const OperationBody& body, const json::object& example, const Things& things) {
  Members members;
  for (const auto& [name, value] : example) {
    const json::value asked = about_things(std::string{name}, value, things);
    const bool bare = body.type == kForm && asked.is_string();
    members.emplace_back(name, bare ? std::string{asked.as_string()} : json::serialize(asked));
  }
  return members;
}

std::string body_text(const OperationBody& body, const Members& members) {
  std::string out;
  if (body.type == kForm) {
    for (const auto& [name, value] : members) {
      if (!out.empty()) out += '&';
      out += percent_encoded(name) + '=' + percent_encoded(value);
    }
    return out;
  }
  for (const auto& [name, value] : members) out += (out.empty() ? "{" : ",") + json::serialize(name) + ":" + value;
  out += out.empty() ? "{}" : "}";
  return body.type.ends_with("ndjson") ? out + "\n" : out;
}

class Spoiler {
 public:
  Spoiler(const Operation& operation, const Things& things, const std::function<bool(Spot)>& wanted,
          const std::function<void(const Draft&)>& use)
      : operation_(operation), things_(things), wanted_(wanted), use_(use) {}

  void spoil_all(const Draft& polite) {
    for (const OperationParameter& parameter : operation_.parameters) {
      if (parameter.place == Place::path) spoil_path(polite, parameter);
      if (parameter.place == Place::query) spoil_query(polite, parameter);
      if (parameter.place == Place::header) spoil_header(polite, parameter);
    }
    make([&](Draft& draft) { draft.query.emplace_back("unknown", "1"); }, polite, "an unknown parameter");
    make([&](Draft& draft) { draft.query.emplace_back("", ""); }, polite, "a parameter without a name");
    for (const auto& [name, value] : hostile_fields(things_)) {
      make([&](Draft& draft) { set_field(draft, name, value); }, polite, name, Spot::of_any_request);
    }
  }

  void spoil_body(const Draft& polite, const OperationBody& body, const Members& members) {
    for (const std::string& text : hostile_bodies()) {
      make([&](Draft& draft) { draft.body = text; }, polite, "a body");
    }
    for (const OperationParameter& member : body.members) {
      const auto values =
          body.type == kForm ? hostile_texts(member.schema, things_) : hostile_json(member.schema, things_);
      for (const std::string& value : values) {
        make([&](Draft& draft) { draft.body = body_text(body, with(members, member.name, value)); }, polite,
             member.name);
      }
      make([&](Draft& draft) { draft.body = body_text(body, without(members, member.name)); }, polite,
           member.name + " is missing");
      Members twice = with(members, member.name, "\"a\"");
      twice.emplace_back(member.name, "\"a\"");
      make([&](Draft& draft) { draft.body = body_text(body, twice); }, polite, member.name + " twice");
    }
    Members more = members;
    more.emplace_back("unknown", "1");
    make([&](Draft& draft) { draft.body = body_text(body, more); }, polite, "an unknown member");
  }

 private:
  template <class Change>
  void make(const Change& change, const Draft& polite, const std::string& what, Spot spot = Spot::of_operation) {
    if (!wanted_(spot)) return;
    Draft draft = polite;
    draft.what = what;
    change(draft);
    use_(draft);
  }

  void spoil_path(const Draft& polite, const OperationParameter& parameter) {
    for (const std::string& text : hostile_texts(parameter.schema, things_)) {
      const auto put = [&](Draft& draft) { set(draft.path, parameter.name, percent_encoded(text)); };
      make(put, polite, parameter.name);
    }
  }

  void spoil_query(const Draft& polite, const OperationParameter& parameter) {
    const auto put = [&](const std::string& raw) {
      make([&](Draft& draft) { set(draft.query, parameter.name, raw); }, polite, parameter.name);
    };
    for (const std::string& text : hostile_texts(parameter.schema, things_)) put(percent_encoded(text));
    for (const char* raw : {"%", "%4", "%zz", "%00", "%ff", "a=b", "a+b", "\xff", "\"<>\\^`{|}"}) put(raw);
    const std::string value = percent_encoded(polite_value(parameter, things_));
    const auto twice = [&](Draft& draft) {
      set(draft.query, parameter.name, value);
      draft.query.emplace_back(parameter.name, value);
    };
    make(twice, polite, parameter.name + " twice");
    make(
        [&](Draft& draft) { std::erase_if(draft.query, [&](const auto& one) { return one.first == parameter.name; }); },
        polite, parameter.name + " is missing");
  }

  void spoil_header(const Draft& polite, const OperationParameter& parameter) {
    for (const std::string& text : hostile_texts(parameter.schema, things_)) {
      make([&](Draft& draft) { draft.headers.emplace_back(parameter.name, text); }, polite, parameter.name);
    }
  }

  static void set(Pairs& pairs, const std::string& name, const std::string& value) {
    const auto found = std::ranges::find(pairs, name, &Pairs::value_type::first);
    if (found == pairs.end()) {
      pairs.emplace_back(name, value);
    } else {
      found->second = value;
    }
  }
  static void set_field(Draft& draft, const std::string& name, const std::string& value) {
    if (name == "Content-Type") {
      draft.content_type = value;
    } else {
      draft.headers.emplace_back(name, value);
    }
  }
  static Members with(Members members, const std::string& name, const std::string& value) {
    set(members, name, value);
    return members;
  }
  static Members without(Members members, const std::string& name) {
    std::erase_if(members, [&](const auto& one) { return one.first == name; });
    return members;
  }

  const Operation& operation_;
  const Things& things_;
  const std::function<bool(Spot)>& wanted_;
  const std::function<void(const Draft&)>& use_;
};

Draft without_body(const Operation& operation, const Things& things) {
  Draft draft;
  draft.what = "polite";
  for (const OperationParameter& parameter : operation.parameters) {
    if (!parameter.required) continue;
    Pairs& pairs = parameter.place == Place::path ? draft.path : draft.query;
    pairs.emplace_back(parameter.name, percent_encoded(polite_value(parameter, things)));
  }
  return draft;
}

}  // namespace

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    const bool plain = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                       (letter >= '0' && letter <= '9') ||
                       std::string_view{"-._~"}.find(letter) != std::string_view::npos;
    if (plain) {
      out += letter;
    } else {
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15U];
    }
  }
  return out;
}

std::string Draft::target(const Operation& operation) const {
  std::string target = operation.pattern;
  for (const auto& [name, value] : path) {
    const std::string place = "{" + name + "}";
    target.replace(target.find(place), place.size(), value);
  }
  char before = '?';
  for (const auto& [name, value] : query) {
    target += before + name + '=' + value;
    before = '&';
  }
  return target;
}

std::vector<Draft> polite_drafts(const Operation& operation, const Things& things) {
  std::vector<Draft> drafts;
  const Draft bare = without_body(operation, things);
  if (!operation.body) return {bare};
  for (const json::object& example : operation.body->examples) {
    Draft draft = bare;
    draft.content_type = operation.body->type;
    draft.body = body_text(*operation.body, members_of(*operation.body, example, things));
    drafts.push_back(std::move(draft));
  }
  return drafts;
}

void for_each_draft(const Operation& operation, const Things& things, const std::function<bool(Spot)>& wanted,
                    const std::function<void(const Draft&)>& use) {
  const std::vector<Draft> polite = polite_drafts(operation, things);
  Spoiler spoiler{operation, things, wanted, use};
  spoiler.spoil_all(polite.front());
  if (!operation.body) return;
  for (std::size_t index = 0; index < polite.size(); ++index) {
    spoiler.spoil_body(polite[index], *operation.body,
                       members_of(*operation.body, operation.body->examples[index], things));
  }
}

}  // namespace tally::testing
