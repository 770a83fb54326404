#include <cstddef>
#include <cstdint>
#include <string>

#include "core/base/check.hpp"
#include "core/crypto/base64.hpp"
#include "http/tokens/access_token_text.hpp"
#include "http/tokens/access_tokens.hpp"
#include "tests/support/seeded_random.hpp"

namespace {

using namespace tally;

constexpr const char* kIssuer = "https://tally.example";
const core::Timestamp kNow{std::chrono::sys_days{std::chrono::year{2026} / 11 / 23}};

http::AccessTokens& server() {
  static http::AccessTokens tokens = [] {
    testing::SeededRandom random{7};
    return http::AccessTokens{kIssuer, core::crypto::SigningKey::generate(random), {}};
  }();
  return tokens;
}

bool is_refusal(core::Errc code) {
  return code == core::Errc::malformed || code == core::Errc::unauthenticated || code == core::Errc::token_expired;
}

/// A whole token, as it comes with a request.
void verify(std::string_view text) {
  const auto claims = server().verify(text, kNow);
  if (claims.has_error()) {
    TALLY_CHECK(is_refusal(claims.error().code));
    return;
  }
  const auto again = server().verify(text, kNow);
  TALLY_CHECK(again.has_value() && *again == *claims);
}

/// What a good signature would let through: whatever is read can be written, and reads as the same.
void read_payload(std::string_view json) {
  const http::AccessTokenText form{kIssuer};
  const auto claims = form.decode_payload(core::crypto::base64url_encode(core::as_bytes(json)));
  if (claims.has_error()) {
    TALLY_CHECK(is_refusal(claims.error().code));
    return;
  }
  std::string written;
  form.append_payload(written, *claims);
  const auto again = form.decode_payload(written);
  TALLY_CHECK(again.has_value() && *again == *claims);
}

void read_header(std::string_view json) {
  const auto header = http::AccessTokenText::decode_header(core::crypto::base64url_encode(core::as_bytes(json)));
  TALLY_CHECK(header.has_value() || is_refusal(header.error().code));
}

}  // namespace

/// The first byte says which part the rest is.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view rest = core::as_text({data + 1, size - 1});
  switch (data[0]) {
    case 'p':
      read_payload(rest);
      break;
    case 'h':
      read_header(rest);
      break;
    default:
      verify(rest);
  }
  return 0;
}
