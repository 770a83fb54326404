#pragma once

#include <functional>
#include <memory>
#include <span>

#include "events/rocks/rocks_database.hpp"
#include "events/store/store.hpp"

namespace tally::events {

/// Part of the adapter: included by events/rocks_* only. `on_promoted` is called once other rows are live. Lifetime:
/// database and live outlive it.
core::Result<std::unique_ptr<Shadow>> make_rocks_shadow(RocksDatabase& database, const Reader& live,
                                                        std::span<const Family> families,
                                                        std::function<void()> on_promoted);

}  // namespace tally::events
