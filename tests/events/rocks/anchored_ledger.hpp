#pragma once

#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "events/rocks/rocks_store.hpp"
#include "tests/events/crashed_ledger.hpp"
#include "tests/support/seeded_random.hpp"

/// A ledger that has crashed, beside its anchor.
namespace tally::testing {

inline constexpr std::size_t kLogsMost = 6;

/// How many places of a kind are damaged; all of them in the stage `long`.
inline std::size_t anchored_places() { return std::getenv("TALLY_DAMAGE_ALL") == nullptr ? 2 : 100; }

/// Made once each: nothing changes it.
inline const CrashedLedger& anchored_ledger(std::size_t logs) {
  static std::map<std::size_t, CrashedLedger> made;
  if (made.find(logs) == made.end()) made.emplace(logs, CrashedLedger::anchored(logs));
  return made.at(logs);
}

inline std::string random_bytes(SeededRandom& random, std::size_t size) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random.below(256));
  return bytes;
}

inline events::RocksOptions anchored_options(const std::filesystem::path& folder) {
  events::RocksOptions options{.folder = folder.string()};
  options.anchor = std::make_shared<events::AnchorFile>(anchor_beside(folder));
  return options;
}

}  // namespace tally::testing
