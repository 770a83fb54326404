#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/state/offboarding.hpp"

namespace tally::projections {

/// ending, by the person. Source: docs/formats.md. Replaces `out`; decoding's Errors: corrupt.
void encode_ending(const core::Ending& ending, std::string& out);
core::Result<core::Ending> decode_ending(std::string_view row);

}  // namespace tally::projections
