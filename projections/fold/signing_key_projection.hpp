#pragma once

#include <string>

#include "events/store/projection.hpp"

namespace tally::projections {

/// What access tokens are issued with: the signing keys, retired ones too, and the issuer. Threads: writer thread only
/// (it reuses its buffer).
class SigningKeyProjection final : public events::Projection {
 public:
  [[nodiscard]] std::string_view name() const override { return "signing_keys"; }
  [[nodiscard]] std::uint32_t version() const override { return 1; }
  [[nodiscard]] std::span<const events::Family> families() const override;
  core::Result<void> apply(const core::Event& event, events::Rows& rows) override;

 private:
  std::string row_;
};

}  // namespace tally::projections
