#include "http/formats/event_view.hpp"

#include <array>

#include "core/base/check.hpp"
#include "http/formats/views.hpp"

namespace tally::http {

using core::Event;
using core::SubjectKind;

std::string id_of(const core::Subject& subject) {
  switch (subject.kind) {
    case SubjectKind::token:
      return core::TokenId{subject.id}.str();
    case SubjectKind::workspace:
      return core::WorkspaceId{subject.id}.str();
    case SubjectKind::user:
      return core::UserId{subject.id}.str();
    case SubjectKind::resource_server:
      return core::ResourceServerId{subject.id}.str();
    case SubjectKind::ledger:
      return {};
  }
  core::check_failed("a known SubjectKind", __FILE__, __LINE__, std::to_string(static_cast<int>(subject.kind)));
}

namespace {

void member_if_any(JsonWriter& json, std::string_view name, const std::string& text) {
  if (!text.empty()) json.member(name, text);
}

template <class Id>
std::string id_or_nothing(const core::Uuid& uuid) {
  return uuid.is_nil() ? std::string{} : Id{uuid}.str();
}

std::string token_of(const core::Credential& credential) { return id_or_nothing<core::TokenId>(credential.token); }
std::string access_token_of(const core::Credential& credential) {
  return id_or_nothing<core::AccessTokenId>(credential.access_token);
}

void write_credential(JsonWriter& json, const core::Credential& credential) {
  if (credential.kind == core::CredentialKind::unrecorded) return;
  json.key("credential").begin_object().member("kind", core::name_of(credential.kind));
  member_if_any(json, "token_id", token_of(credential));
  member_if_any(json, "access_token_id", access_token_of(credential));
  json.end_object();
}

}  // namespace

void write_event(JsonWriter& json, const Event& event, const PeopleNames& names) {
  json.begin_object().member("sequence", event.sequence.value);
  if (event.workspace) json.member("workspace_sequence", event.workspace_sequence);
  json.member("id", event.id.str()).member("type", core::name_of(core::type_of(event.payload)));
  json.member("recorded_at", event.recorded_at).member_if("read_at", event.read_at);
  if (event.workspace) json.member("workspace_id", event.workspace->str());
  const std::string subject_id = id_of(event.subject);
  if (event.subject.kind == SubjectKind::token) json.member("token_id", subject_id);
  json.key("subject").begin_object().member("kind", core::name_of(event.subject.kind));
  member_if_any(json, "id", subject_id);
  json.end_object().key("actor");
  write_actor(json, event.actor, names);
  json.member("via", core::name_of(event.via));
  write_credential(json, event.credential);
  member_if_any(json, "request_id", event.origin.request_id);
  member_if_any(json, "trace_id", event.origin.trace_id);
  member_if_any(json, "source_ip", event.origin.source_ip);
  member_if_any(json, "user_agent", event.origin.user_agent);
  json.key("data");
  write_event_data(json, event.payload);
  json.end_object();
}

void append_csv_header(std::string& out) {
  out +=
      "sequence,workspace_sequence,id,type,recorded_at,workspace_id,token_id,subject_kind,subject_id,actor_kind,"
      "actor_id,actor_username,via,request_id,trace_id,source_ip,user_agent,data,credential_kind,"
      "credential_token_id,credential_access_token_id\r\n";
}

void append_csv_row(std::string& out, const Event& event, const PeopleNames& names, CsvCells rule) {
  std::string username;
  if (core::is_person(event.actor)) {
    const PeopleNames::Name* name = names.of(core::UserId{event.actor.id});
    if (name != nullptr) username = name->username;
  }
  std::string data;
  JsonWriter json{data};
  write_event_data(json, event.payload);
  const std::string subject_id = id_of(event.subject);
  const bool is_token = event.subject.kind == SubjectKind::token;
  const std::array<std::string, 21> cells{
      std::to_string(event.sequence.value),
      event.workspace ? std::to_string(event.workspace_sequence) : std::string{},
      event.id.str(),
      core::name_of(core::type_of(event.payload)),
      core::to_rfc3339(event.recorded_at),
      event.workspace ? event.workspace->str() : std::string{},
      is_token ? subject_id : std::string{},
      core::name_of(event.subject.kind),
      subject_id,
      core::name_of(event.actor.kind),
      id_of(event.actor),
      std::move(username),
      core::name_of(event.via),
      event.origin.request_id,
      event.origin.trace_id,
      event.origin.source_ip,
      event.origin.user_agent,
      std::move(data),
      core::name_of(event.credential.kind),
      token_of(event.credential),
      access_token_of(event.credential),
  };
  for (const std::string& cell : cells) {
    if (&cell != &cells.front()) out += ',';
    append_csv_cell(out, cell, rule);
  }
  out += "\r\n";
}

}  // namespace tally::http
