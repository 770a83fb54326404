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
/// And the workspace's 16 bytes, nil for the events of none -> encode_range() of its own tree.
inline constexpr std::string_view kWorkspaceSizePrefix = "size_of_workspace:";
/// And a projection's name -> the version(4) of it that made its rows.
inline constexpr std::string_view kProjectionPrefix = "projection:";

/// Of a ledger that gets its tiles: how far they are made, encode_range(); and the workspaces' trees up to there, with
/// the workspace's 16 bytes behind the name.
inline constexpr std::string_view kTilesMadeRow = "tiles_made";
inline constexpr std::string_view kTilesMadePrefix = "tiles_made_of_workspace:";

/// The version of everything on disk that a release must know to write here.
inline constexpr std::uint32_t kStorageVersion = 3;
/// The first one whose ledgers have tiles.
inline constexpr std::uint32_t kStorageVersionOfTiles = 3;

/// prefix workspace(16).
std::string workspace_row(std::string_view prefix, const core::Uuid& workspace);

/// size(8) and the roots(32 each), largest first.
std::string encode_range(const CompactRange& range);
/// Errors: corrupt.
core::Result<CompactRange> decode_range(std::string_view row);

std::string encode_head(const LedgerHead& head);
/// Errors: corrupt.
core::Result<LedgerHead> decode_head(std::string_view row);

}  // namespace tally::events
