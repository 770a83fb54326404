#pragma once

#include <functional>
#include <optional>
#include <string>

#include "http/ledger/checkpoint_store.hpp"

namespace tally::testing {

/// The last checkpoint in memory; keeping it can be made to fail, or to do something else first.
class MemoryCheckpoints final : public http::CheckpointStore {
 public:
  [[nodiscard]] core::Result<std::optional<http::KeptNote>> load() const override { return kept; }
  core::Result<void> keep(const std::string& note) override {
    ++keeps;
    if (while_keeping) while_keeping();
    if (failure) return *failure;
    kept = http::KeptNote{note, kept_at};
    return {};
  }

  std::optional<http::KeptNote> kept;
  core::Timestamp kept_at;
  std::optional<core::Error> failure;
  std::function<void()> while_keeping;
  int keeps = 0;  ///< Calls of keep().
};

}  // namespace tally::testing
