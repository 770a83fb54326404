#include "events/log/codec_parts.hpp"

namespace tally::events::codec {

PayloadOffset<schema::TokenGenerated> encode(Builder& builder, const core::TokenGenerated& event) {
  const auto name = stored_always(builder, event.name);
  const auto scope = stored(builder, event.scope.str());
  const auto owner = stored(event.owner.uuid());
  const auto secret_hash = stored(event.secret_hash);
  const MaybeUuid access_token{event.access_token.uuid()};
  const MaybeDigest access_hash{event.access_token_hash};
  const MaybeConfirmation confirmation{event.confirmation};
  const MaybeUuid parent{event.parent.uuid()};
  return schema::CreateTokenGenerated(builder, &owner, name, scope, core::micros_of(event.expires_at),
                                      event.policy_sequence, &secret_hash, access_token.get(),
                                      core::micros_of(event.access_expires_at), confirmation.get(), access_hash.get(),
                                      parent.get());
}

PayloadOffset<schema::TokenRefreshed> encode(Builder& builder, const core::TokenRefreshed& event) {
  const auto scope = stored(builder, event.access_scope.str());
  const auto resource = stored(builder, event.access_resource);
  const auto secret_hash = stored(event.secret_hash);
  const MaybeUuid access_token{event.access_token.uuid()};
  const MaybeDigest access_hash{event.access_token_hash};
  const MaybeConfirmation confirmation{event.confirmation};
  return schema::CreateTokenRefreshed(builder, event.generation, &secret_hash, scope, access_token.get(),
                                      core::micros_of(event.access_expires_at), confirmation.get(), resource,
                                      access_hash.get());
}

PayloadOffset<schema::TokenRefreshRetried> encode(Builder& builder, const core::TokenRefreshRetried& event) {
  const auto scope = stored(builder, event.access_scope.str());
  const auto resource = stored(builder, event.access_resource);
  const MaybeUuid access_token{event.access_token.uuid()};
  const MaybeDigest access_hash{event.access_token_hash};
  return schema::CreateTokenRefreshRetried(builder, event.generation, scope, access_token.get(),
                                           core::micros_of(event.access_expires_at), resource, access_hash.get(),
                                           event.from_elsewhere);
}

PayloadOffset<schema::TokenReuseDetected> encode(Builder& builder, const core::TokenReuseDetected& event) {
  return schema::CreateTokenReuseDetected(builder, event.presented_generation, event.current_generation);
}

PayloadOffset<schema::TokenDisabled> encode(Builder& builder, const core::TokenDisabled& event) {
  const auto reason = stored(builder, event.reason);
  return schema::CreateTokenDisabled(builder, stored_enum<schema::DisableCause>(event.cause),
                                     stored_enum<schema::AccessFate>(event.access), reason, event.has_more_descendants);
}

PayloadOffset<schema::TokenDeleted> encode(Builder& builder, const core::TokenDeleted& event) {
  const auto reason = stored(builder, event.reason);
  return schema::CreateTokenDeleted(builder, stored_enum<schema::AccessFate>(event.access), reason,
                                    event.has_more_descendants);
}

PayloadOffset<schema::AccessRevoked> encode(Builder& builder, const core::AccessRevoked& event) {
  const MaybeUuid access_token{event.access_token.uuid()};
  return schema::CreateAccessRevoked(builder, access_token.get(), core::micros_of(event.access_expires_at),
                                     event.has_more_descendants);
}

PayloadOffset<schema::LegacyTokenImported> encode(Builder& builder, const core::LegacyTokenImported& event) {
  const auto name = stored_always(builder, event.name);
  const auto scope = stored(builder, event.scope.str());
  const auto owner = stored(event.owner.uuid());
  const auto secret_hash = stored(event.secret_hash);
  return schema::CreateLegacyTokenImported(builder, &owner, name, scope, core::micros_of(event.created_at),
                                           core::micros_of(event.expires_at), event.policy_sequence, &secret_hash);
}

PayloadOffset<schema::AccessExchanged> encode(Builder& builder, const core::AccessExchanged& event) {
  const auto scope = stored(builder, event.access_scope.str());
  const auto resource = stored(builder, event.access_resource);
  const auto parent = stored(event.parent.uuid());
  const auto access_token = stored(event.access_token.uuid());
  const MaybeConfirmation confirmation{event.confirmation};
  const MaybeDigest access_hash{event.access_token_hash};
  return schema::CreateAccessExchanged(builder, &parent, &access_token, scope, core::micros_of(event.access_expires_at),
                                       resource, confirmation.get(), access_hash.get());
}

PayloadOffset<schema::DescendantsDisabled> encode(Builder& builder, const core::DescendantsDisabled& event) {
  return schema::CreateDescendantsDisabled(builder, event.tokens_disabled);
}

core::Result<core::EventPayload> decode(const schema::DescendantsDisabled& table) {
  return core::EventPayload{core::DescendantsDisabled{table.tokens_disabled()}};
}

core::Result<core::EventPayload> decode(const schema::TokenGenerated& table) {
  core::TokenGenerated event;
  event.owner = core::UserId{uuid_of(table.owner())};
  event.name = text_of(table.name());
  TALLY_TRY_ASSIGN(event.scope, scope_of(table.scope()));
  TALLY_TRY_ASSIGN(event.expires_at, time_of(table.expires_at()));
  event.policy_sequence = table.policy_sequence();
  event.secret_hash = digest_of(*table.secret_hash());
  event.access_token = core::AccessTokenId{uuid_of(table.access_token())};
  TALLY_TRY_ASSIGN(event.access_expires_at, time_of(table.access_expires_at()));
  TALLY_TRY_ASSIGN(event.confirmation, confirmation_of(table.confirmation()));
  event.access_token_hash = maybe_digest_of(table.access_token_hash());
  event.parent = core::TokenId{uuid_of(table.parent())};
  return core::EventPayload{std::move(event)};
}

core::Result<core::EventPayload> decode(const schema::TokenRefreshed& table) {
  core::TokenRefreshed event;
  event.generation = table.generation();
  event.secret_hash = digest_of(*table.secret_hash());
  TALLY_TRY_ASSIGN(event.access_scope, scope_of(table.access_scope()));
  event.access_token = core::AccessTokenId{uuid_of(table.access_token())};
  TALLY_TRY_ASSIGN(event.access_expires_at, time_of(table.access_expires_at()));
  TALLY_TRY_ASSIGN(event.confirmation, confirmation_of(table.confirmation()));
  event.access_resource = text_of(table.access_resource());
  event.access_token_hash = maybe_digest_of(table.access_token_hash());
  return core::EventPayload{std::move(event)};
}

core::Result<core::EventPayload> decode(const schema::TokenRefreshRetried& table) {
  core::TokenRefreshRetried event;
  event.generation = table.generation();
  TALLY_TRY_ASSIGN(event.access_scope, scope_of(table.access_scope()));
  event.access_token = core::AccessTokenId{uuid_of(table.access_token())};
  TALLY_TRY_ASSIGN(event.access_expires_at, time_of(table.access_expires_at()));
  event.access_resource = text_of(table.access_resource());
  event.access_token_hash = maybe_digest_of(table.access_token_hash());
  event.from_elsewhere = table.from_elsewhere();
  return core::EventPayload{std::move(event)};
}

core::Result<core::EventPayload> decode(const schema::TokenReuseDetected& table) {
  return core::EventPayload{core::TokenReuseDetected{table.presented_generation(), table.current_generation()}};
}

core::Result<core::EventPayload> decode(const schema::TokenDisabled& table) {
  core::TokenDisabled event;
  TALLY_TRY_ASSIGN(event.cause, enum_of(table.cause(), core::DisableCause::clock));
  TALLY_TRY_ASSIGN(event.access, enum_of(table.access(), core::AccessFate::revoke));
  event.reason = text_of(table.reason());
  event.has_more_descendants = table.has_more_descendants();
  return core::EventPayload{std::move(event)};
}

core::Result<core::EventPayload> decode(const schema::TokenDeleted& table) {
  core::TokenDeleted event;
  TALLY_TRY_ASSIGN(event.access, enum_of(table.access(), core::AccessFate::revoke));
  event.reason = text_of(table.reason());
  event.has_more_descendants = table.has_more_descendants();
  return core::EventPayload{std::move(event)};
}

core::Result<core::EventPayload> decode(const schema::AccessRevoked& table) {
  core::AccessRevoked event;
  event.access_token = core::AccessTokenId{uuid_of(table.access_token())};
  TALLY_TRY_ASSIGN(event.access_expires_at, time_of(table.access_expires_at()));
  event.has_more_descendants = table.has_more_descendants();
  return core::EventPayload{event};
}

core::Result<core::EventPayload> decode(const schema::LegacyTokenImported& table) {
  core::LegacyTokenImported event;
  event.owner = core::UserId{uuid_of(table.owner())};
  event.name = text_of(table.name());
  TALLY_TRY_ASSIGN(event.scope, scope_of(table.scope()));
  TALLY_TRY_ASSIGN(event.created_at, time_of(table.created_at()));
  TALLY_TRY_ASSIGN(event.expires_at, time_of(table.expires_at()));
  event.policy_sequence = table.policy_sequence();
  event.secret_hash = digest_of(*table.secret_hash());
  return core::EventPayload{std::move(event)};
}

core::Result<core::EventPayload> decode(const schema::AccessExchanged& table) {
  core::AccessExchanged event;
  event.parent = core::AccessTokenId{uuid_of(table.parent())};
  event.access_token = core::AccessTokenId{uuid_of(table.access_token())};
  TALLY_TRY_ASSIGN(event.access_scope, scope_of(table.access_scope()));
  TALLY_TRY_ASSIGN(event.access_expires_at, time_of(table.access_expires_at()));
  event.access_resource = text_of(table.access_resource());
  TALLY_TRY_ASSIGN(event.confirmation, confirmation_of(table.confirmation()));
  event.access_token_hash = maybe_digest_of(table.access_token_hash());
  return core::EventPayload{std::move(event)};
}

}  // namespace tally::events::codec
