#pragma once

#include <string>

#include "events/store/projection.hpp"

namespace tally::projections {

/// Workspaces, their members and resource servers, and whose a resource's URI is. Threads: writer thread only.
class WorkspaceProjection final : public events::Projection {
 public:
  [[nodiscard]] std::string_view name() const override { return "workspaces"; }
  [[nodiscard]] std::uint32_t version() const override { return 1; }
  [[nodiscard]] std::span<const events::Family> families() const override;
  core::Result<void> apply(const core::Event& event, events::Rows& rows) override;

 private:
  core::Result<void> create(const core::Event& event, events::Rows& rows);
  core::Result<void> change(const core::Event& event, std::optional<core::Role> role_before, events::Rows& rows);
  core::Result<void> put_member(const core::Event& event, core::UserId user, events::Rows& rows);
  core::Result<void> remove_member(const core::Event& event, core::UserId user, events::Rows& rows);
  core::Result<void> add_resource_server(const core::Event& event, events::Rows& rows);
  core::Result<void> remove_resource_server(const core::Event& event, core::ResourceServerId id, events::Rows& rows);

  std::string row_;  ///< Reused for every value.
};

}  // namespace tally::projections
