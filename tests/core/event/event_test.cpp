#include "core/event/event.hpp"

#include <set>
#include <string>
#include <utility>

#include <catch2/catch.hpp>

namespace tally::core {
namespace {

template <std::size_t... Index>
std::vector<EventPayload> one_of_each(std::index_sequence<Index...>) {
  return {EventPayload{std::in_place_index<Index>}...};
}

TEST_CASE("event: every type has a number and a name of its own, and is found by it", "[core][event]") {
  std::set<EventType> types;
  std::set<std::string> names;
  for (const EventPayload& payload : one_of_each(std::make_index_sequence<std::variant_size_v<EventKinds>>{})) {
    const EventType type = type_of(payload);
    types.insert(type);
    names.insert(name_of(type));
    REQUIRE(parse_event_type(name_of(type)).has_value());
    CHECK(*parse_event_type(name_of(type)) == type);
  }
  CHECK(types.size() == std::variant_size_v<EventKinds>);
  CHECK(names.size() == std::variant_size_v<EventKinds>);
  CHECK(name_of(type_of(TokenGenerated{})) == std::string{"TokenGenerated"});
  CHECK(name_of(type_of(CutOffMoved{})) == std::string{"CutOffMoved"});
}

TEST_CASE("event: an unknown name of a type is an invalid argument", "[core][event]") {
  const auto name = GENERATE(as<std::string>{}, "", "tokengenerated", "TokenGenerated ", "token_generated");
  CHECK(parse_event_type(name).error().code == Errc::invalid_argument);
  CHECK(parse_event_type(name).error().field == "type");
}

TEST_CASE("event: what people see of the enums", "[core][event]") {
  CHECK(name_of(ActorKind::operator_person) == std::string{"operator"});
  CHECK(name_of(ActorKind::user) == std::string{"user"});
  CHECK(name_of(ActorKind::client) == std::string{"client"});
  CHECK(name_of(ActorKind::system) == std::string{"system"});
  CHECK(name_of(Via::page) == std::string{"page"});
  CHECK(name_of(Via::api) == std::string{"api"});
  CHECK(name_of(Via::cli) == std::string{"cli"});
  CHECK(name_of(Via::oauth) == std::string{"oauth"});
  CHECK(name_of(Via::system) == std::string{"system"});
  CHECK(name_of(SubjectKind::token) == std::string{"token"});
  CHECK(name_of(SubjectKind::resource_server) == std::string{"resource_server"});
}

TEST_CASE("bytes: hexadecimal", "[core][bytes]") {
  CHECK(to_hex({}).empty());
  CHECK(to_hex(as_bytes(std::string_view{"\x00\x0f\xf0\xff", 4})) == "000ff0ff");
}

}  // namespace
}  // namespace tally::core
