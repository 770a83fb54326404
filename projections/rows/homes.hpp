#pragma once

#include <cstdint>
#include <optional>

#include "core/base/ids.hpp"
#include "core/event/subject.hpp"
#include "core/state/token.hpp"

namespace tally::projections {

/// What a presented secret belongs to.
struct SecretHome {
  core::SubjectKind kind = core::SubjectKind::token;  ///< token or resource_server.
  core::WorkspaceId workspace;
  core::Uuid subject;
  std::uint32_t generation = 0;

  /// Of a refresh token; empty: it is something else's secret.
  [[nodiscard]] std::optional<core::RefreshTokenHome> refresh_token() const {
    if (kind != core::SubjectKind::token) return std::nullopt;
    return core::RefreshTokenHome{workspace, core::TokenId{subject}, generation};
  }
};

/// Whose a resource's URI is.
struct ResourceHome {
  core::WorkspaceId workspace;
  core::ResourceServerId resource_server;
};

}  // namespace tally::projections
