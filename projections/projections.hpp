#pragma once

#include <memory>
#include <vector>

#include "events/projection.hpp"

namespace tally::projections {

/// The inline projections of Tally, in the order in which they are applied: tokens (token, token_by_owner, token_home,
/// owner_count, secret, revoked_access, access_secret, access_queue, ending), workspaces (workspace, member,
/// member_by_user, resource_server), people (person, username), audit (log_by_token, log_by_workspace, log_by_actor,
/// log_by_user), signing keys (signing_key).
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
