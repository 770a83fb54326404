#pragma once

#include <cstdint>
#include <string>

#include "core/base/result.hpp"
#include "tools/tallyd/settings.hpp"

namespace tally::tools {

/// Whether the folder has a ledger. Nothing is opened.
bool holds_ledger(const std::string& data_dir);

/// What a start with these settings makes of what is there. Changes nothing.
enum class LedgerPlan : std::uint8_t { open, make };
/// Errors: io_failed (no ledger where one has to be, or one where none may be, or the folder's own folder is missing).
core::Result<LedgerPlan> plan_ledger(const Settings& settings);

/// Everything that is the server's in the folder, and who may read it: the folder itself, `ledger`, `keys`,
/// `checkpoint`.
enum class LooseModes : std::uint8_t {
  count,  ///< Nothing is changed.
  mend    ///< 0700 for folders and 0600 for files, or less if they had less.
};
/// How many of them others could read, write or enter. Errors: io_failed (one belongs to somebody else; the detail has
/// both uids).
core::Result<std::uint64_t> tighten_modes(const std::string& data_dir, LooseModes what);

}  // namespace tally::tools
