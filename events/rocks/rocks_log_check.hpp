#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "events/log/anchor.hpp"
#include "events/rocks/rocks_store.hpp"

/// Part of the adapter: included by events/rocks_* only.
namespace tally::events {

/// What the logs must hold for whoever asks.
enum class WantedOfLogs : std::uint8_t { every_row, every_event };

struct CheckedLogs {
  std::optional<std::uint64_t> last_row;  ///< The number of the last logged row; empty: the logs hold none.
  /// The same, or where the logs hold none, of what is in tables: rows that no log ever held may have come later.
  std::uint64_t last_number = 0;
  std::uint64_t events = 0;  ///< Of the ledger, in tables and logs.
  /// Behind what the anchor says lies something that can not be read, and nothing after it: nobody was told of it. Only
  /// a recovery that ends before it opens the ledger.
  bool has_damaged_tail = false;
  std::optional<std::string> anchored;  ///< The row of that name; empty: there is none, or meta was not opened.
};

using AdmitSize = decltype(RocksOptions::admit_size);

/// Whether the write-ahead logs of a database are whole, as far as they can tell: a pass over all of them that changes
/// nothing on the disk and keeps nothing of them in memory. The torn tail of the newest is whole: nobody was told of
/// it. With the ledger's `anchor` they are whole as far as that says; `every_event` asks it about events alone.
/// `families`: all names on disk. The folder must be this process's. Errors: corrupt (names the file and the first
/// missing event), io_failed, no_space, and those of `admit_size`, which is asked before the anchor. Source:
/// docs/adr/0036, docs/adr/0058.
core::Result<CheckedLogs> check_logs(const std::string& folder, const std::vector<std::string>& families,
                                     WantedOfLogs wanted = WantedOfLogs::every_row,
                                     const std::optional<Anchor>& anchor = std::nullopt,
                                     const AdmitSize& admit_size = {});

/// What a batch says that goes on after rows which no log holds; the number of the last one that was logged follows in
/// 8 bytes.
inline constexpr std::string_view kUnloggedMark = "tally.unlogged_since:";

}  // namespace tally::events
