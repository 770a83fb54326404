#include "events/log/write_ahead_chain.hpp"

#include <utility>

#include "events/log/meta_rows.hpp"

namespace tally::events {

bool WriteAheadChain::follow(const WriteAheadRecord& record) {
  if (!break_) {
    if (const auto kind = judge(record)) break_ = Break{*kind, file_, std::string{record.file}, next_event_, {}};
  }
  if (break_) {
    if (!record.events.empty()) break_->event_met = record.events.front().sequence;
    return record.events.empty();
  }
  next_row_ = record.first + record.rows;
  if (!record.events.empty()) {
    if (!first_event_) {
      first_event_ = record.events.front().sequence;
      first_file_ = record.file;
    }
    next_event_ = record.events.back().sequence + 1;
  }
  if (file_ != record.file) file_ = record.file;
  return true;
}

std::optional<WriteAheadChain::Break::Kind> WriteAheadChain::judge(const WriteAheadRecord& record) {
  using Kind = Break::Kind;
  const std::uint64_t follows = record.unlogged_since ? *record.unlogged_since + 1 : record.first;
  if (next_row_ && follows > *next_row_) return Kind::jump;
  if (next_row_ && (follows < *next_row_ || record.first < *next_row_)) return Kind::back;
  std::optional<std::uint64_t> next = next_event_;
  for (const WriteAheadRecord::Event& event : record.events) {
    if (next && event.sequence != *next) return event.sequence > *next ? Kind::jump : Kind::back;
    next = event.sequence + 1;
  }
  if (!agrees_with_head(record)) return Kind::foreign;
  return std::nullopt;
}

bool WriteAheadChain::agrees_with_head(const WriteAheadRecord& record) {
  if (!record.head) return record.events.empty() || !tree_;
  auto head = decode_head(*record.head);
  if (head.has_error()) return false;
  if (tree_) {
    for (const WriteAheadRecord::Event& event : record.events) tree_->append(leaf_hash(event.bytes));
    if (tree_->size() != head->tree.size() || tree_->root() != head->tree.root()) return false;
  }
  tree_ = std::move(head->tree);
  return true;
}

}  // namespace tally::events
