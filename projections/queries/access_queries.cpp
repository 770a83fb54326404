#include <utility>

#include "core/token/token_decider.hpp"
#include "events/log/log.hpp"
#include "projections/queries/token_queries.hpp"
#include "projections/rows/access_rows.hpp"
#include "projections/rows/load.hpp"
#include "projections/rows/row_codec.hpp"

/// Access tokens that are looked up instead of verified.
namespace tally::projections {

using core::Result;

namespace {

/// The facts of the access token that `event` has issued. False: it has issued none.
struct Fill {
  OpaqueAccess& access;

  bool operator()(const core::TokenGenerated& event) const { return fill(event, event.scope); }
  bool operator()(const core::TokenRefreshed& event) const {
    access.resource = event.access_resource;
    return fill(event, event.access_scope);
  }
  bool operator()(const core::TokenRefreshRetried& event) const {
    access.resource = event.access_resource;
    return fill(event, event.access_scope);
  }
  bool operator()(const core::AccessExchanged& event) const {
    access.resource = event.access_resource;
    access.parent = event.parent;
    access.confirmation = event.confirmation;
    return fill(event, event.access_scope);
  }
  template <class Other>
  bool operator()(const Other&) const {
    return false;
  }

 private:
  template <class Payload>
  bool fill(const Payload& event, const core::ScopeSet& scope) const {
    access.id = event.access_token;
    access.expires_at_seconds = core::seconds_of(event.access_expires_at);
    access.scope = scope;
    return event.access_token_hash.has_value();
  }
};

}  // namespace

Result<std::optional<OpaqueAccess>> TokenQueries::find_opaque_access(const core::Digest& access_token_hash) const {
  // No snapshot: the row comes in the same batch as its event and its token, and neither of these ever goes.
  TALLY_TRY_ASSIGN(const auto row, load_access_secret(store_, access_token_hash));
  if (!row) return std::optional<OpaqueAccess>{};
  TALLY_TRY_ASSIGN(const auto event, events::read_event(store_, row->issued_by));
  TALLY_TRY_ASSIGN(const auto token, load_token(store_, row->workspace, row->token));
  OpaqueAccess access;
  // Its family's key: one that was bound after this was issued asks for the proof here too.
  if (token) access.confirmation = token->confirmation;
  if (!event || !token || !std::visit(Fill{access}, event->payload)) return corrupt_row("access_secret");
  access.workspace = row->workspace;
  access.token = row->token;
  access.owner = token->owner;
  access.status_index = token->created_sequence;
  access.issued_at_seconds = core::seconds_of(event->reading());
  return std::optional{std::move(access)};
}

}  // namespace tally::projections
