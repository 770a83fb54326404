#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/crypto/proof_key.hpp"

namespace tally::http {

/// What a client says of one request, signed with a key of its own choice. Source: RFC 9449 §4.2.
struct DPoPProof {
  std::string id;      ///< jti, 1 to kProofIdBytesMax long.
  std::string method;  ///< htm
  std::string url;     ///< htu, at most kProofUrlBytesMax long.
  std::int64_t issued_at_seconds = 0;
  std::optional<std::string> access_token_hash;  ///< ath
  std::optional<std::string> nonce;

  core::crypto::ProofAlgorithm algorithm = core::crypto::ProofAlgorithm::es256;
  core::crypto::ProofKey key;
  std::string_view signed_text;
  core::Bytes signature;

  /// Reads the value of a DPoP field, of at most kProofBytesMax: a compact JWS of type dpop+jwt with an algorithm of
  /// the list and the public key, without private parts, that belongs to it; the claims jti, htm, htu and iat. Members
  /// that nobody knows are ignored, but `crit` is refused: it says that they must not be. Of a member that comes twice
  /// the last one counts. The signature is not looked at. Lifetime: `text` outlives the proof. Errors: invalid_proof.
  /// Source: RFC 9449 §4.3 (items 1 to 6), RFC 7515 §4, RFC 8725 §3.
  static core::Result<DPoPProof> parse(std::string_view text);

  [[nodiscard]] bool has_good_signature() const {
    return key.verify(algorithm, core::as_bytes(signed_text), signature);
  }
};

/// True if both are the same http(s) URL, leaving query and fragment aside, after the normalization of RFC 3986 §6.2.2
/// and §6.2.3: case of scheme and host, percent-encoding, dot segments, default port, empty path. Source: RFC 9449
/// §4.3.
bool is_same_target(std::string_view left, std::string_view right);

}  // namespace tally::http
