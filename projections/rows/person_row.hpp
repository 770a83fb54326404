#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/state/person.hpp"

/// The row of a person: all but the id, which is its key. Holds personal data. Source: docs/formats.md ("person").
namespace tally::projections {

/// Replaces `out`.
core::Result<void> encode_person(const core::PersonState& person, std::string& out);
/// Errors: corrupt.
core::Result<core::PersonState> decode_person(core::UserId id, std::string_view row);

/// A row of server_standing: of those who have one. Replaces `out`.
void encode_server_standing(core::ServerStanding standing, std::string& out);
/// Errors: corrupt.
core::Result<core::ServerStanding> decode_server_standing(std::string_view row);

}  // namespace tally::projections
