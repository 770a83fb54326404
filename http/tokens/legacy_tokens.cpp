#include "http/tokens/legacy_tokens.hpp"

#include <string>

#include "core/crypto/hash.hpp"
#include "http/server/response_head.hpp"

namespace tally::http {

core::Result<std::optional<projections::LegacyStanding>> LegacyTokens::accept(
    std::optional<core::WorkspaceId> workspace, std::string_view token, core::Timestamp now) const {
  // Found by the hash of the whole text: how long the search takes tells nothing about any token.
  TALLY_TRY_ASSIGN(auto standing, tokens_.legacy_standing(workspace, core::crypto::sha256(core::as_bytes(token)), now));
  if (standing) usage_.record(standing->token.id, now);
  return standing;
}

void announce_legacy(const projections::LegacyStanding& standing, Response& response) {
  const core::Timestamp since = standing.token.imported_at.value_or(standing.token.created_at);
  response.set("Deprecation", "@" + std::to_string(core::seconds_of(since)));
  if (standing.sunset_at == kLegacyWithoutEnd) return;
  std::string sunset;
  append_http_date(sunset, standing.sunset_at);
  response.set("Sunset", sunset);
}

}  // namespace tally::http
