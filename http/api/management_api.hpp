#pragma once

#include <functional>
#include <string>

#include "http/api/audit_resource.hpp"
#include "http/api/audit_views_resource.hpp"
#include "http/api/export_resource.hpp"
#include "http/api/keys_resource.hpp"
#include "http/api/legacy_tokens_resource.hpp"
#include "http/api/members_resource.hpp"
#include "http/api/offboarding.hpp"
#include "http/api/resource_servers_resource.hpp"
#include "http/api/service_resource.hpp"
#include "http/api/session_resource.hpp"
#include "http/api/token_generation_resource.hpp"
#include "http/api/token_reading_resource.hpp"
#include "http/api/token_stopping_resource.hpp"
#include "http/api/users_resource.hpp"
#include "http/api/workspaces_resource.hpp"
#include "http/frame/idempotency.hpp"
#include "http/ledger/ledger_resource.hpp"

namespace tally::http::api {

/// Every resource of the management API, wired. Resources see only what their own constructor names; this is the one
/// place that sees all of it. Lifetime: what it is built from outlives it, and it outlives the router's use.
class ManagementApi {
 public:
  struct Parts {
    const Authenticator& authenticator;
    AccessTokens& access_tokens;
    const projections::TokenQueries& tokens;
    const projections::WorkspaceQueries& workspaces;
    const projections::PeopleQueries& people;
    const projections::AuditQueries& audit;
    projections::CommandService& commands;
    PasswordPool& passwords;
    RequestLimits& limits;
    const AnswerSeal& answer_seal;
    const projections::IdempotencyQueries& kept_answers;
    const Clock& clock;
    core::RandomSource& random;
    std::function<core::Result<void>()> readiness;  ///< As ServiceResource takes it.
    const projections::KeyQueries& keys;
    KeyRotation& key_rotation;
    Checkpointer& checkpointer;
    const Offboarding& offboarding;
    BreakGlassWatch watch = {};  ///< As SessionResource takes it.
  };
  explicit ManagementApi(const Parts& parts);
  ManagementApi(const ManagementApi&) = delete;
  ManagementApi& operator=(const ManagementApi&) = delete;

  void add_to(Router& router) const;

 private:
  Gate gate_;
  Idempotency idempotency_;
  PasswordDoor door_;
  SessionResource session_;
  UsersResource users_;
  WorkspacesResource workspaces_;
  MembersResource members_;
  ResourceServersResource resource_servers_;
  TokenGenerationResource token_generation_;
  TokenReadingResource token_reading_;
  TokenStoppingResource token_stopping_;
  LegacyTokensResource legacy_tokens_;
  AuditResource audit_;
  StreamPlaces streams_;
  AuditViewsResource audit_views_;
  ExportResource exports_;
  ServiceResource service_;
  KeysResource keys_;
  LedgerResource ledger_;
};

}  // namespace tally::http::api
