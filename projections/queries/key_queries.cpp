#include "projections/queries/key_queries.hpp"

#include "events/store/store.hpp"
#include "projections/rows/signing_key_row.hpp"

namespace tally::projections {

core::Result<std::vector<core::SigningKeyState>> KeyQueries::list() const {
  const auto snapshot = store_.snapshot();
  return load_signing_keys(*snapshot);
}

}  // namespace tally::projections
