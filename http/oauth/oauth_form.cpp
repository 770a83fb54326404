#include "http/oauth/oauth_form.hpp"

#include <algorithm>

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
