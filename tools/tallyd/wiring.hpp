#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/secret.hpp"
#include "http/api/management_api.hpp"
#include "http/auth/authenticator.hpp"
#include "http/auth/denied_attempts.hpp"
#include "http/auth/dpop_verifier.hpp"
#include "http/frame/answer_seal.hpp"
#include "http/frame/password_pool.hpp"
#include "http/ledger/checkpointer.hpp"
#include "http/oauth/forward_auth_endpoint.hpp"
#include "http/oauth/introspection_endpoint.hpp"
#include "http/oauth/metadata_endpoint.hpp"
#include "http/oauth/refresh_beside.hpp"
#include "http/oauth/revocation_endpoint.hpp"
#include "http/oauth/status_list_endpoint.hpp"
#include "http/oauth/token_endpoint.hpp"
#include "http/pages/pages_routes.hpp"
#include "http/server/router.hpp"
#include "http/tokens/access_tokens.hpp"
#include "http/tokens/descendant_upkeep.hpp"
#include "http/tokens/key_rotation.hpp"
#include "http/watch/request_limits.hpp"
#include "http/watch/usage_recorder.hpp"
#include "tools/tallyd/backend.hpp"
#include "tools/tallyd/settings.hpp"
#include "tools/tallyd/signing_keys.hpp"

namespace tally::tools {

/// The life of the signing keys. Lifetime: secrets and backend outlive it.
struct Keys {
  Keys(Secrets& secrets, Backend& backend, const Settings& settings);

  SigningKeys signing_keys;
  http::KeyRotation rotation;
};

/// Everything of the edge but the server itself: who calls, and every resource. Members in the order of their
/// dependencies. Lifetime: backend and keys outlive it, and it outlives the server.
struct Edge {
  /// What the parts below made for it at this start.
  struct Start {
    std::string issuer;
    std::vector<http::AccessTokenKey> access_token_keys;
    core::SecretText answers_secret;
    http::Checkpointer& checkpointer;
    http::Readiness readiness;
    http::BreakGlassWatch watch;
  };
  Edge(Backend& backend, Keys& keys, Start start, const Settings& settings);
  Edge(const Edge&) = delete;
  Edge& operator=(const Edge&) = delete;

  void add_to(http::Router& router);

  http::AccessTokens access_tokens;
  http::UsageRecorder usage;
  http::RequestLimits limits;
  http::DPoPVerifier proofs;
  http::Authenticator authenticator;
  http::DeniedAttempts denied;
  http::DescendantUpkeep descendants;
  http::PasswordPool passwords;
  http::AnswerSeal answer_seal;
  http::Offboarding offboarding;
  http::ManagementApi management;
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
  http::PagesRoutes pages;
};

}  // namespace tally::tools
