#include "tools/tallyd/memory_upkeep.hpp"

#include <chrono>
#include <utility>

namespace tally::tools {
namespace {

constexpr std::chrono::seconds kMemoryInterval{2};

}  // namespace

bool FreedMemory::is_due(std::uint64_t bytes) {
  if (++looks_ < kLooksMin || bytes - before_ < kBytesMin) return false;
  looks_ = 0;
  before_ = bytes;
  return true;
}

MemoryUpkeep::MemoryUpkeep(http::Server& server, std::function<void()> give_back)
    : server_(server), give_back_(std::move(give_back)), timer_(server.executor()) {}

void MemoryUpkeep::start() {
  if (!give_back_) return;
  timer_.expires_after(kMemoryInterval);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    start();
    if (freed_.is_due(server_.bytes_freed())) server_.on_every_thread(give_back_);
  });
}

}  // namespace tally::tools
