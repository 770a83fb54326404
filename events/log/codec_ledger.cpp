#include "events/log/codec_parts.hpp"

namespace tally::events::codec {
namespace {

flatbuffers::Offset<schema::Fork> stored_fork(Builder& builder, const core::Fork& fork) {
  const auto old_key = stored(builder, fork.old_key);
  const MaybeDigest root{fork.known_size == 0 ? std::nullopt : std::optional{fork.known_root}};
  return schema::CreateFork(builder, fork.known_size, root.get(), fork.number, old_key);
}

core::Fork fork_of(const schema::Fork& table) {
  core::Fork fork;
  fork.known_size = table.known_size();
  if (table.known_root() != nullptr) fork.known_root = digest_of(*table.known_root());
  fork.number = table.number();
  fork.old_key = text_of(table.old_key());
  return fork;
}

}  // namespace

PayloadOffset<schema::LedgerStarted> encode(Builder& builder, const core::LedgerStarted& event) {
  const auto incarnation = stored(event.incarnation);
  const auto root = stored(event.root);
  return schema::CreateLedgerStarted(builder, &incarnation, event.size, &root);
}

PayloadOffset<schema::SigningKeyAdded> encode(Builder& builder, const core::SigningKeyAdded& event) {
  const auto key_id = stored_always(builder, event.key_id);
  const auto algorithm = stored_always(builder, event.algorithm);
  const auto public_key = builder.CreateVector(event.public_key.data(), event.public_key.size());
  return schema::CreateSigningKeyAdded(builder, key_id, algorithm, public_key, core::micros_of(event.activates_at));
}

PayloadOffset<schema::SigningKeyRetired> encode(Builder& builder, const core::SigningKeyRetired& event) {
  const auto key_id = stored_always(builder, event.key_id);
  return schema::CreateSigningKeyRetired(builder, key_id, stored_enum<schema::KeyRetirement>(event.retirement));
}

PayloadOffset<schema::AuditRead> encode(Builder& builder, const core::AuditRead& event) {
  const auto filter = stored(builder, event.filter);
  return schema::CreateAuditRead(builder, filter, event.items);
}

PayloadOffset<schema::ExportStarted> encode(Builder& builder, const core::ExportStarted& event) {
  const auto format = stored_always(builder, event.format);
  const auto filter = stored(builder, event.filter);
  const auto id = stored(event.export_id.uuid());
  return schema::CreateExportStarted(builder, &id, format, filter);
}

PayloadOffset<schema::ExportCompleted> encode(Builder& builder, const core::ExportCompleted& event) {
  const auto id = stored(event.export_id.uuid());
  const auto digest = stored(event.sha256);
  return schema::CreateExportCompleted(builder, &id, event.events_exported, event.events_filtered_out, event.bytes,
                                       &digest);
}

PayloadOffset<schema::CommandDenied> encode(Builder& builder, const core::CommandDenied& event) {
  const auto command = stored_always(builder, event.command);
  const auto reason = stored_always(builder, event.reason);
  const MaybeUuid token{event.token.uuid()};
  return schema::CreateCommandDenied(builder, command, reason, token.get(), event.count,
                                     core::micros_of(event.first_at));
}

PayloadOffset<schema::IssuerChanged> encode(Builder& builder, const core::IssuerChanged& event) {
  const auto issuer = stored_always(builder, event.issuer);
  const auto before = stored(builder, event.before);
  return schema::CreateIssuerChanged(builder, issuer, before);
}

PayloadOffset<schema::ClockAccepted> encode(Builder& builder, const core::ClockAccepted& event) {
  const auto previous =
      event.previous ? flatbuffers::Optional<std::uint64_t>{event.previous->value} : flatbuffers::nullopt;
  return schema::CreateClockAccepted(builder, event.first_ahead.value, core::micros_of(event.ledger_time), previous);
}

PayloadOffset<schema::ClockAcceptanceCompleted> encode(Builder& builder, const core::ClockAcceptanceCompleted& event) {
  return schema::CreateClockAcceptanceCompleted(builder, event.tokens_disabled);
}

PayloadOffset<schema::LedgerVerified> encode(Builder& builder, const core::LedgerVerified& event) {
  const auto root = stored(event.root);
  return schema::CreateLedgerVerified(builder, event.size, &root, event.damaged);
}

PayloadOffset<schema::LedgerRecovered> encode(Builder& builder, const core::LedgerRecovered& event) {
  const auto fork = stored_fork(builder, event.fork);
  const auto root = stored(event.root);
  return schema::CreateLedgerRecovered(builder, event.size, &root, fork);
}

PayloadOffset<schema::LedgerRestored> encode(Builder& builder, const core::LedgerRestored& event) {
  const auto backup = stored_always(builder, event.backup);
  const auto fork = stored_fork(builder, event.fork);
  const auto root = stored(event.root);
  const MaybeUuid former{event.former_incarnation};
  return schema::CreateLedgerRestored(builder, backup, event.size, &root, former.get(),
                                      stored_enum<schema::RestoreFence>(event.fence), fork);
}

core::Result<core::EventPayload> decode(const schema::LedgerStarted& table) {
  return core::EventPayload{core::LedgerStarted{uuid_of(table.incarnation()), table.size(), digest_of(*table.root())}};
}

core::Result<core::EventPayload> decode(const schema::SigningKeyAdded& table) {
  core::SigningKeyAdded event;
  event.key_id = text_of(table.key_id());
  event.algorithm = text_of(table.algorithm());
  event.public_key.assign(table.public_key()->begin(), table.public_key()->end());
  TALLY_TRY_ASSIGN(event.activates_at, time_of(table.activates_at()));
  return core::EventPayload{std::move(event)};
}

core::Result<core::EventPayload> decode(const schema::SigningKeyRetired& table) {
  core::SigningKeyRetired event;
  event.key_id = text_of(table.key_id());
  TALLY_TRY_ASSIGN(event.retirement, enum_of(table.retirement(), core::KeyRetirement::forced));
  return core::EventPayload{std::move(event)};
}

core::Result<core::EventPayload> decode(const schema::AuditRead& table) {
  return core::EventPayload{core::AuditRead{text_of(table.filter()), table.items()}};
}

core::Result<core::EventPayload> decode(const schema::ExportStarted& table) {
  return core::EventPayload{core::ExportStarted{core::ExportId{uuid_of(table.export_id())}, text_of(table.format()),
                                                text_of(table.filter())}};
}

core::Result<core::EventPayload> decode(const schema::ExportCompleted& table) {
  core::ExportCompleted event;
  event.export_id = core::ExportId{uuid_of(table.export_id())};
  event.events_exported = table.events_exported();
  event.events_filtered_out = table.events_filtered_out();
  event.bytes = table.bytes();
  event.sha256 = digest_of(*table.sha256());
  return core::EventPayload{event};
}

core::Result<core::EventPayload> decode(const schema::CommandDenied& table) {
  core::CommandDenied event;
  event.command = text_of(table.command());
  event.reason = text_of(table.reason());
  event.token = core::TokenId{uuid_of(table.token())};
  event.count = table.count();
  TALLY_TRY_ASSIGN(event.first_at, time_of(table.first_at()));
  return core::EventPayload{std::move(event)};
}

core::Result<core::EventPayload> decode(const schema::IssuerChanged& table) {
  return core::EventPayload{core::IssuerChanged{text_of(table.issuer()), text_of(table.before())}};
}

core::Result<core::EventPayload> decode(const schema::ClockAccepted& table) {
  core::ClockAccepted event;
  event.first_ahead = core::Sequence{table.first_ahead()};
  TALLY_TRY_ASSIGN(event.ledger_time, time_of(table.ledger_time()));
  if (const auto previous = table.previous()) event.previous = core::Sequence{*previous};
  return core::EventPayload{event};
}

core::Result<core::EventPayload> decode(const schema::ClockAcceptanceCompleted& table) {
  return core::EventPayload{core::ClockAcceptanceCompleted{table.tokens_disabled()}};
}

core::Result<core::EventPayload> decode(const schema::LedgerVerified& table) {
  return core::EventPayload{core::LedgerVerified{table.size(), digest_of(*table.root()), table.damaged()}};
}

core::Result<core::EventPayload> decode(const schema::LedgerRecovered& table) {
  return core::EventPayload{core::LedgerRecovered{table.size(), digest_of(*table.root()), fork_of(*table.fork())}};
}

core::Result<core::EventPayload> decode(const schema::LedgerRestored& table) {
  core::LedgerRestored event;
  event.backup = text_of(table.backup());
  event.size = table.size();
  event.root = digest_of(*table.root());
  event.former_incarnation = uuid_of(table.former_incarnation());
  TALLY_TRY_ASSIGN(event.fence, enum_of(table.fence(), core::RestoreFence::none));
  event.fork = fork_of(*table.fork());
  return core::EventPayload{std::move(event)};
}

}  // namespace tally::events::codec
