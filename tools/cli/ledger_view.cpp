#include "tools/cli/ledger_view.hpp"

#include <memory>
#include <utility>

#include "core/base/limits.hpp"
#include "events/log/log.hpp"
#include "events/memory/memory_store.hpp"
#include "http/formats/people_names.hpp"
#include "http/formats/views.hpp"
#include "http/server/json_writer.hpp"
#include "projections/queries/audit_queries.hpp"
#include "projections/queries/people_queries.hpp"
#include "projections/queries/token_queries.hpp"
#include "projections/queries/workspace_queries.hpp"

namespace tally::tools {
namespace {

using core::Result;
using http::JsonWriter;
using http::PeopleNames;

/// Calls `write` with every item of a paged list. `list` takes the opaque bytes to go on from.
template <class List, class Write>
Result<void> for_each_item(List list, Write write) {
  std::string after;
  do {
    TALLY_TRY_ASSIGN(auto page, list(after));
    for (const auto& item : page.items) TALLY_TRY(write(item));
    after = std::move(page.next);
  } while (!after.empty());
  return {};
}

/// Writes the rows of a replay with the query interfaces that the server reads with.
class StateWriter {
 public:
  StateWriter(const events::Store& state, core::Timestamp as_of, JsonWriter& json)
      : tokens_(state), workspaces_(state), people_(state), names_(people_), as_of_(as_of), json_(json) {}

  Result<void> write_people() {
    json_.key("users").begin_array();
    TALLY_TRY(for_each_item([&](const std::string& after) { return people_.list(kPage, after); },
                            [&](const core::PersonState& person) -> Result<void> {
                              http::write_user(json_, person);
                              return {};
                            }));
    json_.end_array();
    return {};
  }

  Result<void> write_workspaces() {
    json_.key("workspaces").begin_array();
    TALLY_TRY(for_each_item([&](const std::string& after) { return workspaces_.list(kPage, after); },
                            [&](const core::WorkspaceState& workspace) { return write_workspace(workspace); }));
    json_.end_array();
    return {};
  }

 private:
  static constexpr int kPage = core::limits::kPageItemsMax;

  Result<void> write_workspace(const core::WorkspaceState& workspace) {
    json_.begin_object().member("id", workspace.id.str()).member("name", workspace.name);
    json_.member("created_at", workspace.created_at).member_if("cut_off_at", workspace.cut_off_at).key("policy");
    http::write_policy(json_, workspace.policy);
    json_.key("members").begin_array();
    TALLY_TRY(
        for_each_item([&](const std::string& after) { return workspaces_.list_members(workspace.id, kPage, after); },
                      [&](const projections::MemberRecord& record) -> Result<void> {
                        http::write_member(json_, record.member, record.person);
                        return {};
                      }));
    json_.end_array().key("tokens").begin_array();
    projections::TokenListRequest request;
    request.workspace = workspace.id;
    request.order = projections::Order::ascending;
    request.limit = kPage;
    request.now = as_of_;
    TALLY_TRY(for_each_item(
        [&](const std::string& after) {
          request.after = after;
          return tokens_.list(request);
        },
        [&](const projections::TokenRecord& token) -> Result<void> {
          TALLY_TRY(http::learn_people(token.state, names_));
          http::write_token(json_, token, names_);
          return {};
        }));
    json_.end_array().end_object();
    return {};
  }

  projections::TokenQueries tokens_;
  projections::WorkspaceQueries workspaces_;
  projections::PeopleQueries people_;
  PeopleNames names_;
  core::Timestamp as_of_;
  JsonWriter& json_;
};

/// The moment that statuses are told for: the one asked for, or that of the last event replayed.
Result<core::Timestamp> moment_of(const events::Store& store, const projections::Until& until, std::uint64_t events) {
  if (until.time) return *until.time;
  if (events == 0) return core::Timestamp{};
  TALLY_TRY_ASSIGN(const auto last, events::read_event(store, core::Sequence{events - 1}));
  if (!last) return core::fail(core::Errc::corrupt, "event " + std::to_string(events - 1) + " is missing");
  return last->recorded_at;
}

Result<std::string> view(const events::Store& store, const projections::Until& until) {
  const auto state = events::make_memory_store();
  const auto batch = state->new_batch();
  TALLY_TRY_ASSIGN(const std::uint64_t events, projections::replay_into(store, until, *batch));
  TALLY_TRY(state->commit(*batch, events::Durability::buffered));
  TALLY_TRY_ASSIGN(const core::Timestamp as_of, moment_of(store, until, events));
  std::string text;
  JsonWriter json{text};
  json.begin_object().member("events", events).member("as_of", as_of);
  StateWriter writer{*state, as_of, json};
  TALLY_TRY(writer.write_people());
  TALLY_TRY(writer.write_workspaces());
  json.end_object();
  return text;
}

}  // namespace

Attempt<std::string> view_ledger_as_of(const events::Store& store, const projections::Until& until) {
  const projections::AuditQueries audit{store};
  const auto size = audit.size();
  if (size.has_error()) return failure_of(size.error());
  if (until.sequence && until.sequence->value >= *size) {
    return Failure{Exit::refused, "there is no event " + std::to_string(until.sequence->value) + ": the ledger holds " +
                                      std::to_string(*size)};
  }
  auto text = view(store, until);
  if (text.has_error()) return failure_of(text.error());
  return *std::move(text);
}

}  // namespace tally::tools
