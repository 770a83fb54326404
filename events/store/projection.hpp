#pragma once

#include <span>
#include <string_view>

#include "core/base/result.hpp"
#include "core/event/event.hpp"
#include "events/store/family.hpp"
#include "events/store/store.hpp"

namespace tally::events {

/// A read model that is kept in the same batch as the events. Pure over (event, rows): no clock, no randomness, no
/// state of its own beyond caches. It writes only the families that it names.
class Projection {
 public:
  virtual ~Projection() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  [[nodiscard]] virtual std::uint32_t version() const = 0;
  [[nodiscard]] virtual std::span<const Family> families() const = 0;
  /// Errors: corrupt (rows that do not fit the event), io_failed.
  virtual core::Result<void> apply(const core::Event& event, Rows& rows) = 0;
};

}  // namespace tally::events
