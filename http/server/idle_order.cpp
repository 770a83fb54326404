#include "http/server/idle_order.hpp"

#include "core/base/check.hpp"

namespace tally::http {

void IdleOrder::join(Place& place, const std::optional<ClientNetwork>& network) {
  TALLY_CHECK(place.group_ == nullptr);
  place.group_ = network ? &groups_.try_emplace(*network).first->second : &proxies_;
  place.group_->network = network;
  ++place.group_->members;
}

void IdleOrder::leave(Place& place) {
  if (place.group_ == nullptr) return;
  end_waiting(place);
  Group& group = *place.group_;
  place.group_ = nullptr;
  --group.members;
  if (!group.network || group.members > 0) return;
  const ClientNetwork network = *group.network;
  groups_.erase(network);
}

void IdleOrder::begin_waiting(Place& place) {
  if (place.waits() || place.group_ == nullptr) return;
  // First what can fail.
  if (by_count_.size() <= place.group_->waiting_count + 1) by_count_.resize(place.group_->waiting_count + 2);
  place.group_->waiting.push_back(place);
  recount(*place.group_, place.group_->waiting_count + 1);
}

void IdleOrder::end_waiting(Place& place) {
  if (!place.waits()) return;
  Group& group = *place.group_;
  group.waiting.erase(Places::s_iterator_to(place));
  recount(group, group.waiting_count - 1);
}

void IdleOrder::recount(Group& group, std::size_t count) {
  if (group.network) {
    if (group.waiting_count > 0) by_count_[group.waiting_count].erase(Groups::s_iterator_to(group));
    if (count > 0) by_count_[count].push_back(group);
    // One step up at a time, so that the steps down are no more than those were.
    if (count > most_) most_ = count;
    while (most_ > 0 && by_count_[most_].empty()) --most_;
  }
  group.waiting_count = count;
  tell_rank();
}

void IdleOrder::tell_rank() {
  const std::size_t of_proxies = proxies_.waiting_count > 0 ? 1 : 0;
  rank_.store(most_ > 0 ? most_ + 1 : of_proxies, std::memory_order_relaxed);
}

IdleOrder::Place* IdleOrder::first() {
  if (most_ > 0) return &by_count_[most_].front().waiting.front();
  return proxies_.waiting.empty() ? nullptr : &proxies_.waiting.front();
}

}  // namespace tally::http
