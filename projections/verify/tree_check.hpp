#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/ledger/commitment.hpp"
#include "events/log/log.hpp"
#include "projections/verify/log_check.hpp"
#include "projections/verify/tile_check.hpp"

namespace tally::projections {

/// Hashes the log's tree and holds it against everybody who has committed to it: those who have signed, the ledger's
/// head, and every start, which says in the log what it found. A wrong root is between the last that agreed and the one
/// that does not. From a missing event on there is no tree to compare.
class TreeCheck final : public LogCheck {
 public:
  /// `head` empty: it can not be read. `tiles` null: there are none. Lifetime: `signed_by` and `tiles` outlive it.
  TreeCheck(std::span<const core::Commitment> signed_by, std::optional<events::LedgerHead> head, TileCheck* tiles);
  void meet(const MetEvent& met, Findings& findings) override;
  void end(std::uint64_t size, Findings& findings) override;
  void rest() override {
    if (tiles_ != nullptr) tiles_->rest();
  }

  /// Of the first events, up to the first that is missing.
  [[nodiscard]] core::TreeHead tree() const { return {built_.tree.size(), built_.tree.root()}; }
  /// By their order: whose root the log has.
  [[nodiscard]] const std::vector<bool>& agrees() const { return agrees_; }
  /// After the last event: all are there and can be decoded, and are those of the head and of whoever has committed to
  /// them.
  [[nodiscard]] bool is_whole() const { return !is_broken_ && is_decoded_ && !is_other_; }

 private:
  void meet_start(const core::LedgerStarted& started, const MetEvent& met, Findings& findings);
  void compare_signed(Findings& findings);
  void compare_head(Findings& findings);
  void compare_ends(std::uint64_t size, Findings& findings);
  void agree(std::string by);
  /// `claim`: the root at the tree's size is not what somebody says.
  void disagree(Finding::Kind kind, const std::string& claim, Findings& findings);

  const std::span<const core::Commitment> signed_by_;
  const std::optional<events::LedgerHead> head_;
  TileCheck* const tiles_;
  events::LedgerHead built_;
  std::vector<bool> agrees_;
  std::uint64_t agreed_ = 0;  ///< The largest size at which somebody's root was the log's,
  std::string agreed_by_;     ///< and whose.
  bool is_broken_ = false;    ///< An event is missing.
  bool is_decoded_ = true;    ///< All events so far.
  bool starts_agree_ = true;
  bool is_other_ = false;  ///< Somebody has committed to another log.
};

}  // namespace tally::projections
