#pragma once

#include <cstddef>
#include <cstdint>

#include "core/crypto/signing_algorithm.hpp"

/// What the two halves of a key share. Private to core/crypto.
namespace tally::core::crypto {

inline constexpr const char* kP256 = "secp256r1";
inline constexpr std::size_t kP256PointBytes = 65;
inline constexpr std::uint8_t kUncompressedPoint = 4;
inline constexpr std::size_t kRsaBits = 2'048;  ///< Of the keys that are made here.
inline constexpr std::size_t kRsaBitsMin = 2'048;
inline constexpr std::size_t kRsaBitsMax = 4'096;
inline constexpr std::uint32_t kRsaExponentMin = 3;
inline constexpr std::size_t kRsaExponentBitsMax = 32;  ///< A wide one makes a verification slow.

bool is_rsa_size(std::size_t bits);
/// RFC 8017 §8.1.2, §8.2.2: a signature is as long as its modulus, which has whole bytes here. Botan takes others too.
inline bool is_rsa_signature_size(std::size_t bytes, std::size_t key_bits) { return bytes * 8 == key_bits; }
/// Botan's name of hash and padding, for what is not EdDSA.
const char* padding_of(SigningAlgorithm algorithm);

}  // namespace tally::core::crypto
