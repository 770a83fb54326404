#include "projections/rows/cut_off.hpp"

#include <algorithm>
#include <chrono>

#include "core/token/cut_off_rule.hpp"
#include "projections/rows/keys.hpp"
#include "projections/rows/load.hpp"
#include "projections/rows/row_codec.hpp"
#include "projections/rows/token_row.hpp"

namespace tally::projections {

using core::Result;
using core::TokenId;
using core::TokenState;
using events::Family;

namespace {

/// Ids drawn just before the cut-off's moment may have been recorded just after it, never the other way round; this
/// much covers an edge whose clock runs ahead of the log's.
constexpr std::chrono::minutes kIdSlack{1};

}  // namespace

Family cut_off_family(const core::DisableIssuedBefore& command) {
  return command.owner ? Family::token_by_owner : Family::token;
}

events::ScanRange cut_off_range(const core::DisableIssuedBefore& command) {
  const core::Uuid until = core::uuid_v7_lower_bound(std::max(command.time, core::Timestamp{}) + kIdSlack);
  const auto range_of = [&](const auto&... prefix) {
    events::ScanRange range;
    range.from = key_of(prefix..., command.after ? *command.after : TokenId{}).str();
    if (command.after) range.from.push_back('\0');
    range.until = key_of(prefix..., until).str();
    return range;
  };
  return command.owner ? range_of(command.workspace, *command.owner) : range_of(command.workspace);
}

Result<TokenState> cut_off_token_at(const events::Reader& reader, const events::Cursor& cursor,
                                    const core::DisableIssuedBefore& command) {
  const std::string_view key = cursor.key();
  if (key.size() != (command.owner ? 48 : 32)) return corrupt_row("token");
  const TokenId id{uuid_at(key, key.size() - 16)};
  if (!command.owner) return decode_token(command.workspace, id, cursor.value());
  TALLY_TRY_ASSIGN(auto token, load_token(reader, command.workspace, id));
  if (!token) return corrupt_row("token_by_owner");
  return std::move(*token);
}

Result<CutOffLook> look_for_cut_off(const events::Reader& reader, const core::DisableIssuedBefore& command,
                                    core::Timestamp now) {
  CutOffLook look;
  look.passed = command.after;
  std::size_t rows_left = command.bounds.rows;
  const auto cursor = reader.scan(cut_off_family(command), cut_off_range(command));
  for (; cursor->valid(); cursor->next()) {
    look.more = rows_left-- == 0;
    if (look.more) break;
    TALLY_TRY_ASSIGN(const TokenState token, cut_off_token_at(reader, *cursor, command));
    look.is_found = core::is_cut_off(token, command, now);
    if (look.is_found) break;
    look.passed = token.id;
  }
  TALLY_TRY(cursor->status());
  return look;
}

}  // namespace tally::projections
