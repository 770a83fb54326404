#pragma once

#include <string>
#include <vector>

#include "core/base/ids.hpp"
#include "core/event/event.hpp"

namespace tally::testing {

/// A UUIDv7-like value that differs in every byte position for different numbers.
core::Uuid sample_uuid(std::uint8_t number);
core::Digest sample_digest(std::uint8_t number);

/// An event of each type, every field filled, in the order of their numbers, and then one more for each type that has
/// got fields since. The goldens are made of these: a field added later is left empty here, and gets a sample of its
/// own.
std::vector<core::Event> sample_events();

/// A small event of a workspace, for tests that only need one.
core::NewEvent sample_new_event(std::uint8_t workspace);
core::CommandContext sample_context(std::int64_t at_micros);

}  // namespace tally::testing
