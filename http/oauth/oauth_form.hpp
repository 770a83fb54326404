#pragma once

#include <optional>
#include <string_view>

#include "core/result.hpp"
#include "core/workspace/workspace.hpp"
#include "http/server/request.hpp"
#include "projections/queries.hpp"

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
  /// The workspace that `client_id` names. Errors: malformed (not there, or more than once), unknown_client; corrupt,
  /// io_failed.
  [[nodiscard]] core::Result<core::WorkspaceState> client(const projections::WorkspaceQueries& workspaces) const;

 private:
  explicit OAuthForm(Parameters parameters) : parameters_(std::move(parameters)) {}
  Parameters parameters_;
};

}  // namespace tally::http
