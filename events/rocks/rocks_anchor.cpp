#include "events/rocks/rocks_anchor.hpp"

#include <algorithm>
#include <utility>

#include "core/crypto/system_random.hpp"
#include "events/log/meta_rows.hpp"

namespace tally::events {
namespace {

using core::Errc;
using core::Result;

core::Error anchor_refusal(const std::string& words) {
  return core::fail(Errc::corrupt, words + std::string{kAnchorWayOut});
}

Result<std::optional<Anchor>> with_way_out(Result<std::optional<Anchor>> found) {
  if (found.has_error() && found.error().code == Errc::corrupt) return anchor_refusal(found.error().detail);
  return found;
}

}  // namespace

Anchor anchor_of_nothing() {
  Anchor anchor;
  anchor.root = CompactRange{}.root();
  return anchor;
}

Result<std::optional<Anchor>> load_anchor(AnchorFile* file) {
  return file == nullptr ? std::optional<Anchor>{} : with_way_out(file->load());
}

Result<std::optional<Anchor>> read_anchor(const AnchorFile* file) {
  return file == nullptr ? std::optional<Anchor>{} : with_way_out(file->read());
}

Result<void> check_may_be_new(AnchorFile* file) {
  TALLY_TRY_ASSIGN(const auto anchor, load_anchor(file));
  if (!anchor || anchor->size == 0) return {};
  return anchor_refusal("there is no ledger, but the anchor " + file->path() + " is of one that held " +
                        std::to_string(anchor->size) + " events");
}

Result<void> check_is_anchor_of(const std::optional<std::string>& row, const std::optional<Anchor>& anchor,
                                const AnchorFile* file) {
  if (file == nullptr || !row) return {};
  if (row->size() != sizeof(core::Uuid)) return core::fail(Errc::corrupt, "the row `anchored` has a wrong length");
  if (!anchor) {
    return anchor_refusal("the anchor " + file->path() + " is missing, though this ledger has one: put it back");
  }
  if (*row == core::as_text(anchor->ledger.bytes)) return {};
  return anchor_refusal("the anchor " + file->path() + " is another ledger's");
}

void LedgerAnchor::note_head(std::string_view row) {
  if (file_ == nullptr) return;
  // A head that does not decode is found by whoever loads it; until then the anchor says what it said.
  const auto head = decode_head(row);
  if (head.has_error()) return;
  state_.size = head->tree.size();
  state_.root = head->tree.root();
  state_.last_recorded_at = head->last_recorded_at;
}

void LedgerAnchor::name(const std::optional<std::string>& row, const std::optional<Anchor>& found) {
  if (row && row->size() == sizeof state_.ledger.bytes) {
    std::copy(row->begin(), row->end(), state_.ledger.bytes.begin());
  } else if (found) {
    state_.ledger = found->ledger;
  } else {
    core::crypto::SystemRandom{}.fill(state_.ledger.bytes);
  }
}

Result<void> LedgerAnchor::settle(const Result<void>& made) {
  is_kept_ = made.has_value();
  if (is_kept_ || file_->mode() == AnchorSync::each_batch) return made;
  file_->tell(made);
  return {};
}

Result<void> LedgerAnchor::begin(const std::optional<std::string>& row, const std::optional<Anchor>& found,
                                 std::uint64_t last_row) {
  if (file_ == nullptr) return {};
  name(row, found);
  state_.last_row = last_row;
  return settle(found ? file_->write(state_) : file_->create(state_));
}

void LedgerAnchor::begin_anew(const std::optional<std::string>& row) {
  name(row, {});
  is_kept_ = is_to_be_made_ = true;
}

Result<void> LedgerAnchor::keep(std::uint64_t last_row) {
  if (!is_kept_) return {};
  state_.last_row = last_row;
  if (std::exchange(is_to_be_made_, false)) return settle(file_->create(state_));
  return file_->write(state_);
}

std::string LedgerAnchor::row() const { return std::string{core::as_text(state_.ledger.bytes)}; }

}  // namespace tally::events
