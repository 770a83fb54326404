#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/json/value.hpp>

#include "http/auth/authenticator.hpp"
#include "http/auth/denied_attempts.hpp"
#include "http/oauth/forward_auth_endpoint.hpp"
#include "http/oauth/introspection_endpoint.hpp"
#include "http/oauth/metadata_endpoint.hpp"
#include "http/oauth/refresh_beside.hpp"
#include "http/oauth/revocation_endpoint.hpp"
#include "http/oauth/status_list_endpoint.hpp"
#include "http/oauth/token_endpoint.hpp"
#include "http/server/router.hpp"
#include "http/tokens/access_tokens.hpp"
#include "http/watch/request_limits.hpp"
#include "http/watch/usage_recorder.hpp"
#include "projections/queries/audit_queries.hpp"
#include "projections/queries/people_queries.hpp"
#include "projections/queries/token_queries.hpp"
#include "projections/queries/workspace_queries.hpp"
#include "tests/support/fake_request.hpp"
#include "tests/support/ledger_fixture.hpp"

namespace tally::testing {

/// What a handler answered.
struct Reply {
  unsigned status = 0;
  std::string headers;
  std::string body;
  bool complete = true;  ///< False: the body broke off.

  [[nodiscard]] std::optional<std::string> header(std::string_view name) const;
  /// The body as JSON; fails the test if it is none.
  [[nodiscard]] boost::json::value json() const;
  /// A member of the body's object as text; empty if it is not there.
  [[nodiscard]] std::string text(std::string_view member) const;
  [[nodiscard]] std::int64_t number(std::string_view member) const;
};

struct Call {
  http::Method method = http::Method::get;
  std::string target;
  Headers headers;
  std::string body;
  std::optional<core::Digest> client_certificate = {};
};

/// Everything from the handlers down to a store in memory, without a socket. Threads: one; the writer's is inside.
class HttpFixture : public LedgerFixture {
 public:
  static constexpr const char* kIssuer = "https://tally.example";

  explicit HttpFixture(std::uint64_t seed = 1, const char* issuer = kIssuer,
                       const http::RequestLimitSettings& limit_settings = {});

  /// Routes the call and runs its handler to the end.
  Reply call(const Call& call);
  /// Runs all of them at the same time.
  std::vector<Reply> call_all(const std::vector<Call>& calls);

  projections::TokenQueries tokens;
  projections::WorkspaceQueries workspaces;
  projections::PeopleQueries people;
  projections::AuditQueries audit;
  http::AccessTokens access_tokens;
  http::UsageRecorder usage;
  http::RequestLimits limits;
  http::DPoPVerifier proofs;
  http::Authenticator authenticator;
  http::DeniedAttempts denied;
  http::Router router;

 private:
  http::LegacyTokens legacy_tokens_;
  http::TokenRefresher refresher_;
  http::TokenExchange exchange_;
  http::TokenEndpoint token_endpoint_;
  http::RevocationEndpoint revocation_endpoint_;
  http::IntrospectionEndpoint introspection_endpoint_;
  http::StatusListEndpoint status_list_endpoint_;
  http::MetadataEndpoint metadata_endpoint_;
  http::ForwardAuthEndpoint forward_auth_endpoint_;
  http::RefreshBeside refresh_beside_;
  boost::asio::io_context io_context_{1};
};

}  // namespace tally::testing
