#pragma once

#include <memory>
#include <vector>

#include "events/store/projection.hpp"

namespace tally::projections {

/// The inline projections of Tally, in the order in which they are applied: tokens, workspaces, people, audit, signing
/// keys. Each names its families.
class InlineProjections {
 public:
  InlineProjections();
  ~InlineProjections();
  [[nodiscard]] std::span<events::Projection* const> all() const { return pointers_; }

 private:
  std::vector<std::unique_ptr<events::Projection>> owned_;
  std::vector<events::Projection*> pointers_;
};

}  // namespace tally::projections
