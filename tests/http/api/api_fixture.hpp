#pragma once

#include <string>

#include "http/api/management_api.hpp"
#include "tests/http/api/contract.hpp"
#include "tests/support/http_fixture.hpp"
#include "tests/support/memory_checkpoints.hpp"
#include "tests/support/memory_signing_keys.hpp"

namespace tally::testing {

/// Somebody who is signed in.
struct Visitor {
  core::UserId id;
  std::string cookie;  ///< Empty: nobody.
  std::string bearer;  ///< Instead of a cookie.
};

/// The management API over a store in memory, with a workspace and somebody in every role. Every answer is held against
/// openapi.json: a test that provokes an undocumented answer fails.
class ApiFixture : public HttpFixture {
 public:
  explicit ApiFixture(const http::RequestLimitSettings& limit_settings = {});

  Reply get(const Visitor& visitor, const std::string& target, const Headers& more = {}) {
    return send(visitor, http::Method::get, target, {}, more);
  }
  Reply post(const Visitor& visitor, const std::string& target, const std::string& body, const Headers& more = {}) {
    return send(visitor, http::Method::post, target, body, more);
  }
  Reply put(const Visitor& visitor, const std::string& target, const std::string& body, const Headers& more = {}) {
    return send(visitor, http::Method::put, target, body, more);
  }
  Reply remove(const Visitor& visitor, const std::string& target, const Headers& more = {}) {
    return send(visitor, http::Method::delete_, target, {}, more);
  }
  Reply send(const Visitor& visitor, http::Method method, const std::string& target, const std::string& body = {},
             const Headers& more = {});
  /// The call that send() would make.
  static Call call_of(const Visitor& visitor, http::Method method, const std::string& target,
                      const std::string& body = {}, const Headers& more = {});
  /// With exactly these headers.
  Reply send_raw(const Call& call);

  /// The outcome of a command by `actor`, past the API; it must succeed.
  template <class Command>
  typename Command::Outcome must(core::Actor actor, Command command) {
    return run(as(actor.kind, actor.id), std::move(command));
  }

  /// A person with no password that fits, signed in.
  Visitor newcomer(const std::string& username);
  Visitor sign_in(core::UserId user);
  void join(const Visitor& visitor, core::Role role);
  /// A token of the visitor's, generated over the API: its id.
  std::string generate(const Visitor& visitor, const std::string& name = "build robot");
  /// An access token of the visitor's with this scope.
  Visitor bearer_of(const Visitor& visitor, const std::string& scope);
  /// The workspace's path, and what is under it.
  [[nodiscard]] std::string path(const std::string& below = {}) const;
  /// Every event of the workspace of that type.
  std::vector<core::Event> events_of(core::EventType type);

  Visitor root;      ///< The operator, who is no member.
  Visitor ada;       ///< Admin.
  Visitor grace;     ///< Member.
  Visitor edith;     ///< Auditor.
  Visitor stranger;  ///< Signed in, but no member.
  Visitor nobody;
  core::WorkspaceId workspace;
  core::Result<void> readiness;
  Contract contract;
  MemorySigningKeys signing_keys{random};
  projections::KeyQueries keys{store()};
  http::KeyRotation key_rotation{keys, signing_keys, commands(), {}};
  MemoryCheckpoints checkpoints;
  core::crypto::SigningKey ledger_key;

 private:
  class FixtureClock final : public http::Clock {
   public:
    explicit FixtureClock(const core::Timestamp& now) : now_(now) {}
    [[nodiscard]] core::Timestamp now() const override { return now_; }

   private:
    const core::Timestamp& now_;
  };
  FixtureClock clock_{now};
  http::PasswordPool passwords_{random, 1};
  http::AnswerSeal answer_seal_{core::SecretText{std::string(32, 'k')}};
  projections::IdempotencyQueries kept_answers_{store()};
  http::Checkpointer checkpointer_;
  projections::OffboardingQueries offboarding_queries_{store()};
  http::Offboarding offboarding_{{commands(), offboarding_queries_, clock_, random}};
  http::ManagementApi api_;
};

/// The names of the fields that a problem complains about.
std::vector<std::string> fields_of(const Reply& reply);

}  // namespace tally::testing
