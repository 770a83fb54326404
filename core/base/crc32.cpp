#include "core/base/crc32.hpp"

#include <array>

namespace tally::core::crypto {
namespace {

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t remainder = byte;
    for (int bit = 0; bit < 8; ++bit) {
      // The polynomial of IEEE 802.3 with its bits reversed, as data is taken lowest bit first.
      remainder = (remainder & 1) != 0 ? remainder >> 1 ^ 0xedb88320u : remainder >> 1;
    }
    table[byte] = remainder;
  }
  return table;
}
constexpr std::array<std::uint32_t, 256> kTable = make_table();

}  // namespace

std::uint32_t crc32(std::string_view text) {
  std::uint32_t crc = 0xffffffffu;
  for (const char character : text) crc = crc >> 8 ^ kTable[(crc ^ static_cast<unsigned char>(character)) & 0xff];
  return crc ^ 0xffffffffu;
}

}  // namespace tally::core::crypto
