#pragma once

#include <optional>
#include <string_view>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "http/server/response.hpp"
#include "http/watch/usage_recorder.hpp"
#include "projections/queries/token_queries.hpp"

namespace tally::http {

/// Tokens of the system before Tally, where they are still accepted: at introspection and at /forward-auth. Known by
/// the SHA-256 of their text only; any text may be one. Threads: any.
class LegacyTokens {
 public:
  /// Lifetime: both outlive it.
  LegacyTokens(const projections::TokenQueries& tokens, UsageRecorder& usage) : tokens_(tokens), usage_(usage) {}

  /// The token, if it is a legacy one of that workspace (absent: of any), and accepted at `now`: not stopped, not at
  /// its end, and before its workspace's sunset. Its use is recorded. One row is read for what is none. Errors:
  /// corrupt, io_failed.
  [[nodiscard]] core::Result<std::optional<projections::AcceptedLegacyToken>> accept(
      std::optional<core::WorkspaceId> workspace, std::string_view token, core::Timestamp now) const;

 private:
  const projections::TokenQueries& tokens_;
  UsageRecorder& usage_;
};

/// The end of a legacy token that was imported without one: the last second that RFC 3339 knows.
inline constexpr core::Timestamp kLegacyWithoutEnd = core::timestamp_of_micros(253'402'300'799'000'000);

/// Tells whoever used a legacy token that such tokens go: Deprecation, since when (RFC 9745), and Sunset, until when it
/// is accepted at most (RFC 8594), if there is an end.
void announce_legacy(const projections::AcceptedLegacyToken& accepted, Response& response);

}  // namespace tally::http
