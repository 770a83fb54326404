#pragma once

#include <memory>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/event/event.hpp"

namespace tally::events {

/// The bytes of an event: FlatBuffers of events/schema/event.fbs, file identifier "TLY1". Encoded once; these bytes are
/// what is hashed, stored, sent and verified (FlatBuffers is not canonical). Personal members go to a nested buffer of
/// their own. The encoder reuses its buffer: one per thread.
class EventEncoder {
 public:
  EventEncoder();
  ~EventEncoder();
  EventEncoder(const EventEncoder&) = delete;
  EventEncoder& operator=(const EventEncoder&) = delete;

  /// Valid until the next encode(). Errors: too_large (over kEventBytesMax).
  core::Result<core::ByteView> encode(const core::Event& event);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Verifies the buffer before the first field is read. Errors: corrupt (not a valid buffer, or a field out of its
/// range), unknown_event (a type that this release does not know).
core::Result<core::Event> decode_event(core::ByteView bytes);

}  // namespace tally::events
