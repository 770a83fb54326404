#include "http/tokens/access_token_text.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include <boost/json.hpp>

#include "core/base/check.hpp"
#include "core/base/limits.hpp"
#include "core/base/names.hpp"
#include "core/crypto/base64.hpp"
#include "http/server/limits.hpp"
#include "http/tokens/resources.hpp"
#include "http/tokens/status_index.hpp"

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
static_assert(limits::kAccessTokenBytesMax >=
              (kScopeTextMax + 3 * limits::kIssuerBytesMax + 620) * 4 / 3 + 200 + core::crypto::Signature::kBytesMax);

Result<json::object> read_object(std::string_view encoded) {
  TALLY_TRY_ASSIGN(const core::Bytes bytes, core::crypto::base64url_decode(encoded));
  const std::string_view text = core::as_text(bytes);
  json::parse_options options;
  options.max_depth = 3;
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

/// Absent, or `{"jkt": …}` or `{"x5t#S256": …}` and nothing beside it.
Result<std::optional<core::Confirmation>> confirmation_in(const json::object& object) {
  const json::value* member = object.if_contains("cnf");
  if (member == nullptr) return std::optional<core::Confirmation>{};
  if (!member->is_object() || member->get_object().size() != 1) return malformed();
  for (const auto method : {core::ConfirmationMethod::jkt, core::ConfirmationMethod::x5t_s256}) {
    const auto text = text_of(member->get_object(), core::name_of(method));
    if (!text) continue;
    const auto bytes = core::crypto::base64url_decode(*text);
    core::Confirmation confirmation{method, {}};
    if (bytes.has_error() || bytes->size() != confirmation.thumbprint.bytes.size()) return malformed();
    std::copy(bytes->begin(), bytes->end(), confirmation.thumbprint.bytes.begin());
    return std::optional{confirmation};
  }
  return malformed();
}

void append_confirmation(std::string& out, const core::Confirmation& confirmation) {
  out.append(R"(,"cnf":{")").append(core::name_of(confirmation.method)).append(R"(":")");
  core::crypto::append_base64url(out, confirmation.thumbprint.bytes);
  out.append(R"("})");
}

template <class Number>
void append_number(std::string& out, Number number) {
  char digits[20];
  const auto [end, failed] = std::to_chars(digits, digits + sizeof digits, number);
  TALLY_CHECK(failed == std::errc{});
  out.append(digits, end);
}

std::optional<std::uint64_t> number_in(const json::object& object, std::string_view name) {
  const json::value* member = object.if_contains(name);
  if (member == nullptr || !member->is_int64() || member->get_int64() < 0) return std::nullopt;
  return static_cast<std::uint64_t>(member->get_int64());
}

template <class Id>
void append_id(std::string& out, const Id& id) {
  core::append_type_id(out, Id::prefix, id.uuid());
}

}  // namespace

AccessTokenText::AccessTokenText(std::string issuer)
    : issuer_(std::move(issuer)),
      quoted_issuer_(json::serialize(json::string(issuer_))),
      quoted_audience_(json::serialize(json::string(issuer_ + "/w/"))),
      quoted_status_uri_(json::serialize(json::string(status_list_uri(issuer_, std::string_view{})))) {
  TALLY_CHECK(!issuer_.empty() && issuer_.size() <= limits::kIssuerBytesMax && issuer_.back() != '/', issuer_);
  quoted_audience_.pop_back();
  quoted_status_uri_.pop_back();
}

std::string AccessTokenText::encode_header(core::crypto::SigningAlgorithm algorithm, std::string_view key_id,
                                           std::string_view type) {
  std::string header{R"({"alg":")"};
  header.append(core::crypto::name_of(algorithm)).append(R"(","typ":")").append(type);
  header.append(R"(","kid":")").append(key_id).append(R"("})");
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
  if (claims.resource.empty()) {
    append_id(text.append(R"(","aud":)").append(quoted_audience_), claims.workspace);
  } else {
    // The characters of a URI need no escape in JSON.
    text.append(R"(","aud":")").append(claims.resource);
  }
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
  if (!claims.parent.is_nil()) append_id(text.append(R"(","tally_parent":")"), claims.parent);
  append_number(text.append(R"(","status":{"status_list":{"idx":)"), index_in_list(claims.status_index));
  append_number(text.append(R"(,"uri":)").append(quoted_status_uri_), status_list_of(claims.status_index));
  text.append(R"("}})");
  if (claims.confirmation) append_confirmation(text, *claims.confirmation);
  text.push_back('}');
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
  TALLY_TRY_ASSIGN(claims.resource, resource_in(text_of(payload, "aud").value_or(""), claims.workspace));
  TALLY_TRY_ASSIGN(claims.token, id_in<core::TokenId>(payload, "tally_token"));
  TALLY_TRY_ASSIGN(claims.id, id_in<core::AccessTokenId>(payload, "jti"));
  TALLY_TRY_ASSIGN(claims.expires_at_seconds, seconds_in(payload, "exp"));
  TALLY_TRY_ASSIGN(claims.issued_at_seconds, seconds_in(payload, "iat"));
  TALLY_TRY_ASSIGN(claims.scope, scope_in(payload));
  TALLY_TRY_ASSIGN(claims.confirmation, confirmation_in(payload));
  TALLY_TRY_ASSIGN(claims.status_index, status_index_in(payload));
  if (payload.contains("tally_parent")) {
    TALLY_TRY_ASSIGN(claims.parent, id_in<core::AccessTokenId>(payload, "tally_parent"));
    if (claims.parent.is_nil()) return malformed();
  }
  return claims;
}

Result<std::uint64_t> AccessTokenText::status_index_in(const json::object& payload) const {
  const json::value* status = payload.if_contains("status");
  const json::object* outer = status == nullptr ? nullptr : status->if_object();
  const json::value* member = outer == nullptr || outer->size() != 1 ? nullptr : outer->if_contains("status_list");
  const json::object* list = member == nullptr ? nullptr : member->if_object();
  if (list == nullptr || list->size() != 2) return malformed();
  const auto index = number_in(*list, "idx");
  const std::string_view uri = text_of(*list, "uri").value_or("");
  const std::string start = status_list_uri(issuer_, std::string_view{});
  if (!index || *index >= limits::kTokensPerStatusList || !uri.starts_with(start)) return malformed();
  const auto number = parse_status_list(uri.substr(start.size()));
  if (!number) return malformed();
  return *number * limits::kTokensPerStatusList + *index;
}

Result<std::string> AccessTokenText::resource_in(std::string_view audience, core::WorkspaceId workspace) const {
  if (audience == audience_of(workspace)) return std::string{};
  // What lies below the issuer is another workspace's, or the management API's.
  const bool is_foreign = is_below_issuer(audience, issuer_) && audience != management_resource_of(issuer_);
  if (is_foreign || core::check_resource("aud", audience).has_error()) {
    return core::fail(Errc::unauthenticated, "for another audience");
  }
  return std::string{audience};
}

std::string AccessTokenText::audience_of(core::WorkspaceId workspace) const {
  std::string audience = issuer_ + "/w/";
  append_id(audience, workspace);
  return audience;
}

}  // namespace tally::http
