#include "http/auth/dpop_proof.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <boost/json.hpp>
#include <boost/url.hpp>

#include "core/crypto/base64.hpp"
#include "core/limits.hpp"

namespace tally::http {
namespace {

namespace json = boost::json;
namespace limits = core::limits;
using core::Errc;
using core::Result;
using core::crypto::ProofAlgorithm;
using core::crypto::ProofKey;

constexpr std::string_view kType = "dpop+jwt";
/// A jwk in the header, and the lists that a jwk may hold (key_ops, x5c).
constexpr std::size_t kJsonDepthMax = 4;
constexpr double kSecondsMax = 253'402'300'799;  // The end of the year 9999.

core::Error bad(std::string why) { return core::fail(Errc::invalid_proof, std::move(why)); }

Result<json::object> object_in(std::string_view encoded) {
  const auto bytes = core::crypto::base64url_decode(encoded);
  if (bytes.has_error()) return bad("a part of the proof is not base64url");
  json::parse_options options;
  options.max_depth = kJsonDepthMax;
  boost::system::error_code failed;
  json::value value = json::parse(core::as_text(*bytes), failed, {}, options);
  if (failed || !value.is_object()) return bad("a part of the proof is not a JSON object");
  return std::move(value.get_object());
}

std::optional<std::string_view> text_of(const json::object& object, std::string_view name) {
  const json::value* member = object.if_contains(name);
  if (member == nullptr || !member->is_string()) return std::nullopt;
  return std::string_view{member->get_string()};
}

Result<core::Bytes> bytes_of(const json::object& jwk, std::string_view name) {
  const auto text = text_of(jwk, name);
  if (!text) return bad("the jwk lacks " + std::string{name});
  auto bytes = core::crypto::base64url_decode(*text);
  if (bytes.has_error()) return bad("a member of the jwk is not base64url");
  return bytes;
}

bool has_private_part(const json::object& jwk) {
  constexpr std::array kPrivateParts{"d", "p", "q", "dp", "dq", "qi", "oth", "k"};
  return std::any_of(kPrivateParts.begin(), kPrivateParts.end(), [&](const char* name) { return jwk.contains(name); });
}

Result<ProofKey> key_of(const json::object& jwk) {
  if (has_private_part(jwk)) return bad("the jwk holds a private part");
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
  if (key.has_error()) return bad("the jwk: " + key.error().detail);
  return key;
}

/// RFC 7519 §2 (NumericDate): a fraction is allowed.
Result<std::int64_t> seconds_in(const json::object& claims) {
  const json::value* member = claims.if_contains("iat");
  if (member == nullptr || !member->is_number()) return bad("the claim iat is missing");
  const double seconds = member->to_number<double>();
  if (!(seconds >= 0 && seconds <= kSecondsMax)) return bad("the claim iat is out of range");
  return static_cast<std::int64_t>(std::floor(seconds));
}

Result<std::string> claim(const json::object& claims, std::string_view name, std::size_t bytes_max) {
  const auto text = text_of(claims, name);
  if (!text || text->empty()) return bad("the claim " + std::string{name} + " is missing");
  if (text->size() > bytes_max) return bad("the claim " + std::string{name} + " is too long");
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
    return bad("a proof has 1 to " + std::to_string(limits::kProofBytesMax) + " characters");
  }
  const std::size_t first = text.find('.');
  const std::size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos) {
    return bad("a proof has three parts");
  }
  return Parts{text.substr(0, first), text.substr(first + 1, second - first - 1), text.substr(second + 1),
               text.substr(0, second)};
}

std::optional<boost::urls::url> normal_form(std::string_view text) {
  const auto parsed = boost::urls::parse_uri(boost::urls::string_view{text.data(), text.size()});
  if (!parsed || parsed->has_userinfo() || !parsed->has_authority() || parsed->host().empty()) return std::nullopt;
  boost::urls::url url{*parsed};
  url.remove_query();
  url.remove_fragment();
  url.normalize();
  if (url.scheme() != "https" && url.scheme() != "http") return std::nullopt;
  if (url.port() == (url.scheme() == "https" ? "443" : "80") || url.port().empty()) url.remove_port();
  if (url.encoded_path().empty()) url.set_path_absolute(true);
  return url;
}

}  // namespace

Result<DPoPProof> DPoPProof::parse(std::string_view text) {
  TALLY_TRY_ASSIGN(const Parts parts, split(text));
  TALLY_TRY_ASSIGN(const json::object header, object_in(parts.header));
  if (text_of(header, "typ") != kType) return bad("the proof is not of type dpop+jwt");
  if (header.contains("crit")) return bad("the proof's header has critical members");
  const auto algorithm = core::crypto::parse_proof_algorithm(text_of(header, "alg").value_or(""));
  if (!algorithm) return bad("the proof's algorithm is not one of those that are taken");
  const json::value* jwk = header.if_contains("jwk");
  if (jwk == nullptr || !jwk->is_object()) return bad("the proof's header lacks the jwk");
  TALLY_TRY_ASSIGN(ProofKey key, key_of(jwk->get_object()));
  TALLY_TRY_ASSIGN(const json::object claims, object_in(parts.payload));
  TALLY_TRY_ASSIGN(std::string id, claim(claims, "jti", limits::kProofIdBytesMax));
  TALLY_TRY_ASSIGN(std::string method, claim(claims, "htm", limits::kProofIdBytesMax));
  TALLY_TRY_ASSIGN(std::string url, claim(claims, "htu", limits::kProofUrlBytesMax));
  TALLY_TRY_ASSIGN(const std::int64_t issued_at, seconds_in(claims));
  TALLY_TRY_ASSIGN(auto access_token_hash, optional_claim(claims, "ath", limits::kProofIdBytesMax));
  TALLY_TRY_ASSIGN(auto nonce, optional_claim(claims, "nonce", limits::kProofIdBytesMax));
  auto signature = core::crypto::base64url_decode(parts.signature);
  if (signature.has_error()) return bad("the proof's signature is not base64url");
  return DPoPProof{std::move(id),    std::move(method), std::move(url), issued_at,         std::move(access_token_hash),
                   std::move(nonce), *algorithm,        std::move(key), parts.signed_text, *std::move(signature)};
}

bool is_same_target(std::string_view left, std::string_view right) {
  const auto one = normal_form(left);
  const auto other = normal_form(right);
  return one && other && one->buffer() == other->buffer();
}

}  // namespace tally::http
