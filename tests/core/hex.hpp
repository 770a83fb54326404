#pragma once

#include <string>
#include <string_view>

#include "core/base/bytes.hpp"

namespace tally::core::testing {

/// The bytes of a test vector in hexadecimal.
inline Bytes bytes_of_hex(std::string_view text) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoi(std::string{text.substr(i, 2)}, nullptr, 16)));
  }
  return bytes;
}

}  // namespace tally::core::testing
