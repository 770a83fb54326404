#include "http/auth/dpop_verifier.hpp"

#include "core/crypto/base64.hpp"
#include "core/crypto/hash.hpp"
#include "http/auth/dpop_proof.hpp"
#include "http/server/limits.hpp"

namespace tally::http {
namespace {

using core::Errc;
using core::Result;

core::Error proof_refused(std::string why) { return core::fail(Errc::invalid_proof, std::move(why)); }

Result<void> check_proof(const DPoPProof& proof, const ProofTarget& target, const ProofNeeds& needs,
                         core::Timestamp now) {
  if (proof.method != target.method) return proof_refused("the proof is for another method");
  if (!is_same_target(proof.url, target.url)) return proof_refused("the proof is for another URL");
  const std::int64_t age = core::seconds_of(now) - proof.issued_at_seconds;
  const std::int64_t skew = limits::kProofClockSkew.count();
  if (age > skew || age < -skew) return proof_refused("the proof's time is too far from this server's");
  const bool is_by_key =
      !needs.key || *needs.key == core::Confirmation{core::ConfirmationMethod::jkt, proof.key.thumbprint()};
  if (!is_by_key) return proof_refused("the proof is by another key");
  if (!needs.access_token) return {};
  const core::Digest digest = core::crypto::sha256(core::as_bytes(*needs.access_token));
  if (proof.access_token_hash != core::crypto::base64url_encode(digest.bytes)) {
    return proof_refused("the proof is not for this access token");
  }
  return {};
}

}  // namespace

DPoPVerifier::DPoPVerifier(std::string issuer, core::RandomSource& random)
    : issuer_(std::move(issuer)), nonces_(random, limits::kProofsRememberedPerNonceMax) {}

Result<core::Confirmation> DPoPVerifier::verify(const Request& request, const ProofNeeds& needs) {
  const std::string url = issuer_ + std::string{request.path};
  return verify(request, {name_of(request.method), url}, needs);
}

Result<core::Confirmation> DPoPVerifier::verify(const Request& request, const ProofTarget& target,
                                                const ProofNeeds& needs) {
  if (request.header_count("DPoP") != 1) return proof_refused("there must be one DPoP field");
  TALLY_TRY_ASSIGN(const DPoPProof proof, DPoPProof::parse(*request.header("DPoP")));
  TALLY_TRY(check_proof(proof, target, needs, request.received_at));
  // What is cheap to find wrong was looked at before the signature.
  if (!proof.nonce || !nonces_.is_good(*proof.nonce, request.received_at)) {
    return core::fail(Errc::nonce_required, "the proof must hold the nonce of DPoP-Nonce");
  }
  if (!proof.has_good_signature()) return proof_refused("the proof's signature does not fit");
  const core::Digest& key = proof.key.thumbprint();
  TALLY_TRY(
      nonces_.use(*proof.nonce, core::crypto::sha256({key.bytes, core::as_bytes(proof.id)}), request.received_at));
  return core::Confirmation{core::ConfirmationMethod::jkt, key};
}

void DPoPVerifier::offer_nonce(const Request& request, Response& response) {
  if (has_proof(request)) response.set("DPoP-Nonce", nonces_.current(request.received_at));
}

}  // namespace tally::http
