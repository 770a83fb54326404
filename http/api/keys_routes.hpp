#pragma once

#include "core/base/random.hpp"
#include "http/frame/access.hpp"
#include "http/server/router.hpp"
#include "http/tokens/key_rotation.hpp"
#include "projections/queries/key_queries.hpp"

namespace tally::http {

/// `/v1/keys`: the operator sees the signing keys, adds one, retires one. On the pool of the long reads, because a new
/// key is written and synced, and one of RSA takes a while to be made.
class KeysRoutes {
 public:
  /// Lifetime: all of them outlive the router's use.
  KeysRoutes(const Gate& gate, const projections::KeyQueries& keys, KeyRotation& rotation, core::RandomSource& random);
  void add_to(Router& router) const;

 private:
  Checked<void> list(const Request& request, Response& response) const;
  Checked<void> rotate(const Request& request, Response& response) const;
  Checked<void> retire(const Request& request, Response& response) const;
  Checked<void> write_change(const Request& request, const KeyRotation::Change& change, unsigned status,
                             Response& response) const;

  const Gate& gate_;
  const projections::KeyQueries& keys_;
  KeyRotation& rotation_;
  core::RandomSource& random_;
};

}  // namespace tally::http
