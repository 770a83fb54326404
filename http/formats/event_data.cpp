#include "http/auth/confirmation.hpp"
#include "http/formats/event_view.hpp"
#include "http/formats/views.hpp"

namespace tally::http {
namespace {

/// Writes the members of one event type's data. A new type does not compile until it is written down here.
class DataWriter {
 public:
  explicit DataWriter(JsonWriter& json) : json_(json) {}

  void operator()(const core::TokenGenerated& event) {
    json_.member("owner_id", event.owner.str()).member("name", event.name).member("scope", event.scope.str());
    json_.member("expires_at", event.expires_at).member("policy_sequence", event.policy_sequence);
    access_token(event);
    write_confirmation(json_, event.confirmation);
    if (!event.parent.is_nil()) json_.member("parent_token_id", event.parent.str());
  }
  void operator()(const core::TokenRefreshed& event) {
    json_.member("generation", std::uint64_t{event.generation}).member("access_scope", event.access_scope.str());
    access_token(event);
    if (!event.access_resource.empty()) json_.member("access_resource", event.access_resource);
    write_confirmation(json_, event.confirmation);
  }
  void operator()(const core::TokenRefreshRetried& event) {
    json_.member("generation", std::uint64_t{event.generation}).member("access_scope", event.access_scope.str());
    access_token(event);
    if (!event.access_resource.empty()) json_.member("access_resource", event.access_resource);
    if (event.from_elsewhere) json_.member("from_elsewhere", true);
  }
  void operator()(const core::AccessExchanged& event) {
    json_.member("parent_access_token_id", event.parent.str()).member("access_scope", event.access_scope.str());
    access_token(event);
    if (!event.access_resource.empty()) json_.member("access_resource", event.access_resource);
    write_confirmation(json_, event.confirmation);
  }
  void operator()(const core::TokenReuseDetected& event) {
    json_.member("presented_generation", std::uint64_t{event.presented_generation});
    json_.member("current_generation", std::uint64_t{event.current_generation});
  }
  void operator()(const core::TokenDisabled& event) {
    json_.member("cause", core::name_of(event.cause)).member("access", core::name_of(event.access));
    if (!event.reason.empty()) json_.member("reason", event.reason);
    more_descendants(event);
  }
  void operator()(const core::TokenDeleted& event) {
    json_.member("access", core::name_of(event.access));
    if (!event.reason.empty()) json_.member("reason", event.reason);
    more_descendants(event);
  }
  void operator()(const core::AccessRevoked& event) {
    // Without an id, all that the token had issued by then.
    if (!event.access_token.is_nil()) json_.member("access_token_id", event.access_token.str());
    json_.member("access_expires_at", event.access_expires_at);
    more_descendants(event);
  }
  void operator()(const core::DescendantsDisabled& event) { json_.member("tokens_disabled", event.tokens_disabled); }

  void operator()(const core::LegacyTokenImported& event) {
    json_.member("owner_id", event.owner.str()).member("name", event.name).member("scope", event.scope.str());
    json_.member("created_at", event.created_at).member("expires_at", event.expires_at);
    json_.member("policy_sequence", event.policy_sequence);
  }

  void operator()(const core::WorkspaceCreated& event) {
    json_.member("name", event.name).key("policy");
    write_policy(json_, event.policy);
  }
  void operator()(const core::PolicyChanged& event) {
    json_.key("policy");
    write_policy(json_, event.policy);
  }
  void operator()(const core::MemberAdded& event) {
    json_.member("user_id", event.user.str()).member("role", core::name_of(event.role));
  }
  void operator()(const core::MemberRoleChanged& event) {
    json_.member("user_id", event.user.str()).member("role", core::name_of(event.role));
  }
  void operator()(const core::MemberRemoved& event) {
    json_.member("user_id", event.user.str());
    offboarding(event);
  }
  void operator()(const core::ResourceServerAdded& event) {
    json_.member("resource_server_id", event.resource_server.str()).member("name", event.name);
    if (!event.resource.empty()) json_.member("resource", event.resource);
  }
  void operator()(const core::ResourceServerRemoved& event) {
    json_.member("resource_server_id", event.resource_server.str());
  }
  void operator()(const core::CutOffMoved& event) {
    json_.member("issued_before", event.issued_before).member("access", core::name_of(event.access));
  }

  void operator()(const core::UserCreated& event) {
    json_.member("is_operator", event.is_operator).member("username", event.username);
    json_.member("display_name", event.display_name);
    if (!event.email.empty()) json_.member("email", event.email);
  }
  void operator()(const core::UserDeactivated& event) { offboarding(event); }
  void operator()(const core::PasswordChanged&) {}
  void operator()(const core::SignedIn&) {}
  void operator()(const core::SignInFailed&) {}
  void operator()(const core::UserReactivated&) {}
  void operator()(const core::OperatorChanged& event) { json_.member("standing", core::name_of(event.standing)); }
  void operator()(const core::OperatorRecovered& event) {
    json_.member("means", core::name_of(event.means));
    if (!event.nonce.is_nil()) json_.member("nonce", core::to_hex(event.nonce.bytes));
  }
  void operator()(const core::OffboardingCompleted& event) {
    json_.member("tokens_disabled", event.tokens_disabled).member("access_revoked", event.access_revoked);
  }

  void operator()(const core::LedgerStarted& event) {
    json_.member("incarnation", core::to_hex(event.incarnation.bytes)).member("size", event.size);
    json_.member("root", core::to_hex(event.root.bytes));
  }
  void operator()(const core::SigningKeyAdded& event) {
    json_.member("key_id", event.key_id).member("algorithm", event.algorithm);
    json_.member("public_key", core::to_hex(event.public_key)).member("activates_at", event.activates_at);
  }
  void operator()(const core::SigningKeyRetired& event) {
    json_.member("key_id", event.key_id).member("retirement", core::name_of(event.retirement));
  }
  void operator()(const core::AuditRead& event) { json_.member("filter", event.filter).member("items", event.items); }
  void operator()(const core::ExportStarted& event) {
    json_.member("export_id", event.export_id.str()).member("format", event.format).member("filter", event.filter);
  }
  void operator()(const core::ExportCompleted& event) {
    json_.member("export_id", event.export_id.str()).member("events_exported", event.events_exported);
    json_.member("events_filtered_out", event.events_filtered_out).member("bytes", event.bytes);
    json_.member("sha256", core::to_hex(event.sha256.bytes));
  }
  void operator()(const core::IssuerChanged& event) {
    json_.member("issuer", event.issuer);
    if (!event.before.empty()) json_.member("before", event.before);
  }
  void operator()(const core::CommandDenied& event) {
    json_.member("command", event.command).member("reason", event.reason);
    if (!event.token.is_nil()) json_.member("token_id", event.token.str());
    json_.member("count", event.count).member("first_at", event.first_at);
  }
  void operator()(const core::ClockAccepted& event) {
    json_.member("first_ahead", event.first_ahead.value).member("ledger_time", event.ledger_time);
    if (event.previous) json_.member("previous", event.previous->value);
  }
  void operator()(const core::ClockAcceptanceCompleted& event) {
    json_.member("tokens_disabled", event.tokens_disabled);
  }
  void operator()(const core::LedgerVerified& event) {
    json_.member("size", event.size).member("root", core::to_hex(event.root.bytes)).member("damaged", event.damaged);
  }
  void operator()(const core::LedgerRecovered& event) {
    json_.member("size", event.size).member("root", core::to_hex(event.root.bytes));
    fork(event.fork);
  }
  void operator()(const core::LedgerRestored& event) {
    json_.member("backup", event.backup).member("size", event.size).member("root", core::to_hex(event.root.bytes));
    if (!event.former_incarnation.is_nil())
      json_.member("former_incarnation", core::to_hex(event.former_incarnation.bytes));
    json_.member("fence", core::name_of(event.fence));
    fork(event.fork);
  }

 private:
  void fork(const core::Fork& fork) {
    json_.member("known_size", fork.known_size);
    if (fork.known_size > 0) json_.member("known_root", core::to_hex(fork.known_root.bytes));
    json_.member("fork", std::uint64_t{fork.number});
    if (!fork.old_key.empty()) json_.member("old_key", fork.old_key);
  }
  template <class Stopping>
  void more_descendants(const Stopping& event) {
    if (event.has_more_descendants) json_.member("has_more_descendants", true);
  }
  template <class Leaving>
  void offboarding(const Leaving& event) {
    json_.member("access", core::name_of(event.access));
    if (!event.reason.empty()) json_.member("reason", event.reason);
    if (event.has_more_tokens) json_.member("has_more_tokens", true);
  }
  template <class Issuing>
  void access_token(const Issuing& event) {
    json_.member("access_token_id", event.access_token.str()).member("access_expires_at", event.access_expires_at);
    const auto format = event.access_token_hash ? core::AccessTokenFormat::opaque : core::AccessTokenFormat::jwt;
    json_.member("access_token_format", core::name_of(format));
  }
  JsonWriter& json_;
};

}  // namespace

void write_event_data(JsonWriter& json, const core::EventPayload& payload) {
  json.begin_object();
  std::visit(DataWriter{json}, payload);
  json.end_object();
}

}  // namespace tally::http
