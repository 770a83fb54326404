#pragma once

#include "events/store/projection.hpp"

namespace tally::projections {

/// Where to find the events of a token, a workspace, an actor, a person. Written blindly: it reads nothing.
class AuditProjection final : public events::Projection {
 public:
  [[nodiscard]] std::string_view name() const override { return "audit"; }
  [[nodiscard]] std::uint32_t version() const override { return 1; }
  [[nodiscard]] std::span<const events::Family> families() const override;
  core::Result<void> apply(const core::Event& event, events::Rows& rows) override;
};

}  // namespace tally::projections
