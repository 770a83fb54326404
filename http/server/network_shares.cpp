#include "http/server/network_shares.hpp"

#include "core/base/check.hpp"

namespace tally::http {

NetworkShares::NetworkShares(std::uint64_t seed) : hash_(seed) {
  for (Shard& shard : shards_) shard.amounts = Amounts{0, hash_};
}

bool NetworkShares::take(const ClientNetwork& network, std::size_t amount, std::size_t most) {
  if (amount > most) return false;
  Shard& shard = shard_of(network);
  const std::lock_guard lock{shard.mutex};
  const auto [place, is_new] = shard.amounts.try_emplace(network, 0);
  if (place->second > most - amount) return false;  // it has some, so that its entry stays
  place->second += amount;
  return true;
}

void NetworkShares::give_back(const ClientNetwork& network, std::size_t amount) {
  Shard& shard = shard_of(network);
  const std::lock_guard lock{shard.mutex};
  const auto place = shard.amounts.find(network);
  TALLY_CHECK(place != shard.amounts.end() && place->second >= amount, std::to_string(amount));
  place->second -= amount;
  if (place->second == 0) shard.amounts.erase(place);
}

std::size_t NetworkShares::of(const ClientNetwork& network) const {
  const Shard& shard = shard_of(network);
  const std::lock_guard lock{shard.mutex};
  const auto place = shard.amounts.find(network);
  return place == shard.amounts.end() ? 0 : place->second;
}

}  // namespace tally::http
