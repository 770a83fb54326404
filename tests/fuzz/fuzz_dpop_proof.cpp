#include <cstddef>
#include <cstdint>
#include <string>

#include "core/base/check.hpp"
#include "core/crypto/base64.hpp"
#include "http/auth/dpop_proof.hpp"
#include "http/server/limits.hpp"

namespace {

using namespace tally;

/// Whatever is read is within its bounds, and its key has a thumbprint of the right length.
void read_proof(std::string_view text) {
  const auto proof = http::DPoPProof::parse(text);
  if (proof.has_error()) {
    TALLY_CHECK(proof.error().code == core::Errc::invalid_proof);
    return;
  }
  TALLY_CHECK(!proof->id.empty() && proof->id.size() <= http::limits::kProofIdBytesMax);
  TALLY_CHECK(!proof->url.empty() && proof->url.size() <= http::limits::kProofUrlBytesMax);
  TALLY_CHECK(proof->issued_at_seconds >= 0);
  static_cast<void>(proof->has_good_signature());
}

/// Header and payload in the clear, with a line feed between them, so that the fuzzer need not learn base64url.
void read_parts(std::string_view parts) {
  const std::size_t end = std::min(parts.find('\n'), parts.size());
  const std::string_view payload = parts.substr(std::min(end + 1, parts.size()));
  using core::crypto::base64url_encode;
  read_proof(base64url_encode(core::as_bytes(parts.substr(0, end))) + "." + base64url_encode(core::as_bytes(payload)) +
             ".AAAA");
}

/// Being the same target is symmetric, whatever comes.
void compare(std::string_view urls) {
  const std::size_t end = std::min(urls.find('\n'), urls.size());
  const std::string_view left = urls.substr(0, end);
  const std::string_view right = urls.substr(std::min(end + 1, urls.size()));
  TALLY_CHECK(http::is_same_target(left, right) == http::is_same_target(right, left));
}

}  // namespace

/// The first byte says what the rest is.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view rest = core::as_text({data + 1, size - 1});
  switch (data[0]) {
    case 'p':
      read_parts(rest);
      break;
    case 'u':
      compare(rest);
      break;
    default:
      read_proof(rest);
  }
  return 0;
}
