#include "events/store/interruption.hpp"

#include <utility>

namespace tally::events {
namespace {

thread_local const std::atomic<bool>* asked = nullptr;

}  // namespace

Interruption::Interruption(const std::atomic<bool>& gives_up) noexcept : before_(std::exchange(asked, &gives_up)) {}
Interruption::~Interruption() { asked = before_; }

bool is_interrupted() noexcept { return asked != nullptr && asked->load(std::memory_order_relaxed); }

}  // namespace tally::events
