#include "http/oauth/guard.hpp"

#include "core/base/limits.hpp"
#include "http/server/request.hpp"

namespace tally::http {
namespace {

/// The part of the query that is the proxy's.
std::string_view before_path(std::string_view query) {
  constexpr std::string_view kPath = "path=";
  for (std::size_t begin = 0; begin <= query.size();) {
    if (query.substr(begin).starts_with(kPath)) return query.substr(0, begin);
    const std::size_t end = query.find('&', begin);
    if (end == std::string_view::npos) break;
    begin = end + 1;
  }
  return query;
}

}  // namespace

core::Result<Guard> Guard::read(std::string_view query) {
  TALLY_TRY_ASSIGN(const Parameters parameters, Parameters::parse(before_path(query)));
  if (const auto unknown = parameters.unknown_name({"workspace", "scope", "resource", "refresh"})) {
    return core::invalid(std::string{*unknown}, "is no parameter of /forward-auth");
  }
  Guard guard;
  TALLY_TRY_ASSIGN(const auto workspace, parameters.one("workspace"));
  if (workspace) {
    const auto id = core::WorkspaceId::parse(*workspace);
    if (id.has_error()) return core::invalid("workspace", "is not the id of a workspace");
    guard.workspace = *id;
  }
  TALLY_TRY_ASSIGN(const auto scope, parameters.one("scope"));
  if (scope) {
    TALLY_TRY_ASSIGN(guard.scope, core::ScopeSet::parse(*scope, core::limits::kScopesPerTokenMax));
  }
  TALLY_TRY_ASSIGN(const auto resource, parameters.one("resource"));
  if (resource) guard.resource = std::string{*resource};
  TALLY_TRY_ASSIGN(const auto refresh, parameters.one("refresh"));
  if (refresh && *refresh != "yes" && *refresh != "no") return core::invalid("refresh", "is yes or no");
  if (refresh == "yes") guard.refresh = Refresh::yes;
  return guard;
}

}  // namespace tally::http
