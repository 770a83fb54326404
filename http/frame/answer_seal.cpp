#include "http/frame/answer_seal.hpp"

#include <utility>

#include "core/base/check.hpp"
#include "core/crypto/hash.hpp"
#include "core/crypto/sealing.hpp"

namespace tally::http {
namespace {

constexpr std::string_view kPurpose = "tally kept answer v1";
constexpr std::string_view kDigestPurpose = "tally request digest v1";

}  // namespace

AnswerSeal::AnswerSeal(core::SecretText key) : key_(std::move(key)) { TALLY_CHECK(key_.reveal().size() == kKeyBytes); }

core::Bytes AnswerSeal::seal(core::ByteView context, std::string_view answer, core::RandomSource& random) const {
  return core::crypto::seal(key_.reveal(), kPurpose, context, answer, random);
}

core::Result<core::SecretText> AnswerSeal::unseal(core::ByteView context, core::ByteView sealed) const {
  return core::crypto::unseal(key_.reveal(), kPurpose, context, sealed);
}

core::Digest AnswerSeal::digest(std::initializer_list<core::ByteView> parts) const {
  // Each part is hashed for itself, so that what is moved from one to the next makes another digest.
  core::Bytes hashes;
  for (const core::ByteView part : parts) {
    const core::Digest hash = core::crypto::hmac_sha256(core::as_bytes(key_.reveal()), {part});
    hashes.insert(hashes.end(), hash.bytes.begin(), hash.bytes.end());
  }
  return core::crypto::hmac_sha256(core::as_bytes(key_.reveal()), {core::as_bytes(kDigestPurpose), hashes});
}

}  // namespace tally::http
