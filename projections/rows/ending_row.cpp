#include "projections/rows/ending_row.hpp"

namespace tally::projections {

void encode_ending(const core::Ending& ending, std::string& out) { encode_fixed_row(ending, out); }

core::Result<core::Ending> decode_ending(std::string_view row) { return decode_row<core::Ending>("ending", row); }

}  // namespace tally::projections
