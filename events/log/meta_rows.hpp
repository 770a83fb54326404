#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "events/log/log.hpp"

/// The rows of the family meta. Source: docs/formats.md.
namespace tally::events {

inline constexpr std::string_view kHeadRow = "head";
inline constexpr std::string_view kSchemaRow = "schema";
inline constexpr std::string_view kGenerationRow = "generation";
/// 16 random bytes, by which the anchor of a ledger is known. Absent: it has none yet.
inline constexpr std::string_view kAnchoredRow = "anchored";
/// And the workspace's 16 bytes -> number of its events(8).
inline constexpr std::string_view kWorkspaceSizePrefix = "size_of_workspace:";
/// And a projection's name -> the version(4) of it that made its rows.
inline constexpr std::string_view kProjectionPrefix = "projection:";

/// The version of everything on disk that a release must know to write here.
inline constexpr std::uint32_t kStorageVersion = 2;

std::string encode_head(const LedgerHead& head);
/// Errors: corrupt.
core::Result<LedgerHead> decode_head(std::string_view row);

}  // namespace tally::events
