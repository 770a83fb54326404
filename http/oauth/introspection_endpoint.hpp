#pragma once

#include <optional>
#include <string_view>

#include "http/auth/resource_server_authenticator.hpp"
#include "http/server/router.hpp"
#include "http/tokens/access_tokens.hpp"
#include "http/tokens/legacy_tokens.hpp"
#include "http/watch/usage_recorder.hpp"
#include "projections/queries/people_queries.hpp"
#include "projections/queries/token_queries.hpp"
#include "projections/queries/workspace_queries.hpp"

namespace tally::http {

/// POST /oauth2/introspect: tells a resource server whether a token of its workspace is alive, and what it is good for.
/// Dead, foreign and unknown tokens, and those for another resource (RFC 8707), are all `{"active":false}` and nothing
/// more. With `Accept: application/token-introspection+jwt` the answer is signed, for that resource server. Source: RFC
/// 7662, RFC 9701. Threads: any.
class IntrospectionEndpoint {
 public:
  /// Lifetime: all of them outlive the router's use.
  IntrospectionEndpoint(const projections::TokenQueries& tokens, const projections::PeopleQueries& people,
                        AccessTokens& access_tokens, const projections::WorkspaceQueries& workspaces,
                        UsageRecorder& usage, RequestLimits& limits, const LegacyTokens& legacy_tokens);

  void add_to(Router& router);

 private:
  void answer(const Request& request, Response& response) const;
  core::Result<void> write_answer(const Request& request, Response& response) const;
  [[nodiscard]] std::string signed_answer(const ResourceServer& caller, std::string_view answer,
                                          core::Timestamp now) const;
  core::Result<bool> is_resource_of(const ResourceServer& caller, const std::string& resource) const;
  /// False: not alive.
  core::Result<bool> write_access_token(const ResourceServer& caller, std::string_view token, core::Timestamp now,
                                        std::string& body) const;
  core::Result<bool> write_refresh_token(const ResourceServer& caller, std::string_view token, core::Timestamp now,
                                         std::string& body) const;

  core::Result<bool> write_legacy_token(const ResourceServer& caller, std::string_view token, core::Timestamp now,
                                        Response& response) const;

  const projections::TokenQueries& tokens_;
  const projections::PeopleQueries& people_;
  AccessTokens& access_tokens_;
  const projections::WorkspaceQueries& workspaces_;
  UsageRecorder& usage_;
  ResourceServerAuthenticator resource_servers_;
  const LegacyTokens& legacy_tokens_;
};

}  // namespace tally::http
