#pragma once

#include <cstdint>

#include "core/base/bytes.hpp"

namespace tally::core {

/// How a client proves that it holds the key that a token is bound to. Persisted; never renumbered.
enum class ConfirmationMethod : std::uint8_t {
  jkt = 1,       ///< A DPoP proof. Source: RFC 9449 §6.1.
  x5t_s256 = 2,  ///< The certificate of a mutual-TLS connection. Source: RFC 8705 §3.1.
};
/// The member of `cnf`: `jkt`, `x5t#S256`.
const char* name_of(ConfirmationMethod method);

/// The one key that a token is bound to, by its thumbprint: of a JWK (RFC 7638) or of a certificate. Whoever presents
/// the token must prove to hold that key. Public, no secret.
struct Confirmation {
  ConfirmationMethod method = ConfirmationMethod::jkt;
  Digest thumbprint;
  bool operator==(const Confirmation&) const = default;
};

}  // namespace tally::core
