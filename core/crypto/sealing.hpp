#pragma once

#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/random.hpp"
#include "core/base/result.hpp"
#include "core/base/secret.hpp"

namespace tally::core::crypto {

/// Seals `plaintext` so that only a holder of `key_secret` can open it: HKDF-SHA-256 of the secret (info = `purpose`,
/// salt = a drawn 16 bytes) keys AES-256-GCM; `context` is authenticated. Output: version(1) salt(16) ciphertext
/// tag(16). Source: RFC 5869, NIST SP 800-38D; docs/formats.md ("Sealed successor").
Bytes seal(std::string_view key_secret, std::string_view purpose, ByteView context, std::string_view plaintext,
           RandomSource& random);

/// Errors: corrupt (wrong secret, purpose or context, or changed bytes: they cannot be told apart).
Result<SecretText> unseal(std::string_view key_secret, std::string_view purpose, ByteView context, ByteView sealed);

}  // namespace tally::core::crypto
