#pragma once

#include <string>

#include "events/projection.hpp"

namespace tally::projections {

/// People and their names. Threads: writer thread only.
class PeopleProjection final : public events::Projection {
 public:
  [[nodiscard]] std::string_view name() const override { return "people"; }
  [[nodiscard]] std::uint32_t version() const override { return 2; }
  [[nodiscard]] std::span<const events::Family> families() const override;
  core::Result<void> apply(const core::Event& event, events::Rows& rows) override;

 private:
  std::string row_;  ///< Reused for every value.
};

}  // namespace tally::projections
