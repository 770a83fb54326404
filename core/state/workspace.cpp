#include "core/state/workspace.hpp"

#include <initializer_list>
#include <type_traits>
#include <utility>

#include "core/base/check.hpp"

namespace tally::core {
namespace {

/// The first member that breaks its bound.
class PolicyCheck {
 public:
  template <class Number>
  void number(const char* name, Number value, std::type_identity_t<Number> min, std::type_identity_t<Number> max) {
    if (value >= min && value <= max) return;
    refuse(name, std::to_string(min) + " to " + std::to_string(max) + " is allowed, not " + std::to_string(value));
  }
  template <class Choice>
  void choice(const char*, Choice, std::initializer_list<Choice>) {}
  template <class Choice>
  void choice_if(const char*, Choice, std::initializer_list<Choice>) {}
  void time_if(const char*, const std::optional<Timestamp>&) {}
  void scopes(const char* name, const ScopeSet& scopes) {
    if (scopes.scopes().size() > limits::kScopesPerWorkspaceMax) {
      return refuse(name, "at most " + std::to_string(limits::kScopesPerWorkspaceMax) + " scopes");
    }
    for (const std::string& scope : scopes.scopes()) {
      // A name of ours with a typing error in it would look like power and be none; a later release may give it some.
      if (is_tally_scope(scope) && !is_known_tally_scope(scope)) return refuse(name, "no such scope: " + scope);
    }
  }
  [[nodiscard]] Result<void> result() && { return std::move(result_); }

 private:
  void refuse(const char* name, const std::string& why) {
    if (result_.has_value()) result_ = invalid(name, why);
  }

  Result<void> result_;
};

}  // namespace

const char* name_of(Role role) {
  switch (role) {
    case Role::member:
      return "member";
    case Role::admin:
      return "admin";
    case Role::auditor:
      return "auditor";
  }
  check_failed("a known Role", __FILE__, __LINE__, std::to_string(static_cast<int>(role)));
}

bool sees_all(Role role) {
  switch (role) {
    case Role::member:
      return false;
    case Role::admin:
    case Role::auditor:
      return true;
  }
  check_failed("a known Role", __FILE__, __LINE__, std::to_string(static_cast<int>(role)));
}

Result<Role> parse_role(std::string_view text) {
  for (const Role role : {Role::member, Role::admin, Role::auditor}) {
    if (text == name_of(role)) return role;
  }
  return invalid("role", "a role is member, admin or auditor");
}

const char* name_of(WhoMayGenerate who) {
  switch (who) {
    case WhoMayGenerate::members:
      return "members";
    case WhoMayGenerate::admins:
      return "admins";
  }
  check_failed("a known WhoMayGenerate", __FILE__, __LINE__, std::to_string(static_cast<int>(who)));
}

const char* name_of(AccessTokenFormat format) {
  switch (format) {
    case AccessTokenFormat::jwt:
      return "jwt";
    case AccessTokenFormat::opaque:
      return "opaque";
  }
  check_failed("a known AccessTokenFormat", __FILE__, __LINE__, std::to_string(static_cast<int>(format)));
}

Result<void> check_policy(const Policy& policy) {
  PolicyCheck check;
  describe_policy(policy, check);
  return std::move(check).result();
}

}  // namespace tally::core
