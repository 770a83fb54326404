#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/state/offboarding.hpp"
#include "projections/rows/row_fields.hpp"

namespace tally::projections {

/// ending, by the person. Source: docs/formats.md. Replaces `out`; decoding's Errors: corrupt.
void describe(RowOf<core::Ending> auto& ending, auto& fields) {
  fields.version();
  fields.parts("part", ending.parts, [&](auto& part) {
    fields.field("workspace", part.workspace, "nil: everywhere");
    fields.enumerator("access", part.access, core::AccessFate::revoke);
    fields.field("sequence of the event that began it", part.since);
    fields.field("tokens disabled so far", part.tokens_disabled);
    fields.field("of tokens stopped before, how many had their access tokens revoked", part.access_revoked);
  });
  fields.require([&] {
    return std::ranges::all_of(ending.parts, [&](const auto& part) { return ending.part_of(part.workspace) == &part; });
  });
}
void encode_ending(const core::Ending& ending, std::string& out);
core::Result<core::Ending> decode_ending(std::string_view row);

}  // namespace tally::projections
