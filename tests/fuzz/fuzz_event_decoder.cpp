#include <cstddef>
#include <cstdint>

#include "core/base/check.hpp"
#include "events/log/codec.hpp"

/// Whatever decodes can be encoded, and the new bytes decode to the same event; everything else has one of two reasons.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tally;
  const auto decoded = events::decode_event({data, size});
  if (decoded.has_error()) {
    const core::Errc code = decoded.error().code;
    TALLY_CHECK(code == core::Errc::corrupt || code == core::Errc::unknown_event);
    return 0;
  }
  static events::EventEncoder encoder;
  const auto encoded = encoder.encode(*decoded);
  // Shared strings of a crafted buffer may take more room when written out.
  if (encoded.has_error()) {
    TALLY_CHECK(encoded.error().code == core::Errc::too_large);
    return 0;
  }
  const auto again = events::decode_event(*encoded);
  TALLY_CHECK(again.has_value());
  TALLY_CHECK(*again == *decoded);
  return 0;
}
