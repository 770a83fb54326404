#pragma once

#include <cstdint>
#include <string_view>

namespace tally::core::crypto {

/// CRC-32 as of IEEE 802.3, zlib and PNG: crc32("123456789") == 0xCBF43926.
std::uint32_t crc32(std::string_view text);

}  // namespace tally::core::crypto
