#pragma once

#include <optional>
#include <string_view>

#include "core/base/result.hpp"
#include "core/state/workspace.hpp"
#include "core/token/token_commands.hpp"
#include "http/server/request.hpp"
#include "http/tokens/access_tokens.hpp"
#include "projections/queries/workspace_queries.hpp"

namespace tally::http {

/// The body of a request to an OAuth endpoint. What stands in the query does not count; unknown parameters are ignored;
/// one without a value is as if it were not there. Source: RFC 6749 §3.2 and appendix B.
class OAuthForm {
 public:
  /// Errors: malformed (another content type, a damaged body).
  static core::Result<OAuthForm> read(const Request& request);

  /// Errors: malformed (there more than once).
  [[nodiscard]] core::Result<std::optional<std::string_view>> optional(std::string_view name) const;
  /// Errors: malformed (not there, or more than once).
  [[nodiscard]] core::Result<std::string_view> required(std::string_view name) const;
  /// True if the parameter is there, once, with that value.
  [[nodiscard]] bool has(std::string_view name, std::string_view value) const;
  /// The scopes that are asked for. Errors: malformed, invalid_argument(scope).
  [[nodiscard]] core::Result<std::optional<core::ScopeSet>> scope() const;
  /// The one resource that the access token is to be for, by the parameter `name`; whether the workspace has it is the
  /// decider's to say. Errors: resource_refused (no absolute URI, with a fragment, or more than one of them). Source:
  /// RFC 8707 §2.
  [[nodiscard]] core::Result<std::optional<core::AskedResource>> resource(const AccessTokens& access_tokens,
                                                                          core::WorkspaceId workspace,
                                                                          std::string_view name = "resource") const;
  /// The workspace that `client_id` names, or HTTP Basic with that id and an empty secret: workspaces are public
  /// clients. Errors: malformed (not there, more than once, or two different ones), unknown_client (a secret, too);
  /// corrupt, io_failed. Source: RFC 6749 §2.3.1, §3.2.1.
  [[nodiscard]] core::Result<core::WorkspaceState> client(const Request& request,
                                                          const projections::WorkspaceQueries& workspaces) const;

 private:
  explicit OAuthForm(Parameters parameters) : parameters_(std::move(parameters)) {}
  Parameters parameters_;
};

}  // namespace tally::http
