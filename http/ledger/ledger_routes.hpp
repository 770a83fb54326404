#pragma once

#include "http/frame/refusal.hpp"
#include "http/ledger/checkpointer.hpp"
#include "http/server/router.hpp"

namespace tally::http {

/// The ledger's signed state, and the key that it is verified by. For anybody: sizes and hashes, and no fact. Source:
/// C2SP tlog-checkpoint, C2SP signed-note.
class LedgerRoutes {
 public:
  /// Lifetime: the checkpointer outlives the router's use.
  explicit LedgerRoutes(Checkpointer& checkpointer);
  void add_to(Router& router) const;

 private:
  Checked<void> checkpoint(const Request& request, Response& response) const;
  Checked<void> key(const Request& request, Response& response) const;

  Checkpointer& checkpointer_;
  const std::string key_;
};

}  // namespace tally::http
