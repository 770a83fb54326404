#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "core/crypto/system_random.hpp"
#include "core/result.hpp"
#include "core/secret.hpp"
#include "events/sequencer.hpp"
#include "events/store.hpp"
#include "http/api/answer_seal.hpp"
#include "http/api/management_api.hpp"
#include "http/api/password_pool.hpp"
#include "http/auth/access_tokens.hpp"
#include "http/auth/authenticator.hpp"
#include "http/auth/denied_attempts.hpp"
#include "http/auth/dpop_verifier.hpp"
#include "http/auth/key_rotation.hpp"
#include "http/auth/request_limits.hpp"
#include "http/auth/usage_recorder.hpp"
#include "http/oauth/forward_auth_endpoint.hpp"
#include "http/oauth/introspection_endpoint.hpp"
#include "http/oauth/metadata_endpoint.hpp"
#include "http/oauth/refresh_beside.hpp"
#include "http/oauth/revocation_endpoint.hpp"
#include "http/oauth/status_list_endpoint.hpp"
#include "http/oauth/token_endpoint.hpp"
#include "http/pages/pages_resource.hpp"
#include "http/server/clock.hpp"
#include "http/server/router.hpp"
#include "projections/commands.hpp"
#include "projections/idempotency.hpp"
#include "projections/projections.hpp"
#include "projections/queries.hpp"
#include "tools/keyring/key_ring.hpp"
#include "tools/tallyd/settings.hpp"
#include "tools/tallyd/signing_keys.hpp"

namespace tally::tools {

/// The ledger and what reads it, open for writing: everything below the edge. Members stand in the order of their
/// dependencies, so they go in reverse: the writer ends before what it writes to.
struct Backend {
  /// Opens or creates the folder's ledger and starts the writer. `on_fatal` runs on the writer thread. Errors: locked,
  /// corrupt, unknown_event, io_failed, no_space.
  static core::Result<std::unique_ptr<Backend>> open(const Settings& settings,
                                                     std::function<void(const core::Error&)> on_fatal);

  Backend(std::unique_ptr<events::Store> opened, std::unique_ptr<projections::InlineProjections> made,
          events::LedgerHead head, std::function<void(const core::Error&)> on_fatal);

  http::SystemClock clock;
  core::crypto::SystemRandom random;
  std::unique_ptr<events::Store> store;
  std::unique_ptr<projections::InlineProjections> projections;
  events::Sequencer sequencer;
  projections::CommandService commands;
  projections::TokenQueries tokens;
  projections::WorkspaceQueries workspaces;
  projections::PeopleQueries people;
  projections::AuditQueries audit;
  projections::IdempotencyQueries kept_answers;
  projections::KeyQueries keys;
};

/// The secrets of the data folder, and the life of the signing keys. Lifetime: the backend outlives it.
struct Keys {
  /// Errors: bad_configuration (the master key; the detail begins with the setting's name), io_failed, no_space.
  static core::Result<std::unique_ptr<Keys>> open(const Settings& settings, Backend& backend);

  Keys(Backend& backend, std::string folder, std::unique_ptr<MasterKey> master_key,
       const http::KeyRotationOptions& options);

  KeyRing ring;
  SigningKeys signing_keys;
  http::KeyRotation rotation;
};

/// Everything of the edge but the server itself: who calls, and every resource. Members in the order of their
/// dependencies. Lifetime: backend and keys outlive it, and it outlives the server.
struct Edge {
  Edge(Backend& backend, Keys& keys, const std::string& issuer, std::vector<http::AccessTokenKey> access_token_keys,
       core::SecretText answer_key, const Settings& settings, std::function<core::Result<void>()> readiness);
  Edge(const Edge&) = delete;
  Edge& operator=(const Edge&) = delete;

  void add_to(http::Router& router);

  http::AccessTokens access_tokens;
  http::UsageRecorder usage;
  http::RequestLimits limits;
  http::DPoPVerifier proofs;
  http::Authenticator authenticator;
  http::DeniedAttempts denied;
  http::api::PasswordPool passwords;
  http::api::AnswerSeal answer_seal;
  http::api::ManagementApi management;
  http::LegacyTokens legacy_tokens;
  http::TokenRefresher refresher;
  http::TokenExchange exchange;
  http::TokenEndpoint token_endpoint;
  http::RevocationEndpoint revocation;
  http::IntrospectionEndpoint introspection;
  http::StatusListEndpoint status_lists;
  http::MetadataEndpoint metadata;
  http::ForwardAuthEndpoint forward_auth;
  http::RefreshBeside refresh_beside;
  http::pages::PagesResource pages;
};

}  // namespace tally::tools
