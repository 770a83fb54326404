#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/base/random.hpp"

namespace tally::http {

/// Whether a caller's own request id is taken: 1 to kRequestIdBytesMax visible ASCII characters.
bool is_request_id(std::string_view text);

/// The trace id of a traceparent field, or empty if the field is not well-formed. Source: W3C Trace Context §3.2.
std::string_view trace_id_of(std::string_view traceparent);

/// Makes request ids: 16 random bytes as 32 hexadecimal digits. Random bytes are fetched for many ids at once, because
/// a call to the system costs more than the rest of it; an id is no secret. Threads: one.
class RequestIds {
 public:
  using Text = std::array<char, 32>;

  explicit RequestIds(core::RandomSource& random) : random_(random) {}
  /// Fills `out`, and returns it as text.
  std::string_view draw(Text& out);

 private:
  core::RandomSource& random_;
  std::array<std::uint8_t, 1024> bytes_{};
  std::size_t used_ = bytes_.size();
};

}  // namespace tally::http
