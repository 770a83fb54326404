#pragma once

#include <string>

#include "core/state/person.hpp"
#include "events/store/projection.hpp"

namespace tally::projections {

/// People, their names and what they are to the server. Threads: writer thread only.
class PeopleProjection final : public events::Projection {
 public:
  [[nodiscard]] std::string_view name() const override { return "people"; }
  [[nodiscard]] std::uint32_t version() const override { return 2; }
  [[nodiscard]] std::span<const events::Family> families() const override;
  core::Result<void> apply(const core::Event& event, events::Rows& rows) override;

 private:
  void keep_standing(core::UserId user, core::ServerStanding before, core::ServerStanding now, events::Rows& rows);

  std::string row_;  ///< Reused for every value.
};

}  // namespace tally::projections
