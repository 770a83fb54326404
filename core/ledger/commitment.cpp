#include "core/ledger/commitment.hpp"

namespace tally::core {

std::string told(const Commitment& commitment) {
  const bool is_signed = commitment.kind != Commitment::Kind::anchor;
  std::string text = commitment.by + (is_signed ? " signed " : " ") + std::to_string(commitment.tree.size);
  if (commitment.at) text += " at " + to_rfc3339(*commitment.at);
  return text;
}

Result<void> check_holds(std::uint64_t events, std::span<const Commitment> signed_by) {
  std::string more;
  for (const Commitment& commitment : signed_by) {
    if (commitment.tree.size > events) more += (more.empty() ? "" : ", ") + told(commitment);
  }
  if (more.empty()) return {};
  const std::string held = std::to_string(events);
  return fail(Errc::corrupt,
              "the ledger holds " + held + " events; " + more + ": event " + held + " is the first that is missing");
}

}  // namespace tally::core
