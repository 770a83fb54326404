#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Where a token stands in the status lists: the sequence of its first event counts through all lists. Source: IETF
/// Token Status List (draft-ietf-oauth-status-list), docs/adr/0006-status-list-index.md.

#include "http/server/limits.hpp"

namespace tally::http {

inline std::uint64_t status_list_of(std::uint64_t index) { return index / limits::kTokensPerStatusList; }
inline std::uint64_t index_in_list(std::uint64_t index) { return index % limits::kTokensPerStatusList; }

/// `<issuer>/oauth2/status/<number>`.
std::string status_list_uri(std::string_view issuer, std::string_view number);
/// A list's number as it stands in its URI: digits, no more than need be, and such that its indices fit 64 bits.
std::optional<std::uint64_t> parse_status_list(std::string_view number);

}  // namespace tally::http
