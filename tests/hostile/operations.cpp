#include "tests/hostile/operations.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/check.hpp"

namespace tally::testing {
namespace {

namespace json = boost::json;

http::Method method_of(std::string_view name) {
  using enum http::Method;
  for (const http::Method method : {get, head, post, put, delete_, options}) {
    const std::string known = method_name(method);
    const bool same = std::ranges::equal(known, name, [](char a, char b) { return (a | 0x20) == (b | 0x20); });
    if (same) return method;
  }
  core::check_failed("a known method", __FILE__, __LINE__, std::string{name});
}

Place place_of(std::string_view in) {
  if (in == "path") return Place::path;
  if (in == "query") return Place::query;
  TALLY_CHECK(in == "header", std::string{in});
  return Place::header;
}

OperationParameter parameter_of(const Contract& contract, const json::object& given) {
  const json::object& parameter = contract.resolve(given);
  const json::value* required = parameter.if_contains("required");
  return {std::string{parameter.at("name").as_string()}, place_of(parameter.at("in").as_string()),
          required != nullptr && required->as_bool(), contract.resolve(parameter.at("schema").as_object())};
}

void add_members(const Contract& contract, const json::object& given, OperationBody& body) {
  const json::object& schema = contract.resolve(given);
  if (const json::value* forms = schema.if_contains("oneOf")) {
    for (const json::value& form : forms->as_array()) add_members(contract, form.as_object(), body);
  }
  const json::value* properties = schema.if_contains("properties");
  if (properties == nullptr) return;
  for (const auto& [name, member] : properties->as_object()) {
    const bool known =
        std::ranges::find(body.members, std::string{name}, &OperationParameter::name) != body.members.end();
    if (known) continue;
    body.members.push_back({std::string{name}, Place::query, false, contract.resolve(member.as_object())});
  }
}

OperationBody body_of(const Contract& contract, const json::object& given) {
  const json::object& content = contract.resolve(given).at("content").as_object();
  OperationBody body;
  body.type = content.begin()->key();
  const json::object& media = content.begin()->value().as_object();
  for (const auto& [name, example] : media.at("examples").as_object()) {
    body.examples.push_back(example.at("value").as_object());
  }
  add_members(contract, media.at("schema").as_object(), body);
  return body;
}

bool streams(const Contract& contract, const json::object& operation) {
  const json::value* ok = operation.at("responses").as_object().if_contains("200");
  if (ok == nullptr) return false;
  const json::value* content = contract.resolve(ok->as_object()).if_contains("content");
  return content != nullptr && content->as_object().contains("text/event-stream");
}

/// The later, the more is lost by it.
int harm_of(const Operation& operation) {
  if (operation.method == http::Method::get || operation.method == http::Method::options) return 0;
  constexpr std::array kEnding{"IssuedBefore", ":retire", ":rotate", ":deactivate", "/revoke", "/policy"};
  if (std::ranges::any_of(kEnding, [&](const char* word) { return operation.pattern.find(word) != std::string::npos; }))
    return 2;
  if (operation.method != http::Method::delete_) return 1;
  return operation.pattern.ends_with("/session") ? 4 : 3;
}

}  // namespace

bool Operation::hashes_passwords() const {
  return body && std::ranges::find(body->members, "password", &OperationParameter::name) != body->members.end();
}

std::vector<Operation> operations_of(const Contract& contract) {
  std::vector<Operation> all;
  for (const auto& [path, item] : contract.document().at("paths").as_object()) {
    for (const auto& [method, described] : item.as_object()) {
      const json::object& object = described.as_object();
      Operation operation{method_of(method), std::string{path}, {}, {}, streams(contract, object)};
      if (const json::value* parameters = object.if_contains("parameters")) {
        for (const json::value& one : parameters->as_array()) {
          operation.parameters.push_back(parameter_of(contract, one.as_object()));
        }
      }
      if (const json::value* body = object.if_contains("requestBody")) {
        operation.body = body_of(contract, body->as_object());
      }
      all.push_back(std::move(operation));
    }
  }
  std::ranges::sort(all, {},
                    [](const Operation& operation) { return std::pair{harm_of(operation), operation.name()}; });
  return all;
}

}  // namespace tally::testing
