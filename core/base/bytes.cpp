#include "core/base/bytes.hpp"

namespace tally::core {

std::string to_hex(ByteView bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out(bytes.size() * 2, '\0');
  std::size_t position = 0;
  for (const std::uint8_t byte : bytes) {
    out[position++] = kDigits[byte >> 4];
    out[position++] = kDigits[byte & 0x0f];
  }
  return out;
}

}  // namespace tally::core
