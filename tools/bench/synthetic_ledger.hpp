#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "events/store/projection.hpp"
#include "events/store/store.hpp"

namespace tally::tools {

/// How large a ledger to make: every token is generated and then refreshed in turn with the others, as a year of use
/// would leave them.
struct SyntheticShape {
  std::uint64_t tokens = 1'000'000;
  std::uint64_t refreshes_per_token = 4;
  std::uint64_t owners = 1'000;
  std::size_t events_per_batch = 256;
};

struct SyntheticResult {
  core::WorkspaceId workspace;  ///< That all the tokens are in.
  std::uint64_t events = 0;
  double seconds = 0;
  [[nodiscard]] double per_second() const { return seconds > 0 ? static_cast<double>(events) / seconds : 0; }
};

/// Appends such a history to a store: encoding, leaf hashes, Merkle range and one synced write per batch, with
/// the given projections inline (none: the log alone). One writer, the calling thread. The secrets' hashes belong to no
/// secret. Errors: those of Transaction.
core::Result<SyntheticResult> append_synthetic_ledger(events::Store& store,
                                                      std::span<events::Projection* const> projections,
                                                      const SyntheticShape& shape,
                                                      const std::function<void(std::uint64_t done)>& on_progress);

}  // namespace tally::tools
