#include "http/formats/views.hpp"

#include <initializer_list>

#include "core/base/check.hpp"
#include "http/auth/confirmation.hpp"

namespace tally::http {

using core::TokenState;

void write_user(JsonWriter& json, const core::PersonState& person) {
  json.begin_object().member("id", person.id.str()).member("username", person.username);
  json.member("display_name", person.display_name);
  if (!person.email.empty()) json.member("email", person.email);
  json.member("is_operator", person.is_operator()).member("standing", core::name_of(person.standing));
  json.member("created_at", person.created_at);
  json.member_if("deactivated_at", person.deactivated_at).end_object();
}

namespace {

class PolicyWriter {
 public:
  explicit PolicyWriter(JsonWriter& json) : json_(json) {}
  void number(const char* name, std::int64_t value, std::int64_t, std::int64_t) { json_.member(name, value); }
  template <class Choice>
  void choice(const char* name, Choice value, std::initializer_list<Choice>) {
    json_.member(name, core::name_of(value));
  }
  template <class Choice>
  void choice_if(const char* name, Choice value, std::initializer_list<Choice> choices) {
    choice(name, value, choices);
  }
  void scopes(const char* name, const core::ScopeSet& scopes) {
    json_.key(name).begin_array();
    for (const std::string& scope : scopes.scopes()) json_.value(scope);
    json_.end_array();
  }
  void time_if(const char* name, const std::optional<core::Timestamp>& time) { json_.member_if(name, time); }

 private:
  JsonWriter& json_;
};

}  // namespace

void write_policy(JsonWriter& json, const core::Policy& policy) {
  json.begin_object();
  PolicyWriter fields{json};
  core::describe_policy(policy, fields);
  json.end_object();
}

void write_workspace(JsonWriter& json, const core::WorkspaceState& workspace, std::optional<core::Role> role,
                     const AccessTokens& access_tokens) {
  const std::string id = workspace.id.str();
  json.begin_object().member("id", id).member("name", workspace.name).member("created_at", workspace.created_at);
  json.member("client_id", id).member("token_endpoint", access_tokens.issuer() + "/oauth2/token");
  json.member("audience", access_tokens.audience_of(workspace.id));
  if (role) json.member("role", core::name_of(*role));
  json.member_if("cut_off_at", workspace.cut_off_at);
  json.key("policy");
  write_policy(json, workspace.policy);
  json.end_object();
}

void write_member(JsonWriter& json, const core::MemberState& member, const core::PersonState& person) {
  json.begin_object().key("user").begin_object().member("id", person.id.str());
  json.member("username", person.username).member("display_name", person.display_name).end_object();
  json.member("role", core::name_of(member.role)).member("added_at", member.added_at).end_object();
}

void write_resource_server_fields(JsonWriter& json, const core::ResourceServerState& resource_server) {
  json.member("id", resource_server.id.str()).member("name", resource_server.name);
  json.member("workspace_id", resource_server.workspace.str()).member("created_at", resource_server.created_at);
  if (!resource_server.resource.empty()) json.member("resource", resource_server.resource);
}

std::string id_of(const core::Actor& actor) {
  switch (actor.kind) {
    case core::ActorKind::user:
    case core::ActorKind::operator_person:
      return core::UserId{actor.id}.str();
    case core::ActorKind::client:
      return core::WorkspaceId{actor.id}.str();
    case core::ActorKind::system:
      return {};
  }
  core::check_failed("a known ActorKind", __FILE__, __LINE__, std::to_string(static_cast<int>(actor.kind)));
}

namespace {

/// Absent: no person.
std::optional<core::UserId> person_of(const core::Actor& actor) {
  return core::is_person(actor) ? std::optional{core::UserId{actor.id}} : std::nullopt;
}

}  // namespace

core::Result<void> learn_people(const core::Actor& actor, PeopleNames& names) {
  const auto person = person_of(actor);
  return person ? names.learn(*person) : core::Result<void>{};
}

core::Result<void> learn_people(const TokenState& token, PeopleNames& names) {
  TALLY_TRY(names.learn(token.owner));
  return token.stopped_by ? learn_people(*token.stopped_by, names) : core::Result<void>{};
}

void write_actor(JsonWriter& json, const core::Actor& actor, const PeopleNames& names) {
  json.begin_object().member("kind", core::name_of(actor.kind));
  const std::string id = id_of(actor);
  if (!id.empty()) json.member("id", id);
  const auto person = person_of(actor);
  const PeopleNames::Name* name = person ? names.of(*person) : nullptr;
  if (name != nullptr) json.member("username", name->username);
  json.end_object();
}

void write_token(JsonWriter& json, const projections::TokenRecord& record, const PeopleNames& names) {
  const TokenState& token = record.state;
  json.begin_object().member("id", token.id.str()).member("name", token.name);
  json.member("status", core::name_of(record.status)).key("owner").begin_object().member("id", token.owner.str());
  const PeopleNames::Name* owner = names.of(token.owner);
  if (owner != nullptr) json.member("username", owner->username).member("display_name", owner->display_name);
  json.end_object().member("workspace_id", token.workspace.str()).member("scope", token.scope.str());
  if (!token.parent.is_nil()) json.member("parent_token_id", token.parent.str());
  json.member("created_at", token.created_at).member("expires_at", token.expires_at);
  json.member_if("last_refreshed_at", token.last_refreshed_at).member_if("last_used_at", record.last_used_at);
  json.member("refresh_count", token.refresh_count);
  write_confirmation(json, token.confirmation);
  if (token.stopped_at) {
    json.member("disabled_at", *token.stopped_at).member("disabled_cause", core::name_of(token.stop_cause));
    if (token.stopped_by) {
      json.key("disabled_by");
      write_actor(json, *token.stopped_by, names);
    }
    if (!token.stop_reason.empty()) json.member("disabled_reason", token.stop_reason);
  }
  json.member("kind", core::name_of(token.kind)).end_object();
}

}  // namespace tally::http
