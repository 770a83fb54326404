#include "core/ledger/fork.hpp"

namespace tally::core {

Fork decide_fork(std::span<const KnownOfLedger> known, bool is_more_lost, std::uint32_t forks) {
  Fork fork;
  bool is_contradicted = is_more_lost;
  for (const KnownOfLedger& one : known) {
    is_contradicted = is_contradicted || !one.is_contained;
    if (one.commitment.tree.size < fork.known_size) continue;
    fork.known_size = one.commitment.tree.size;
    fork.known_root = one.commitment.tree.root;
  }
  if (is_contradicted) fork.number = forks + 1;
  return fork;
}

}  // namespace tally::core
