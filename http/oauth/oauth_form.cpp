#include "http/oauth/oauth_form.hpp"

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/base/names.hpp"
#include "http/auth/basic_credentials.hpp"
#include "http/server/authorization.hpp"
#include "http/tokens/resources.hpp"

namespace tally::http {
namespace {

using core::Errc;
using core::Result;

bool is_form(std::string_view content_type) {
  constexpr std::string_view kForm = "application/x-www-form-urlencoded";
  const std::string_view type = content_type.substr(0, content_type.find(';'));
  const std::size_t end = type.find_last_not_of(" \t");
  if (end == std::string_view::npos || end + 1 != kForm.size()) return false;
  return std::equal(kForm.begin(), kForm.end(), type.begin(), [](char wanted, char given) {
    return wanted == (given >= 'A' && given <= 'Z' ? static_cast<char>(given - 'A' + 'a') : given);
  });
}

/// Who the client says to be in the field Authorization. Another scheme than Basic is a proxy's, and says nothing here.
Result<std::optional<std::string>> client_by_basic(const Request& request) {
  const auto authorization = request.header("Authorization");
  if (!authorization || !is_of_scheme(*authorization, "Basic")) return std::optional<std::string>{};
  if (request.header_count("Authorization") != 1) {
    return core::fail(Errc::malformed, "there is more than one Authorization field");
  }
  auto credentials = parse_basic(*authorization);
  if (credentials.has_error()) {
    return core::fail(Errc::unknown_client, "HTTP Basic is not the base64 of client_id, colon and nothing");
  }
  if (!credentials->secret.reveal().empty()) {
    return core::fail(Errc::unknown_client, "a workspace is a public client: by HTTP Basic it has an empty secret");
  }
  return std::optional{std::string{credentials->id.reveal()}};
}

}  // namespace

Result<OAuthForm> OAuthForm::read(const Request& request) {
  if (request.header_count("Content-Type") != 1 || !is_form(request.header("Content-Type").value_or(""))) {
    return core::fail(Errc::malformed, "the body must be application/x-www-form-urlencoded");
  }
  TALLY_TRY_ASSIGN(Parameters parameters, Parameters::parse(request.body));
  return OAuthForm{std::move(parameters)};
}

Result<std::optional<std::string_view>> OAuthForm::optional(std::string_view name) const {
  TALLY_TRY_ASSIGN(const std::optional<std::string_view> value, parameters_.one(name));
  if (value && value->empty()) return std::optional<std::string_view>{};
  return value;
}

Result<std::string_view> OAuthForm::required(std::string_view name) const {
  TALLY_TRY_ASSIGN(const std::optional<std::string_view> value, optional(name));
  if (!value) return core::fail(Errc::malformed, "the parameter " + std::string{name} + " is missing");
  return *value;
}

bool OAuthForm::has(std::string_view name, std::string_view value) const {
  const auto found = parameters_.one(name);
  return found.has_value() && *found == value;
}

Result<std::optional<core::ScopeSet>> OAuthForm::scope() const {
  TALLY_TRY_ASSIGN(const auto text, optional("scope"));
  if (!text) return std::optional<core::ScopeSet>{};
  TALLY_TRY_ASSIGN(auto scope, core::ScopeSet::parse(*text, core::limits::kScopesPerTokenMax));
  return std::optional<core::ScopeSet>{std::move(scope)};
}

Result<std::optional<core::AskedResource>> OAuthForm::resource(const AccessTokens& access_tokens,
                                                               core::WorkspaceId workspace,
                                                               std::string_view name) const {
  const auto refused = [&](std::string why) {
    return core::Error{Errc::resource_refused, std::move(why), std::string{name}};
  };
  const auto text = optional(name);
  if (text.has_error()) return refused("an access token is for one resource");
  if (!*text) return std::optional<core::AskedResource>{};
  if (const auto good = core::check_resource(name, **text); good.has_error()) return refused(good.error().detail);
  if (is_same_resource(**text, access_tokens.audience_of(workspace))) return std::optional{core::AskedResource{}};
  // Access tokens name this server's own by its own text, whatever way it was asked for.
  std::string ours = management_resource_of(access_tokens.issuer());
  if (is_same_resource(**text, ours)) return std::optional{core::AskedResource{std::move(ours), true}};
  return std::optional{core::AskedResource{std::string{**text}, false}};
}

Result<core::WorkspaceState> OAuthForm::client(const Request& request,
                                               const projections::WorkspaceQueries& workspaces) const {
  const auto unknown = [] { return core::fail(Errc::unknown_client, "unknown client_id: it is the workspace's id"); };
  TALLY_TRY_ASSIGN(const std::optional<std::string> by_basic, client_by_basic(request));
  TALLY_TRY_ASSIGN(const auto by_form, optional("client_id"));
  if (by_basic && by_form && *by_basic != *by_form) {
    return core::fail(Errc::malformed, "the parameter client_id and HTTP Basic name two clients");
  }
  if (!by_basic) TALLY_TRY(required("client_id"));
  const auto id = core::WorkspaceId::parse(by_basic ? std::string_view{*by_basic} : *by_form);
  if (id.has_error()) return unknown();
  TALLY_TRY_ASSIGN(auto workspace, workspaces.find(*id));
  if (!workspace) return unknown();
  return *std::move(workspace);
}

}  // namespace tally::http
