#include "http/tokens/legacy_tokens.hpp"

#include <string>

#include "core/crypto/hash.hpp"
#include "http/server/response_head.hpp"

namespace tally::http {

core::Result<std::optional<projections::AcceptedLegacyToken>> LegacyTokens::accept(
    std::optional<core::WorkspaceId> workspace, std::string_view token, core::Timestamp now) const {
  // Found by the hash of the whole text: how long the search takes tells nothing about any token.
  TALLY_TRY_ASSIGN(auto accepted,
                   tokens_.accepted_legacy_token(workspace, core::crypto::sha256(core::as_bytes(token)), now));
  if (accepted) usage_.record(accepted->token.id, now);
  return accepted;
}

void announce_legacy(const projections::AcceptedLegacyToken& accepted, Response& response) {
  const core::Timestamp since = accepted.token.imported_at.value_or(accepted.token.created_at);
  response.set("Deprecation", "@" + std::to_string(core::seconds_of(since)));
  if (accepted.sunset_at == kLegacyWithoutEnd) return;
  std::string sunset;
  append_http_date(sunset, accepted.sunset_at);
  response.set("Sunset", sunset);
}

}  // namespace tally::http
