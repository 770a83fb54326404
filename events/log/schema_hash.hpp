#pragma once

#include <cstdint>

namespace tally::events {

/// The first 8 bytes of the SHA-256 of events/schema/event.fbs, big-endian: written into every event, and compared with
/// the file by tests/events/schema_test.cpp.
inline constexpr std::uint64_t kSchemaHash = 0xf1bcfd1a955c4cd1;

}  // namespace tally::events
