#include "http/oauth/oauth_form.hpp"

#include <algorithm>

#include "core/limits.hpp"
#include "core/names.hpp"
#include "http/auth/resources.hpp"

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
  core::AskedResource asked{std::string{**text}, false};
  if (asked.uri == access_tokens.audience_of(workspace)) {
    asked.uri.clear();
  } else {
    asked.is_ours = asked.uri == management_resource_of(access_tokens.issuer());
  }
  return std::optional{std::move(asked)};
}

Result<core::WorkspaceState> OAuthForm::client(const projections::WorkspaceQueries& workspaces) const {
  const auto unknown = [] { return core::fail(Errc::unknown_client, "unknown client_id: it is the workspace's id"); };
  TALLY_TRY_ASSIGN(const std::string_view client_id, required("client_id"));
  const auto id = core::WorkspaceId::parse(client_id);
  if (id.has_error()) return unknown();
  TALLY_TRY_ASSIGN(auto workspace, workspaces.find(*id));
  if (!workspace) return unknown();
  return *std::move(workspace);
}

}  // namespace tally::http
