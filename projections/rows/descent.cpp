#include "projections/rows/descent.hpp"

#include <algorithm>
#include <utility>

#include "core/base/check.hpp"
#include "core/base/limits.hpp"
#include "projections/rows/keys.hpp"
#include "projections/rows/load.hpp"
#include "projections/rows/row_codec.hpp"

namespace tally::projections {

using core::NewEvent;
using core::Result;
using core::TokenId;
using core::TokenState;
using core::WorkspaceId;
using events::Family;
using events::Reader;

namespace {

constexpr std::size_t kChildKeyBytes = 40;
constexpr std::size_t kChildOffset = 24;

Result<TokenState> require_token(const Reader& reader, WorkspaceId workspace, TokenId id) {
  TALLY_TRY_ASSIGN(auto token, load_token(reader, workspace, id));
  if (!token) return corrupt_row("token_by_parent");
  return *std::move(token);
}

bool has_more_descendants(const core::EventPayload& payload) {
  if (const auto* disabled = std::get_if<core::TokenDisabled>(&payload)) return disabled->has_more_descendants;
  if (const auto* deleted = std::get_if<core::TokenDeleted>(&payload)) return deleted->has_more_descendants;
  const auto* revoked = std::get_if<core::AccessRevoked>(&payload);
  return revoked != nullptr && revoked->has_more_descendants;
}

}  // namespace

Result<Descent> load_descent(const Reader& reader, const TokenState& token, const core::WorkspaceState& workspace) {
  Descent descent;
  for (TokenId above = token.parent; !above.is_nil(); ++descent.depth) {
    if (descent.depth == core::limits::kTokenDepthMax) return corrupt_row("token");
    TALLY_TRY_ASSIGN(const TokenState ancestor, require_token(reader, token.workspace, above));
    if (core::has_ended_access(ancestor, workspace)) descent.is_ended = true;
    above = ancestor.parent;
  }
  return descent;
}

DescendantStops::Step DescendantStops::step_to(TokenState token, core::Timestamp from) const {
  events::ScanRange living = events::prefix_range(key_of(token.id));
  living.from = key_of(token.id, std::max(from, now_ + core::Duration{1})).str();
  auto children = reader_.scan(Family::token_by_parent, living);
  return {std::move(token), std::move(children)};
}

Result<std::optional<TokenState>> DescendantStops::next_child(Step& step) const {
  for (; step.children->valid(); step.children->next()) {
    const std::string_view key = step.children->key();
    if (key.size() != kChildKeyBytes) return corrupt_row("token_by_parent");
    const TokenId id{uuid_at(key, kChildOffset)};
    if (has_passed(id)) continue;
    step.children->next();
    TALLY_TRY_ASSIGN(TokenState child, require_token(reader_, step.token.workspace, id));
    return std::optional{std::move(child)};
  }
  TALLY_TRY(step.children->status());
  return std::optional<TokenState>{};
}

Result<std::optional<core::Timestamp>> DescendantStops::add_below(WorkspaceId workspace, TokenId root,
                                                                  core::Timestamp from) {
  TokenState top;
  top.id = root;
  top.workspace = workspace;
  std::vector<Step> way;
  way.push_back(step_to(std::move(top), from));
  while (true) {
    TALLY_TRY_ASSIGN(auto child, next_child(way.back()));
    if (child) {
      if (way.size() == static_cast<std::size_t>(core::limits::kTokenDepthMax)) return corrupt_row("token_by_parent");
      way.push_back(step_to(*std::move(child)));
      continue;
    }
    if (way.size() == 1) return std::optional<core::Timestamp>{};
    if (events_.size() >= events_max_) return std::optional{way[1].token.expires_at};
    const TokenState& token = way.back().token;
    if (auto event = core::stop_of_descendant(token, now_)) events_.push_back(*std::move(event));
    pass(token.id);
    way.pop_back();
  }
}

Result<void> add_descendants(const Reader& reader, core::Timestamp now, std::vector<NewEvent>& events) {
  const auto ends_access = [](const NewEvent& event) { return core::ends_access(event.payload); };
  if (std::none_of(events.begin(), events.end(), ends_access)) return {};
  const std::size_t given = events.size();
  DescendantStops stops{reader, now, events, core::limits::kTokensPerAppendMax};
  for (const NewEvent& event : events) {
    if (ends_access(event)) stops.pass(TokenId{event.subject.id});
  }
  for (std::size_t at = 0; at < given; ++at) {
    if (!ends_access(events[at])) continue;
    TALLY_CHECK(events[at].workspace.has_value());
    TALLY_TRY_ASSIGN(const auto left, stops.add_below(*events[at].workspace, TokenId{events[at].subject.id}));
    if (left) mark_more_descendants(events[at].payload);
  }
  return {};
}

Result<void> note_descendants(const core::Event& event, const TokenState& token, events::Rows& rows) {
  std::string row;
  if (std::holds_alternative<core::DescendantsDisabled>(event.payload)) {
    rows.erase(Family::ending_token, key_of(token.workspace, token.id));
    return {};
  }
  if (has_more_descendants(event.payload)) {
    TALLY_TRY_ASSIGN(const auto before, load_ending_token(rows, token.workspace, token.id));
    encode_ending_token(before.value_or(0), row);
    rows.put(Family::ending_token, key_of(token.workspace, token.id), row);
    return {};
  }
  const auto* disabled = std::get_if<core::TokenDisabled>(&event.payload);
  if (disabled == nullptr || disabled->cause != core::DisableCause::parent_stopped) return {};
  // It counts for the nearest token above it of which something is left.
  TokenId above = token.parent;
  for (int depth = 0; !above.is_nil(); ++depth) {
    if (depth == core::limits::kTokenDepthMax) return corrupt_row("token");
    TALLY_TRY_ASSIGN(const auto count, load_ending_token(rows, token.workspace, above));
    if (count) {
      encode_ending_token(*count + 1, row);
      rows.put(Family::ending_token, key_of(token.workspace, above), row);
      return {};
    }
    TALLY_TRY_ASSIGN(const TokenState ancestor, require_token(rows, token.workspace, above));
    above = ancestor.parent;
  }
  return {};
}

void mark_more_descendants(core::EventPayload& payload) {
  TALLY_CHECK(core::ends_access(payload));
  if (auto* disabled = std::get_if<core::TokenDisabled>(&payload)) disabled->has_more_descendants = true;
  if (auto* deleted = std::get_if<core::TokenDeleted>(&payload)) deleted->has_more_descendants = true;
  if (auto* revoked = std::get_if<core::AccessRevoked>(&payload)) revoked->has_more_descendants = true;
}

}  // namespace tally::projections
