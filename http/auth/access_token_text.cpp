#include "http/auth/access_token_text.hpp"

#include <charconv>
#include <optional>

#include <boost/json.hpp>

#include "core/check.hpp"
#include "core/crypto/base64.hpp"
#include "core/limits.hpp"

namespace tally::http {
namespace {

namespace json = boost::json;
using core::Errc;
using core::Error;
using core::Result;

constexpr std::string_view kType = "at+jwt";
constexpr std::string_view kTypeInFull = "application/at+jwt";

Error malformed() { return core::fail(Errc::malformed, "not an access token of this server's form"); }

/// The widest token must be one that verify() takes: 4 characters for 3 bytes of payload, and what else stands there.
constexpr std::size_t kScopeTextMax = core::limits::kScopesPerTokenMax * (core::limits::kScopeBytesMax + 1);
static_assert(core::limits::kAccessTokenBytesMax >= (kScopeTextMax + 2 * core::limits::kIssuerBytesMax + 400) * 4 / 3 +
                                                        200 + core::crypto::Signature::kBytesMax);

Result<json::object> read_object(std::string_view encoded) {
  TALLY_TRY_ASSIGN(const core::Bytes bytes, core::crypto::base64url_decode(encoded));
  const std::string_view text = core::as_text(bytes);
  json::parse_options options;
  options.max_depth = 2;
  boost::system::error_code failed;
  json::value value = json::parse(text, failed, {}, options);
  if (failed || !value.is_object()) return malformed();
  // Whitespace, a repeated member or an odd escape makes another text of the same value.
  if (json::serialize(value) != text) return malformed();
  return std::move(value.get_object());
}

std::optional<std::string_view> text_of(const json::object& object, std::string_view name) {
  const json::value* member = object.if_contains(name);
  if (member == nullptr || !member->is_string()) return std::nullopt;
  return std::string_view{member->get_string()};
}

Result<std::int64_t> seconds_in(const json::object& object, std::string_view name) {
  constexpr std::int64_t kSecondsMax = 253'402'300'799;  // The end of the year 9999.
  const json::value* member = object.if_contains(name);
  if (member == nullptr || !member->is_int64()) return malformed();
  const std::int64_t seconds = member->get_int64();
  if (seconds < 0 || seconds > kSecondsMax) return malformed();
  return seconds;
}

template <class Id>
Result<Id> id_in(const json::object& object, std::string_view name) {
  const auto text = text_of(object, name);
  if (!text) return malformed();
  auto id = Id::parse(*text);
  if (id.has_error()) return malformed();
  return *id;
}

Result<core::ScopeSet> scope_in(const json::object& object) {
  if (!object.contains("scope")) return core::ScopeSet{};
  const auto text = text_of(object, "scope");
  if (!text) return malformed();
  auto scope = core::ScopeSet::parse(*text, core::limits::kScopesPerTokenMax);
  if (scope.has_error()) return malformed();
  return std::move(*scope);
}

void append_number(std::string& out, std::int64_t number) {
  char digits[20];
  const auto [end, failed] = std::to_chars(digits, digits + sizeof digits, number);
  TALLY_CHECK(failed == std::errc{});
  out.append(digits, end);
}

template <class Id>
void append_id(std::string& out, const Id& id) {
  core::append_type_id(out, Id::prefix, id.uuid());
}

}  // namespace

AccessTokenText::AccessTokenText(std::string issuer)
    : issuer_(std::move(issuer)),
      quoted_issuer_(json::serialize(json::string(issuer_))),
      quoted_audience_(json::serialize(json::string(issuer_ + "/w/"))) {
  TALLY_CHECK(!issuer_.empty() && issuer_.size() <= core::limits::kIssuerBytesMax && issuer_.back() != '/', issuer_);
  quoted_audience_.pop_back();
}

std::string AccessTokenText::encode_header(core::crypto::SigningAlgorithm algorithm, std::string_view key_id) {
  std::string header{R"({"alg":")"};
  header.append(core::crypto::name_of(algorithm)).append(R"(","typ":"at+jwt","kid":")").append(key_id).append(R"("})");
  return core::crypto::base64url_encode(core::as_bytes(header));
}

Result<AccessTokenText::Header> AccessTokenText::decode_header(std::string_view encoded) {
  TALLY_TRY_ASSIGN(const json::object header, read_object(encoded));
  const auto algorithm = text_of(header, "alg");
  const auto type = text_of(header, "typ");
  const auto key_id = text_of(header, "kid");
  // Three members are there and there are three: none is left that could change how the token is to be read.
  if (!algorithm || !type || !key_id || header.size() != 3) {
    return core::fail(Errc::unauthenticated, "the header of an access token holds alg, typ and kid");
  }
  if (*type != kType && *type != kTypeInFull) return core::fail(Errc::unauthenticated, "not of type at+jwt");
  return Header{std::string{*algorithm}, std::string{*key_id}};
}

void AccessTokenText::append_payload(std::string& out, const AccessClaims& claims) const {
  std::string text;
  text.reserve(512);
  text.append(R"({"iss":)").append(quoted_issuer_);
  append_id(text.append(R"(,"sub":")"), claims.subject);
  append_id(text.append(R"(","aud":)").append(quoted_audience_), claims.workspace);
  append_id(text.append(R"(","client_id":")"), claims.workspace);
  append_number(text.append(R"(","exp":)"), claims.expires_at_seconds);
  append_number(text.append(R"(,"iat":)"), claims.issued_at_seconds);
  append_id(text.append(R"(,"jti":")"), claims.id);
  if (!claims.scope.empty()) {
    // RFC 6749's scope characters need no escape in JSON.
    text.append(R"(","scope":")");
    bool is_first = true;
    for (const std::string& scope : claims.scope.scopes()) {
      if (!is_first) text.push_back(' ');
      is_first = false;
      text.append(scope);
    }
  }
  append_id(text.append(R"(","tally_workspace":")"), claims.workspace);
  append_id(text.append(R"(","tally_token":")"), claims.token);
  text.append(R"("})");
  core::crypto::append_base64url(out, core::as_bytes(text));
}

Result<AccessClaims> AccessTokenText::decode_payload(std::string_view encoded) const {
  TALLY_TRY_ASSIGN(const json::object payload, read_object(encoded));
  if (text_of(payload, "iss") != std::optional<std::string_view>{issuer_}) {
    return core::fail(Errc::unauthenticated, "of another issuer");
  }
  AccessClaims claims;
  TALLY_TRY_ASSIGN(claims.subject, id_in<core::UserId>(payload, "sub"));
  TALLY_TRY_ASSIGN(claims.workspace, id_in<core::WorkspaceId>(payload, "client_id"));
  TALLY_TRY_ASSIGN(const core::WorkspaceId workspace, id_in<core::WorkspaceId>(payload, "tally_workspace"));
  if (workspace != claims.workspace) return malformed();
  const std::string audience = audience_of(claims.workspace);
  if (text_of(payload, "aud") != std::optional<std::string_view>{audience}) {
    return core::fail(Errc::unauthenticated, "for another audience");
  }
  TALLY_TRY_ASSIGN(claims.token, id_in<core::TokenId>(payload, "tally_token"));
  TALLY_TRY_ASSIGN(claims.id, id_in<core::AccessTokenId>(payload, "jti"));
  TALLY_TRY_ASSIGN(claims.expires_at_seconds, seconds_in(payload, "exp"));
  TALLY_TRY_ASSIGN(claims.issued_at_seconds, seconds_in(payload, "iat"));
  TALLY_TRY_ASSIGN(claims.scope, scope_in(payload));
  return claims;
}

std::string AccessTokenText::audience_of(core::WorkspaceId workspace) const {
  std::string audience = issuer_ + "/w/";
  append_id(audience, workspace);
  return audience;
}

}  // namespace tally::http
