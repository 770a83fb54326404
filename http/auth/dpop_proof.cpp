#include "http/auth/dpop_proof.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <boost/json.hpp>
#include <boost/url.hpp>

#include "core/base/ascii.hpp"
#include "core/crypto/base64.hpp"
#include "http/server/limits.hpp"

namespace tally::http {
namespace {

namespace json = boost::json;
using core::Errc;
using core::Result;
using core::crypto::ProofAlgorithm;
using core::crypto::ProofKey;

constexpr std::string_view kType = "dpop+jwt";
constexpr double kSecondsMax = 253'402'300'799;  // The end of the year 9999.

core::Error bad_proof(std::string why) { return core::fail(Errc::invalid_proof, std::move(why)); }

Result<json::object> object_in(std::string_view encoded) {
  const auto bytes = core::crypto::base64url_decode(encoded);
  if (bytes.has_error()) return bad_proof("a part of the proof is not base64url");
  json::parse_options options;
  options.max_depth = limits::kProofJsonDepthMax;
  boost::system::error_code failed;
  json::value value = json::parse(core::as_text(*bytes), failed, {}, options);
  if (failed || !value.is_object()) return bad_proof("a part of the proof is not a JSON object");
  return std::move(value.get_object());
}

std::optional<std::string_view> text_of(const json::object& object, std::string_view name) {
  const json::value* member = object.if_contains(name);
  if (member == nullptr || !member->is_string()) return std::nullopt;
  return std::string_view{member->get_string()};
}

Result<core::Bytes> bytes_of(const json::object& jwk, std::string_view name) {
  const auto text = text_of(jwk, name);
  if (!text) return bad_proof("the jwk lacks " + std::string{name});
  auto bytes = core::crypto::base64url_decode(*text);
  if (bytes.has_error()) return bad_proof("a member of the jwk is not base64url");
  return bytes;
}

bool has_private_part(const json::object& jwk) {
  constexpr std::array kPrivateParts{"d", "p", "q", "dp", "dq", "qi", "oth", "k"};
  return std::any_of(kPrivateParts.begin(), kPrivateParts.end(), [&](const char* name) { return jwk.contains(name); });
}

Result<ProofKey> key_of(const json::object& jwk) {
  if (has_private_part(jwk)) return bad_proof("the jwk holds a private part");
  const auto type = text_of(jwk, "kty");
  const auto curve = text_of(jwk, "crv");
  Result<ProofKey> key = core::fail(Errc::invalid_proof, "no key of a kind that is taken here");
  if (type == "EC" && curve == "P-256") {
    TALLY_TRY_ASSIGN(const core::Bytes x, bytes_of(jwk, "x"));
    TALLY_TRY_ASSIGN(const core::Bytes y, bytes_of(jwk, "y"));
    key = ProofKey::ec_p256(x, y);
  } else if (type == "OKP" && curve == "Ed25519") {
    TALLY_TRY_ASSIGN(const core::Bytes x, bytes_of(jwk, "x"));
    key = ProofKey::ed25519(x);
  } else if (type == "RSA") {
    TALLY_TRY_ASSIGN(const core::Bytes modulus, bytes_of(jwk, "n"));
    TALLY_TRY_ASSIGN(const core::Bytes exponent, bytes_of(jwk, "e"));
    key = ProofKey::rsa(modulus, exponent);
  }
  if (key.has_error()) return bad_proof("the jwk: " + key.error().detail);
  return key;
}

/// RFC 7519 §2 (NumericDate): a fraction is allowed.
Result<std::int64_t> seconds_in(const json::object& claims) {
  const json::value* member = claims.if_contains("iat");
  if (member == nullptr || !member->is_number()) return bad_proof("the claim iat is missing");
  const double seconds = member->to_number<double>();
  if (!(seconds >= 0 && seconds <= kSecondsMax)) return bad_proof("the claim iat is out of range");
  return static_cast<std::int64_t>(std::floor(seconds));
}

Result<std::string> claim(const json::object& claims, std::string_view name, std::size_t bytes_max) {
  const auto text = text_of(claims, name);
  if (!text || text->empty()) return bad_proof("the claim " + std::string{name} + " is missing");
  if (text->size() > bytes_max) return bad_proof("the claim " + std::string{name} + " is too long");
  return std::string{*text};
}

Result<std::optional<std::string>> optional_claim(const json::object& claims, std::string_view name,
                                                  std::size_t bytes_max) {
  if (!claims.contains(name)) return std::optional<std::string>{};
  TALLY_TRY_ASSIGN(std::string text, claim(claims, name, bytes_max));
  return std::optional{std::move(text)};
}

struct Parts {
  std::string_view header, payload, signature, signed_text;
};

Result<Parts> split(std::string_view text) {
  if (text.empty() || text.size() > limits::kProofBytesMax) {
    return bad_proof("a proof has 1 to " + std::to_string(limits::kProofBytesMax) + " characters");
  }
  const std::size_t first = text.find('.');
  const std::size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos) {
    return bad_proof("a proof has three parts");
  }
  return Parts{text.substr(0, first), text.substr(first + 1, second - first - 1), text.substr(second + 1),
               text.substr(0, second)};
}

bool is_unreserved(char character) {
  const bool is_digit = character >= '0' && character <= '9';
  const bool is_letter = (character | 0x20) >= 'a' && (character | 0x20) <= 'z';
  return is_digit || is_letter || std::string_view{"-._~"}.find(character) != std::string_view::npos;
}

int digit_of(char hex) { return hex <= '9' ? hex - '0' : (hex | 0x20) - 'a' + 10; }

/// RFC 3986 §6.2.2.1 and §6.2.2.2, for text whose percent-encoding is well-formed. What is reserved stays encoded: an
/// encoded slash is no slash.
std::string normal_octets(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      out.push_back(text[at]);
      continue;
    }
    const auto octet = static_cast<unsigned char>(digit_of(text[at + 1]) * 16 + digit_of(text[at + 2]));
    at += 2;
    if (is_unreserved(static_cast<char>(octet))) {
      out.push_back(static_cast<char>(octet));
    } else {
      out.append({'%', kDigits[octet >> 4], kDigits[octet & 15]});
    }
  }
  return out;
}

/// RFC 3986 §5.2.4, for a path that is empty or begins with a slash.
std::string without_dot_segments(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/', 1), path.size());
    const std::string_view segment = path.substr(0, end);
    path.remove_prefix(end);
    if (segment == "/.." && !out.empty()) out.resize(out.rfind('/'));
    if (segment != "/." && segment != "/..") out.append(segment);
    if ((segment == "/." || segment == "/..") && path.empty()) out.push_back('/');
  }
  return out.empty() ? "/" : out;
}

std::optional<std::string> normal_form(std::string_view text) {
  const auto parsed = boost::urls::parse_uri(boost::urls::string_view{text.data(), text.size()});
  if (!parsed || parsed->has_userinfo() || !parsed->has_authority() || parsed->host().empty()) return std::nullopt;
  // Not url::normalize(): Boost 1.81's decodes an encoded slash.
  std::string origin{parsed->scheme()};
  origin.append("://").append(normal_octets(parsed->encoded_host()));
  core::ascii::make_small(origin);
  const bool is_https = origin.starts_with("https://");
  if (!is_https && !origin.starts_with("http://")) return std::nullopt;
  const std::string_view port{parsed->port().data(), parsed->port().size()};
  if (!port.empty() && port != (is_https ? "443" : "80")) origin.append(":").append(port);
  const std::string_view path{parsed->encoded_path().data(), parsed->encoded_path().size()};
  // Boost 1.81 takes what follows a port's digits for the path, slash or no slash.
  if (!path.empty() && path.front() != '/') return std::nullopt;
  return origin + without_dot_segments(normal_octets(path));
}

}  // namespace

Result<DPoPProof> DPoPProof::parse(std::string_view text) {
  TALLY_TRY_ASSIGN(const Parts parts, split(text));
  TALLY_TRY_ASSIGN(const json::object header, object_in(parts.header));
  if (text_of(header, "typ") != kType) return bad_proof("the proof is not of type dpop+jwt");
  if (header.contains("crit")) return bad_proof("the proof's header has critical members");
  const auto algorithm = core::crypto::parse_proof_algorithm(text_of(header, "alg").value_or(""));
  if (!algorithm) return bad_proof("the proof's algorithm is not one of those that are taken");
  const json::value* jwk = header.if_contains("jwk");
  if (jwk == nullptr || !jwk->is_object()) return bad_proof("the proof's header lacks the jwk");
  TALLY_TRY_ASSIGN(ProofKey key, key_of(jwk->get_object()));
  TALLY_TRY_ASSIGN(const json::object claims, object_in(parts.payload));
  TALLY_TRY_ASSIGN(std::string id, claim(claims, "jti", limits::kProofIdBytesMax));
  TALLY_TRY_ASSIGN(std::string method, claim(claims, "htm", limits::kProofIdBytesMax));
  TALLY_TRY_ASSIGN(std::string url, claim(claims, "htu", limits::kProofUrlBytesMax));
  TALLY_TRY_ASSIGN(const std::int64_t issued_at, seconds_in(claims));
  TALLY_TRY_ASSIGN(auto access_token_hash, optional_claim(claims, "ath", limits::kProofIdBytesMax));
  TALLY_TRY_ASSIGN(auto nonce, optional_claim(claims, "nonce", limits::kProofIdBytesMax));
  auto signature = core::crypto::base64url_decode(parts.signature);
  if (signature.has_error()) return bad_proof("the proof's signature is not base64url");
  return DPoPProof{std::move(id),    std::move(method), std::move(url), issued_at,         std::move(access_token_hash),
                   std::move(nonce), *algorithm,        std::move(key), parts.signed_text, *std::move(signature)};
}

bool is_same_target(std::string_view left, std::string_view right) {
  const auto one = normal_form(left);
  const auto other = normal_form(right);
  return one && one == other;
}

}  // namespace tally::http
