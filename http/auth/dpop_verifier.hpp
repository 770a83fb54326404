#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/random.hpp"
#include "core/base/result.hpp"
#include "core/state/confirmation.hpp"
#include "http/auth/dpop_nonces.hpp"
#include "http/server/request.hpp"
#include "http/server/response.hpp"

namespace tally::http {

/// The algorithms of proofs, as metadata and challenges name them.
inline constexpr std::string_view kProofAlgorithms = "ES256 Ed25519 EdDSA RS256 PS256";

/// Which request a proof must be for.
struct ProofTarget {
  std::string_view method;
  std::string_view url;
};

/// What else a proof must say.
struct ProofNeeds {
  std::optional<std::string_view> access_token = {};  ///< The proof must name it (`ath`).
  std::optional<core::Confirmation> key = {};         ///< The proof must be by this key.
};

/// Checks that whoever sent a request holds the key that they name: the proof is well-formed, for this method and URL,
/// fresh by its time and by a nonce of this server's, signed, and used for the first time. Nonces are always asked for:
/// a proof that was made in advance, on a machine that has the key but for a moment, is worth nothing. Source: RFC 9449
/// §4.3, §8, §9; docs/adr/0025. Threads: any.
class DPoPVerifier {
 public:
  /// `issuer`: the public base URL; what a proof names begins with it. Lifetime: `random` outlives it.
  DPoPVerifier(std::string issuer, core::RandomSource& random);

  /// True if the request has a DPoP field at all.
  [[nodiscard]] static bool has_proof(const Request& request) { return request.header("DPoP").has_value(); }

  /// The key that the request's DPoP field proves. Call it last, when all else is good, and once: a proof is used up.
  /// Errors: invalid_proof, nonce_required, overloaded.
  [[nodiscard]] core::Result<core::Confirmation> verify(const Request& request, const ProofNeeds& needs);
  /// The same where the request stands for another one, as at a proxy's question.
  [[nodiscard]] core::Result<core::Confirmation> verify(const Request& request, const ProofTarget& target,
                                                        const ProofNeeds& needs);

  /// Says the nonce to use next (DPoP-Nonce), if the request has a DPoP field. Source: RFC 9449 §8.2.
  void offer_nonce(const Request& request, Response& response);

 private:
  std::string issuer_;  // constant after construction
  DPoPNonces nonces_;
};

}  // namespace tally::http
