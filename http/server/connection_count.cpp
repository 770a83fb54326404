#include "http/server/connection_count.hpp"

namespace tally::http {

ConnectionCount::Entry ConnectionCount::enter(const std::optional<ClientNetwork>& network, IdleOnes idle_ones) {
  if (network && !take_share(*network)) {
    const std::lock_guard lock{mutex_};
    return tell();
  }
  const std::lock_guard lock{mutex_};
  if (served_ < bounds_.all) {
    ++served_;
    return Entry::served;
  }
  if (idle_ones == IdleOnes::some && served_ < bounds_.all + kBeyondMax) {
    ++served_;
    return Entry::served_for_another;
  }
  if (network) give_back_share(*network);
  return tell();
}

ConnectionCount::Entry ConnectionCount::tell() {
  if (told_ == kToldMax) return Entry::closed;
  ++told_;
  return Entry::told;
}

// Under the lock: whoever waits may destroy this object as soon as it sees 0.
void ConnectionCount::leave_served(const std::optional<ClientNetwork>& network) {
  if (network) give_back_share(*network);
  const std::lock_guard lock{mutex_};
  --served_;
  if (served_ + told_ == 0) none_.notify_all();
}

void ConnectionCount::leave_told() {
  const std::lock_guard lock{mutex_};
  --told_;
  if (served_ + told_ == 0) none_.notify_all();
}

std::size_t ConnectionCount::now() const {
  const std::lock_guard lock{mutex_};
  return served_ + told_;
}

bool ConnectionCount::wait_until_none(std::chrono::milliseconds duration) {
  std::unique_lock lock{mutex_};
  return none_.wait_for(lock, duration, [this] { return served_ + told_ == 0; });
}

}  // namespace tally::http
