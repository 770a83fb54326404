#pragma once

#include <string>

#include "core/offboarding.hpp"
#include "events/projection.hpp"

namespace tally::projections {

/// What is ending of whom: a row from the event that has more tokens to stop than its append did, until the one that
/// says that all are stopped. Threads: writer thread only (it reuses its buffer).
class EndingProjection final : public events::Projection {
 public:
  [[nodiscard]] std::string_view name() const override { return "endings"; }
  [[nodiscard]] std::uint32_t version() const override { return 1; }
  [[nodiscard]] std::span<const events::Family> families() const override;
  core::Result<void> apply(const core::Event& event, events::Rows& rows) override;

 private:
  core::Result<void> begin(core::UserId user, const core::Ending::Part& begun, events::Rows& rows);
  core::Result<void> count(const core::Event& event, std::uint64_t core::Ending::Part::* counter, events::Rows& rows);
  core::Result<void> complete(const core::Event& event, events::Rows& rows);
  void put(core::UserId user, const core::Ending& ending, events::Rows& rows);

  std::string row_;
};

}  // namespace tally::projections
