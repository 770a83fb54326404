#include "projections/fold/projections.hpp"

#include "projections/fold/audit_projection.hpp"
#include "projections/fold/people_projection.hpp"
#include "projections/fold/signing_key_projection.hpp"
#include "projections/fold/token_projection.hpp"
#include "projections/fold/workspace_projection.hpp"

namespace tally::projections {

InlineProjections::InlineProjections() {
  owned_.push_back(std::make_unique<TokenProjection>());
  owned_.push_back(std::make_unique<WorkspaceProjection>());
  owned_.push_back(std::make_unique<PeopleProjection>());
  owned_.push_back(std::make_unique<AuditProjection>());
  owned_.push_back(std::make_unique<SigningKeyProjection>());
  for (const auto& projection : owned_) pointers_.push_back(projection.get());
}

InlineProjections::~InlineProjections() = default;

}  // namespace tally::projections
