#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"

/// How a ledger's folder comes to be. Part of the adapter: included by events/rocks_* only.
namespace tally::events {

/// Of the folder beside a ledger's place in which it is made.
inline constexpr std::string_view kUnfinishedSuffix = ".new";

/// Whether a folder without the file CURRENT was a ledger once, and must not be taken for a new one. RocksDB makes
/// MANIFEST-000001, then CURRENT, then everything else, a later manifest and a write-ahead log among it: whoever has
/// but that one manifest has never had more.
bool has_been_a_ledger(const std::string& folder);

/// Removes what an interrupted first start has left, but for the lock, which is this process's. Errors: corrupt (there
/// are rows, which no first start leaves), io_failed.
core::Result<void> clear_unfinished(const std::string& folder);

/// Renames the folder; durable on return. Errors: locked (another process has put one there meanwhile), io_failed.
core::Result<void> put_in_place(const std::string& unfinished, const std::string& place);

}  // namespace tally::events
