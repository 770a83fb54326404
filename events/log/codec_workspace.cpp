#include "events/log/codec_parts.hpp"

namespace tally::events::codec {
namespace {

flatbuffers::Offset<schema::Policy> encode_policy(Builder& builder, const core::Policy& policy) {
  // All of them by name: one more does not compile until it is written here, and read below.
  const auto& [lifetime, who, active_tokens, access_seconds, retry_seconds, allowed_scopes, sunset_at, token_format] =
      policy;
  const auto scopes = stored(builder, allowed_scopes.str());
  flatbuffers::Optional<std::int64_t> sunset;
  if (sunset_at) sunset = core::micros_of(*sunset_at);
  const auto format = token_format == core::AccessTokenFormat::jwt
                          ? schema::AccessTokenFormat::none
                          : stored_enum<schema::AccessTokenFormat>(token_format);
  return schema::CreatePolicy(builder, static_cast<std::uint32_t>(lifetime), stored_enum<schema::WhoMayGenerate>(who),
                              active_tokens, static_cast<std::uint32_t>(access_seconds),
                              static_cast<std::uint32_t>(retry_seconds), scopes, sunset, format);
}

/// Limits may change between releases: a stored number has to fit its type, not today's policy.
core::Result<int> small_number(std::uint32_t stored) {
  if (stored > 0x7fff'ffffU) return core::fail(core::Errc::corrupt, "an event's number is out of range");
  return static_cast<int>(stored);
}

core::Result<core::Policy> decode_policy(const schema::Policy& table) {
  core::Policy policy;
  TALLY_TRY_ASSIGN(policy.max_lifetime_days, small_number(table.max_lifetime_days()));
  TALLY_TRY_ASSIGN(policy.who_may_generate, enum_of(table.who_may_generate(), core::WhoMayGenerate::admins));
  policy.max_active_tokens_per_user = table.max_active_tokens_per_user();
  TALLY_TRY_ASSIGN(policy.access_token_seconds, small_number(table.access_token_seconds()));
  TALLY_TRY_ASSIGN(policy.refresh_retry_seconds, small_number(table.refresh_retry_seconds()));
  TALLY_TRY_ASSIGN(policy.allowed_scopes, scope_of(table.allowed_scopes()));
  if (const auto sunset = table.legacy_sunset_at(); sunset.has_value()) {
    TALLY_TRY_ASSIGN(policy.legacy_sunset_at, time_of(*sunset));
  }
  if (table.access_token_format() != schema::AccessTokenFormat::none) {
    TALLY_TRY_ASSIGN(policy.access_token_format, enum_of(table.access_token_format(), core::AccessTokenFormat::opaque));
    // Left out for jwt: one fact has one encoding here.
    if (policy.access_token_format == core::AccessTokenFormat::jwt) {
      return core::fail(core::Errc::corrupt, "an event writes a default out");
    }
  }
  return policy;
}

}  // namespace

PayloadOffset<schema::WorkspaceCreated> encode(Builder& builder, const core::WorkspaceCreated& event) {
  const auto name = stored_always(builder, event.name);
  const auto policy = encode_policy(builder, event.policy);
  return schema::CreateWorkspaceCreated(builder, name, policy);
}

PayloadOffset<schema::PolicyChanged> encode(Builder& builder, const core::PolicyChanged& event) {
  return schema::CreatePolicyChanged(builder, encode_policy(builder, event.policy));
}

PayloadOffset<schema::MemberAdded> encode(Builder& builder, const core::MemberAdded& event) {
  const auto user = stored(event.user.uuid());
  return schema::CreateMemberAdded(builder, &user, stored_enum<schema::Role>(event.role));
}

PayloadOffset<schema::MemberRoleChanged> encode(Builder& builder, const core::MemberRoleChanged& event) {
  const auto user = stored(event.user.uuid());
  return schema::CreateMemberRoleChanged(builder, &user, stored_enum<schema::Role>(event.role));
}

PayloadOffset<schema::MemberRemoved> encode(Builder& builder, const core::MemberRemoved& event) {
  const auto reason = stored(builder, event.reason);
  const auto user = stored(event.user.uuid());
  return schema::CreateMemberRemoved(builder, &user, stored_unless_keep(event.access), reason, event.has_more_tokens);
}

PayloadOffset<schema::ResourceServerAdded> encode(Builder& builder, const core::ResourceServerAdded& event) {
  const auto name = stored_always(builder, event.name);
  const auto resource = stored(builder, event.resource);
  const auto id = stored(event.resource_server.uuid());
  const auto secret_hash = stored(event.secret_hash);
  return schema::CreateResourceServerAdded(builder, &id, name, &secret_hash, resource);
}

PayloadOffset<schema::ResourceServerRemoved> encode(Builder& builder, const core::ResourceServerRemoved& event) {
  const auto id = stored(event.resource_server.uuid());
  return schema::CreateResourceServerRemoved(builder, &id);
}

PayloadOffset<schema::CutOffMoved> encode(Builder& builder, const core::CutOffMoved& event) {
  return schema::CreateCutOffMoved(builder, core::micros_of(event.issued_before),
                                   stored_enum<schema::AccessFate>(event.access));
}

core::Result<core::EventPayload> decode(const schema::WorkspaceCreated& table) {
  core::WorkspaceCreated event;
  event.name = text_of(table.name());
  TALLY_TRY_ASSIGN(event.policy, decode_policy(*table.policy()));
  return core::EventPayload{std::move(event)};
}

core::Result<core::EventPayload> decode(const schema::PolicyChanged& table) {
  core::PolicyChanged event;
  TALLY_TRY_ASSIGN(event.policy, decode_policy(*table.policy()));
  return core::EventPayload{std::move(event)};
}

core::Result<core::EventPayload> decode(const schema::MemberAdded& table) {
  core::MemberAdded event;
  event.user = core::UserId{uuid_of(table.user())};
  TALLY_TRY_ASSIGN(event.role, enum_of(table.role(), core::Role::auditor));
  return core::EventPayload{event};
}

core::Result<core::EventPayload> decode(const schema::MemberRoleChanged& table) {
  core::MemberRoleChanged event;
  event.user = core::UserId{uuid_of(table.user())};
  TALLY_TRY_ASSIGN(event.role, enum_of(table.role(), core::Role::auditor));
  return core::EventPayload{event};
}

core::Result<core::EventPayload> decode(const schema::MemberRemoved& table) {
  core::MemberRemoved event;
  event.user = core::UserId{uuid_of(table.user())};
  TALLY_TRY_ASSIGN(event.access, fate_unless_keep(table.access()));
  event.reason = text_of(table.reason());
  event.has_more_tokens = table.has_more_tokens();
  return core::EventPayload{std::move(event)};
}

core::Result<core::EventPayload> decode(const schema::ResourceServerAdded& table) {
  return core::EventPayload{core::ResourceServerAdded{core::ResourceServerId{uuid_of(table.resource_server())},
                                                      text_of(table.name()), digest_of(*table.secret_hash()),
                                                      text_of(table.resource())}};
}

core::Result<core::EventPayload> decode(const schema::ResourceServerRemoved& table) {
  return core::EventPayload{core::ResourceServerRemoved{core::ResourceServerId{uuid_of(table.resource_server())}}};
}

core::Result<core::EventPayload> decode(const schema::CutOffMoved& table) {
  core::CutOffMoved event;
  TALLY_TRY_ASSIGN(event.issued_before, time_of(table.issued_before()));
  TALLY_TRY_ASSIGN(event.access, enum_of(table.access(), core::AccessFate::revoke));
  return core::EventPayload{event};
}

}  // namespace tally::events::codec
