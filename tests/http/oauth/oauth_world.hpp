#pragma once

#include <string>

#include "core/base/secret.hpp"
#include "tests/support/http_fixture.hpp"

namespace tally::testing {

/// A token as its owner got it.
struct Granted {
  core::TokenId id;
  std::string refresh_token;
  std::string access_token;
};

/// A workspace with its admin and one resource server.
struct Tenant {
  core::WorkspaceId workspace;
  core::UserId admin;
  core::ResourceServerId resource_server;
  std::string resource_server_secret;

  [[nodiscard]] std::string client_id() const { return workspace.str(); }
};

/// What introspection says of whatever is no live token.
inline constexpr const char* kInactive = R"({"active":false})";

/// Two workspaces of one server, and the steps that the stories are told in.
class OAuthWorld : public HttpFixture {
 public:
  explicit OAuthWorld(std::uint64_t seed = 1, const http::RequestLimitSettings& limit_settings = {});

  Tenant add_tenant(const std::string& name);
  core::Policy policy_of(const Tenant& tenant) const;
  void set_policy(const Tenant& tenant, core::Policy policy);
  /// A token of the tenant's admin with every allowed scope.
  Granted grant(const Tenant& tenant, int lifetime_days = 30);
  void disable(const Tenant& tenant, core::TokenId token, core::AccessFate access);
  void remove_resource_server(const Tenant& tenant);

  Reply refresh(const std::string& client_id, const std::string& refresh_token, const std::string& more = {});
  Reply revoke(const std::string& client_id, const std::string& token);
  Reply introspect(const Tenant& caller, const std::string& token);
  Reply post_form(const std::string& path, std::string body, Headers more_headers = {});
  static Call form(const std::string& path, std::string body, Headers more_headers = {});
  static Call refresh_call(const std::string& client_id, const std::string& refresh_token);

  Tenant red;
  Tenant blue;
};

/// The value of an Authorization field.
std::string basic(std::string_view id, std::string_view secret);
/// Standard base64 with padding.
std::string base64(std::string_view text);

}  // namespace tally::testing
