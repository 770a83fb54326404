#include "tools/tallyd/key_upkeep.hpp"

#include <chrono>

#include "tools/tallyd/first_start.hpp"

namespace tally::tools {
namespace {

constexpr std::chrono::minutes kKeyInterval{1};

}  // namespace

KeyUpkeep::KeyUpkeep(http::KeyRotation& rotation, const http::Clock& clock, core::RandomSource& random, Log& log)
    : rotation_(rotation),
      clock_(clock),
      random_(random),
      log_(log),
      // It writes nothing but by a command.
      thread_(
          kKeyInterval, UpkeepThread::First::at_once, [this] { retire_expired(); },
          [this](const char* what) { log_.error("a signing key could not be retired", {{"detail", what}}); }) {}

void KeyUpkeep::retire_expired() {
  const auto retired = rotation_.retire_expired([this] { return system_context(clock_, random_); });
  // A clock in doubt is told by itself.
  if (retired.has_error() && retired.error().code == core::Errc::clock_in_doubt) return;
  if (retired.has_error()) {
    log_.error("a signing key could not be retired", {{"detail", retired.error().detail}});
    return;
  }
  for (const std::string& key_id : *retired) log_.info("a signing key is retired", {{"key_id", key_id}});
}

}  // namespace tally::tools
