#pragma once

#include <functional>
#include <string>

#include "http/api/audit_routes.hpp"
#include "http/api/audit_views_routes.hpp"
#include "http/api/export_routes.hpp"
#include "http/api/keys_routes.hpp"
#include "http/api/legacy_tokens_routes.hpp"
#include "http/api/members_routes.hpp"
#include "http/api/offboarding.hpp"
#include "http/api/resource_servers_routes.hpp"
#include "http/api/service_routes.hpp"
#include "http/api/session_routes.hpp"
#include "http/api/token_generation_routes.hpp"
#include "http/api/token_reading_routes.hpp"
#include "http/api/token_stopping_routes.hpp"
#include "http/api/users_routes.hpp"
#include "http/api/workspaces_routes.hpp"
#include "http/frame/idempotency.hpp"
#include "http/ledger/ledger_routes.hpp"

namespace tally::http {

/// The routes of every subject of the management API, wired. Each see only what their own constructor names; this is
/// the one class that sees all of it. Lifetime: what it is built from outlives it, and it outlives the router's use.
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
    Readiness readiness;
    const projections::KeyQueries& keys;
    KeyRotation& key_rotation;
    Checkpointer& checkpointer;
    const Offboarding& offboarding;
    BreakGlassWatch watch = {};  ///< As SessionRoutes takes it.
  };
  explicit ManagementApi(const Parts& parts);
  ManagementApi(const ManagementApi&) = delete;
  ManagementApi& operator=(const ManagementApi&) = delete;

  void add_to(Router& router) const;

 private:
  Gate gate_;
  Idempotency idempotency_;
  PasswordDoor door_;
  SessionRoutes session_;
  UsersRoutes users_;
  WorkspacesRoutes workspaces_;
  MembersRoutes members_;
  ResourceServersRoutes resource_servers_;
  TokenGenerationRoutes token_generation_;
  TokenReadingRoutes token_reading_;
  TokenStoppingRoutes token_stopping_;
  LegacyTokensRoutes legacy_tokens_;
  AuditRoutes audit_;
  StreamPlaces streams_;
  AuditViewsRoutes audit_views_;
  ExportRoutes exports_;
  ServiceRoutes service_;
  KeysRoutes keys_;
  LedgerRoutes ledger_;
};

}  // namespace tally::http
