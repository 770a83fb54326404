#pragma once

#include "core/event/event_type.hpp"

/// Whose state an event is about, by its number: tokens below 20, workspaces with their members and resource servers
/// below 40, people below 60; what is beyond is the ledger's. By these, evolve() knows at compile time which kinds it
/// has to answer for.
namespace tally::core {

constexpr bool is_of_token(EventType type) { return static_cast<int>(type) < 20; }
constexpr bool is_of_workspace(EventType type) { return static_cast<int>(type) / 20 == 1; }
constexpr bool is_of_person(EventType type) { return static_cast<int>(type) / 20 == 2; }

}  // namespace tally::core
