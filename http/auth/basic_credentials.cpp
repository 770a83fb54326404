#include "http/auth/basic_credentials.hpp"

#include <optional>

#include "core/base/ascii.hpp"
#include "core/crypto/base64.hpp"
#include "http/server/authorization.hpp"
#include "http/server/limits.hpp"

namespace tally::http {
namespace {

core::Error no_credentials() {
  return core::fail(core::Errc::unauthenticated, "HTTP Basic with id and secret is needed");
}

std::optional<unsigned> hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return static_cast<unsigned>(digit - '0');
  const char letter = core::ascii::small_letter(digit);
  if (letter >= 'a' && letter <= 'f') return static_cast<unsigned>(letter - 'a' + 10);
  return std::nullopt;
}

/// application/x-www-form-urlencoded, one value. Empty optional: a damaged escape.
std::optional<core::SecretText> decode_form_value(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t position = 0; position < text.size(); ++position) {
    const char character = text[position];
    if (character == '%') {
      if (text.size() - position < 3) return std::nullopt;
      const auto high = hex_value(text[position + 1]);
      const auto low = hex_value(text[position + 2]);
      if (!high || !low) return std::nullopt;
      out.push_back(static_cast<char>(*high << 4 | *low));
      position += 2;
    } else {
      out.push_back(character == '+' ? ' ' : character);
    }
  }
  return core::SecretText{std::move(out)};
}

}  // namespace

core::Result<BasicCredentials> parse_basic(std::string_view authorization) {
  const auto encoded = credentials_of(authorization, "Basic");
  if (!encoded || encoded->size() > limits::kBasicCredentialsBytesMax) return no_credentials();
  auto decoded = core::crypto::base64_decode(*encoded);
  if (decoded.has_error()) return no_credentials();
  const std::string_view pair = core::as_text(*decoded);
  const std::size_t colon = pair.find(':');
  std::optional<core::SecretText> id;
  std::optional<core::SecretText> secret;
  if (colon != std::string_view::npos) {
    id = decode_form_value(pair.substr(0, colon));
    secret = decode_form_value(pair.substr(colon + 1));
  }
  core::wipe(decoded->data(), decoded->size());
  if (!id || !secret) return no_credentials();
  return BasicCredentials{std::move(*id), std::move(*secret)};
}

}  // namespace tally::http
