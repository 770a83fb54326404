#pragma once

#include <string>

#include "core/event/event.hpp"
#include "events/store/store.hpp"

/// The issuer that a server was given last: a row of the family `issuer`, kept by the projection of the signing keys.
namespace tally::projections {

/// Writes the row, if the event is about it.
void apply_issuer(const core::Event& event, events::Rows& rows);

/// Empty: none was ever given. Errors: as events::Reader::get.
core::Result<std::string> load_issuer(const events::Reader& reader);

}  // namespace tally::projections
