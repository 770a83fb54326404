#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/result.hpp"

namespace tally::core::crypto {

/// How a key signs. Source: RFC 7518 §3.3, §3.4; RFC 8037 §3.1.
enum class SigningAlgorithm : std::uint8_t {
  eddsa = 1,  ///< Ed25519.
  es256 = 2,  ///< ECDSA over P-256 with SHA-256; the signature is r and s, 32 bytes each.
  rs256 = 3,  ///< RSASSA-PKCS1-v1_5 with SHA-256, keys of 2048 to 4096 bits.
};

/// The name in JOSE: "EdDSA", "ES256", "RS256".
const char* name_of(SigningAlgorithm algorithm);
/// Errors: invalid_argument(field "algorithm").
Result<SigningAlgorithm> parse_signing_algorithm(std::string_view name);

}  // namespace tally::core::crypto
