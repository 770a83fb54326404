#include "projections/verify/tree_check.hpp"

#include <utility>
#include <variant>

namespace tally::projections {
namespace {

std::string root_at(std::uint64_t size) { return "root at " + std::to_string(size); }

}  // namespace

TreeCheck::TreeCheck(std::span<const core::Commitment> signed_by, std::optional<events::LedgerHead> head,
                     TileCheck* tiles)
    : signed_by_(signed_by), head_(std::move(head)), tiles_(tiles), agrees_(signed_by.size(), false) {}

void TreeCheck::meet(const MetEvent& met, Findings& findings) {
  if (tiles_ != nullptr) tiles_->meet(met.place, met.leaf, built_.tree);
  is_broken_ = is_broken_ || met.place.value != built_.tree.size();
  if (is_broken_) return;
  if (built_.tree.size() == 0) compare_signed(findings);
  if (met.event == nullptr) {
    is_decoded_ = false;
  } else {
    if (const auto* started = std::get_if<core::LedgerStarted>(&met.event->payload))
      meet_start(*started, met, findings);
    built_.note(*met.event);
  }
  built_.tree.append(met.leaf, [&](int level, std::uint64_t index, const core::Digest& root) {
    if (tiles_ != nullptr) tiles_->meet_root(level, index, root);
  });
  compare_signed(findings);
  compare_head(findings);
}

void TreeCheck::end(std::uint64_t size, Findings& findings) {
  if (built_.tree.size() == 0 && !is_broken_) {
    compare_signed(findings);
    compare_head(findings);
  }
  if (!head_ || head_->tree.size() != size) is_other_ = true;
  if (const auto holds = core::check_holds(size, signed_by_); holds.has_error()) {
    is_other_ = true;
    findings.add(Finding::Kind::shortened, core::Sequence{size}, holds.error().detail);
  }
  if (head_) compare_ends(size, findings);
}

void TreeCheck::meet_start(const core::LedgerStarted& started, const MetEvent& met, Findings& findings) {
  const std::string by = "event " + std::to_string(met.place.value) + " (LedgerStarted)";
  if (started.size == built_.tree.size() && started.root == built_.tree.root()) {
    agree(by);
  } else if (starts_agree_) {
    // Every later one says the same again.
    starts_agree_ = false;
    disagree(Finding::Kind::root, root_at(built_.tree.size()) + " is not the one that " + by + " found", findings);
  }
}

void TreeCheck::compare_signed(Findings& findings) {
  for (std::size_t index = 0; index < signed_by_.size(); ++index) {
    const core::Commitment& commitment = signed_by_[index];
    if (commitment.tree.size != built_.tree.size()) continue;
    if (commitment.tree.root == built_.tree.root()) {
      agrees_[index] = true;
      agree(commitment.by);
    } else {
      const bool is_signed = commitment.kind != core::Commitment::Kind::anchor;
      disagree(Finding::Kind::root,
               root_at(built_.tree.size()) + " is not the " + (is_signed ? "signed" : "anchored") + " one (" +
                   core::told(commitment) + ")",
               findings);
    }
  }
}

void TreeCheck::compare_head(Findings& findings) {
  if (!head_ || head_->tree.size() != built_.tree.size()) return;
  if (head_->tree.root() == built_.tree.root()) {
    agree("the ledger's head");
  } else {
    disagree(Finding::Kind::head, root_at(built_.tree.size()) + " is not the one of the ledger's head", findings);
  }
}

void TreeCheck::compare_ends(std::uint64_t size, Findings& findings) {
  const std::uint64_t said = head_->tree.size();
  if (said > size) {
    findings.add(Finding::Kind::shortened, core::Sequence{size},
                 "the ledger holds " + std::to_string(size) + " events, its head says " + std::to_string(said) +
                     ": event " + std::to_string(size) + " is the first that is missing");
  } else if (said < size) {
    findings.add(Finding::Kind::head, core::Sequence{said},
                 "the ledger's head says that there are " + std::to_string(said) +
                     " events, and the log goes on with event " + std::to_string(said));
  } else if (!is_broken_ && is_decoded_ &&
             (head_->last_recorded_at != built_.last_recorded_at || head_->correction != built_.correction ||
              head_->forks != built_.forks)) {
    findings.add(Finding::Kind::head, std::nullopt,
                 "the ledger's head says another time, or other forks, than its events");
  }
}

void TreeCheck::agree(std::string by) {
  if (built_.tree.size() < agreed_) return;
  agreed_ = built_.tree.size();
  agreed_by_ = std::move(by);
}

void TreeCheck::disagree(Finding::Kind kind, const std::string& claim, Findings& findings) {
  const std::uint64_t size = built_.tree.size();
  is_other_ = true;
  if (agreed_ == size) {
    findings.add(kind, std::nullopt, claim + ", and is that of " + (agreed_by_.empty() ? "no event" : agreed_by_));
    return;
  }
  const std::string which = size - agreed_ == 1 ? "event " + std::to_string(agreed_) + " is not"
                                                : "one of the events " + std::to_string(agreed_) + " to " +
                                                      std::to_string(size - 1) + " is not";
  const bool are_both_changed = tiles_ != nullptr && tiles_->holds(size);
  findings.add(kind, core::Sequence{agreed_},
               claim + (are_both_changed ? "; tiles and events agree, so both were changed" : "") + ": " + which +
                   " as it was written");
}

}  // namespace tally::projections
