#include "events/ledger/work_queue.hpp"

#include <algorithm>
#include <utility>

#include "core/base/check.hpp"

namespace tally::events {
namespace {

constexpr std::size_t kEmptyLanesKept = 1'024;
/// Of one lane, as long as there is a place.
constexpr std::size_t kAlwaysAllowed = 16;

}  // namespace

WorkQueue::WorkQueue(std::size_t works_max) : entries_(works_max) {
  TALLY_CHECK(works_max > 0 && works_max < kNone);
  for (std::size_t index = works_max; index-- > 0;) {
    entries_[index].next = std::exchange(free_, static_cast<Index>(index));
  }
}

bool WorkQueue::push(std::unique_ptr<Work>& work) {
  const std::size_t free = entries_.size() - size_;
  if (free == 0) return false;
  const core::Uuid id = work->lane();
  Lane& lane = lanes_[id];
  if (lane.waiting >= std::max(free, kAlwaysAllowed)) return false;
  lane.id = id;
  const Index index = std::exchange(free_, entries_[free_].next);
  entries_[index] = {std::move(work), kNone};
  if (lane.waiting++ == 0) {
    lane.first = index;
    enter_ring(lane);
  } else {
    entries_[lane.last].next = index;
  }
  lane.last = index;
  ++size_;
  return true;
}

void WorkQueue::enter_ring(Lane& lane) {
  lane.next = last_ == nullptr ? &lane : std::exchange(last_->next, &lane);
  last_ = &lane;
}

std::unique_ptr<Work> WorkQueue::pop() {
  if (last_ == nullptr) return nullptr;
  Lane& lane = *last_->next;
  const Index index = lane.first;
  Entry& entry = entries_[index];
  std::unique_ptr<Work> work = std::move(entry.work);
  lane.first = entry.next;
  entry.next = std::exchange(free_, index);
  --size_;
  if (--lane.waiting > 0) {
    last_ = &lane;
    return work;
  }
  if (last_ == &lane) {
    last_ = nullptr;
  } else {
    last_->next = lane.next;
  }
  if (lanes_.size() > kEmptyLanesKept) lanes_.erase(core::Uuid{lane.id});
  return work;
}

}  // namespace tally::events
