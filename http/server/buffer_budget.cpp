#include "http/server/buffer_budget.hpp"

#include <utility>

#include "core/base/check.hpp"

namespace tally::http {

bool BufferBudget::Hold::take_to(BufferBudget& budget, const ClientNetwork& network, std::size_t bytes) {
  if (bytes_ == 0) network_ = network;
  if (!budget.take(network_, bytes - bytes_)) return false;
  TALLY_CHECK(budget_ == nullptr || budget_ == &budget);
  budget_ = &budget;
  bytes_ = bytes;
  return true;
}

void BufferBudget::Hold::give_back() { budget_->give_back(network_, std::exchange(bytes_, 0)); }

bool BufferBudget::take(const ClientNetwork& network, std::size_t bytes) {
  if (bytes > bounds_.all) return false;
  if (held_.fetch_add(bytes, std::memory_order_relaxed) > bounds_.all - bytes) {
    held_.fetch_sub(bytes, std::memory_order_relaxed);
    return false;
  }
  if (shares_.take(network, bytes, bounds_.per_network)) return true;
  held_.fetch_sub(bytes, std::memory_order_relaxed);
  return false;
}

void BufferBudget::give_back(const ClientNetwork& network, std::size_t bytes) {
  shares_.give_back(network, bytes);
  returned_.fetch_add(bytes, std::memory_order_relaxed);
  held_.fetch_sub(bytes, std::memory_order_relaxed);
}

bool BufferBudget::is_full_for(const ClientNetwork& network, std::size_t bytes) const {
  return held() > 0 && shares_.of(network) + bytes > bounds_.per_network;
}

}  // namespace tally::http
