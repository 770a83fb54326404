#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/state/scope.hpp"

namespace tally::http {

/// What a proxy says that it guards, in the query of /forward-auth.
struct Guard {
  std::optional<core::WorkspaceId> workspace;  ///< A token of another one does not pass.
  core::ScopeSet scope;                        ///< Every one of them must be granted.
  std::optional<std::string> resource;         ///< Tokens for one API pass only if it is this one. Source: RFC 8707.
  /// Whether a refresh token beside the request is spent: only if the proxy hands the new pair to its client.
  enum class Refresh : std::uint8_t { no, yes } refresh = Refresh::no;

  /// `query`: as it was sent. Whatever follows the first parameter `path` is the guarded request's own, its query
  /// included, as Envoy appends it: nobody reads it, and none of it is a parameter. Errors: malformed,
  /// invalid_argument (an unknown parameter or value, or one there twice).
  static core::Result<Guard> read(std::string_view query);
};

}  // namespace tally::http
