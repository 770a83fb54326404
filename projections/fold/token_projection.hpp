#pragma once

#include <optional>
#include <string>

#include "core/state/token.hpp"
#include "events/store/projection.hpp"

namespace tally::projections {

/// Whether evolve() takes the event after this state, or after none. What it takes for granted may be wrong in events
/// that come from a disk.
bool fits_after(const std::optional<core::TokenState>& before, const core::Event& event);

/// Tokens, what is ending of whom, and every secret's home. A spent secret's row stays: whoever presents it is told
/// apart from a stranger. The row of a removed resource server's secret stays too, and leads nowhere: find_secret()
/// asks for the server itself. Threads: writer thread only (it reuses its buffers).
class TokenProjection final : public events::Projection {
 public:
  [[nodiscard]] std::string_view name() const override { return "tokens"; }
  [[nodiscard]] std::uint32_t version() const override { return 2; }
  [[nodiscard]] std::span<const events::Family> families() const override;
  core::Result<void> apply(const core::Event& event, events::Rows& rows) override;

 private:
  core::Result<void> create(const core::Event& event, events::Rows& rows);
  core::Result<void> change(const core::Event& event, events::Rows& rows);
  core::Result<void> count_stopped(const core::TokenState& token, events::Rows& rows);
  void put_owned(const core::TokenState& token, events::Rows& rows);
  void put_secret(const core::TokenState& token, events::Rows& rows);

  std::string row_;  ///< Reused for every value.
};

}  // namespace tally::projections
