#include "tools/tallyd/flush_timer.hpp"

#include <chrono>

#include "tools/tallyd/wiring.hpp"

namespace tally::tools {
namespace {

constexpr std::chrono::seconds kLookInterval{1};
constexpr unsigned kLooksPerFlush = 5;

}  // namespace

void FlushTimer::start() {
  timer_.expires_after(kLookInterval);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    start();
    look();
  });
}

void FlushTimer::look() {
  room_.look();
  watch_.look();
  if (++looks_ % kLooksPerFlush != 0) return;
  edge_.usage.flush(clock_.now());
  edge_.denied.flush(clock_.now());
  if (const auto gone_on = edge_.descendants.go_on(clock_.now()); gone_on.has_error()) {
    log_.error("what descends from stopped tokens could not be read", {{"detail", gone_on.error().detail}});
  }
}

}  // namespace tally::tools
