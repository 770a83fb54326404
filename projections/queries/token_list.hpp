#pragma once

#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "events/store/store.hpp"
#include "projections/queries/token_queries.hpp"

namespace tally::projections {

/// A page of tokens from one snapshot. See TokenQueries::list for cost and errors.
core::Result<TokenPage> list_tokens(const events::Reader& reader, const TokenListRequest& request);

/// See TokenQueries::count_active_before.
core::Result<TokenCount> count_active_before(const events::Reader& reader, const TokenListRequest& whose,
                                             core::Timestamp time);

/// `state` with its status and use. Errors: corrupt, io_failed.
core::Result<TokenRecord> record_of(const events::Reader& reader, core::TokenState state, core::Timestamp now,
                                    std::optional<core::Timestamp> cut_off);

/// What the token is ordered by, in bytes whose order is the order meant; never refreshed or used comes before every
/// time.
std::string sort_key_of(const TokenRecord& token, TokenSort sort);

}  // namespace tally::projections
