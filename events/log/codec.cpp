#include "events/log/codec.hpp"

#include <array>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "events/log/codec_parts.hpp"
#include "events/log/schema_hash.hpp"

namespace tally::events {
namespace codec {
namespace {

constexpr std::size_t kBufferBytes = 1'024;
constexpr flatbuffers::uoffset_t kDepthMax = 8;
constexpr flatbuffers::uoffset_t kTablesMax = 16;

flatbuffers::Offset<schema::Event> encode_event(Builder& builder, Builder& scratch, const core::Event& event) {
  const auto payload = std::visit([&](const auto& value) { return encode(builder, value).Union(); }, event.payload);
  const auto personal = encode_personal(builder, scratch, event);
  const auto request_id = stored(builder, event.origin.request_id);
  const auto trace_id = stored(builder, event.origin.trace_id);
  const auto type = core::type_of(event.payload);
  const auto id = stored(event.id.uuid());
  const auto workspace = stored(event.workspace.value_or(core::WorkspaceId{}).uuid());
  const MaybeUuid subject{event.subject.id};
  const MaybeUuid actor{event.actor.id};
  const MaybeUuid credential_token{event.credential.token};
  const MaybeUuid credential_access_token{event.credential.access_token};
  const auto read_at =
      event.read_at ? flatbuffers::Optional<std::int64_t>{core::micros_of(*event.read_at)} : flatbuffers::nullopt;
  return schema::CreateEvent(
      builder, event.sequence.value, &id, core::micros_of(event.recorded_at), event.workspace ? &workspace : nullptr,
      event.workspace_sequence, stored_enum<schema::SubjectKind>(event.subject.kind), subject.get(),
      event.subject_version, stored_enum<schema::ActorKind>(event.actor.kind), actor.get(),
      stored_enum<schema::Via>(event.via), request_id, trace_id, static_cast<std::uint16_t>(type), kSchemaHash,
      static_cast<schema::Payload>(type), payload, personal, stored_enum<schema::CredentialKind>(event.credential.kind),
      credential_token.get(), credential_access_token.get(), read_at);
}

template <class Offset>
struct TableOf;
template <class Table>
struct TableOf<flatbuffers::Offset<Table>> {
  using Type = Table;
};

template <class Kind>
core::Result<core::EventPayload> decode_kind(const schema::Event& event, PersonalFields& personal) {
  using Table = typename TableOf<decltype(encode(std::declval<Builder&>(), std::declval<const Kind&>()))>::Type;
  static_assert(static_cast<std::uint16_t>(schema::PayloadTraits<Table>::enum_value) ==
                static_cast<std::uint16_t>(Kind::kType));
  const Table& table = *event.payload_as<Table>();
  if constexpr (std::is_empty_v<Kind>) {
    return core::EventPayload{Kind{}};
  } else if constexpr (requires { decode(table, personal); }) {
    return decode(table, personal);
  } else {
    return decode(table);
  }
}

/// The kinds of core are the only list: what can be encoded is decoded.
template <class... Kinds>
core::Result<core::EventPayload> decode_one_of(std::type_identity<std::variant<Kinds...>>, const schema::Event& event,
                                               PersonalFields& personal) {
  std::optional<core::Result<core::EventPayload>> payload;
  const auto decode_if = [&]<class Kind>(std::type_identity<Kind>) {
    if (event.type() != static_cast<std::uint16_t>(Kind::kType)) return false;
    payload.emplace(decode_kind<Kind>(event, personal));
    return true;
  };
  if ((decode_if(std::type_identity<Kinds>{}) || ...)) return *std::move(payload);
  return core::fail(core::Errc::unknown_event, "event type " + std::to_string(event.type()) + " is not known");
}

core::Result<core::EventPayload> decode_payload(const schema::Event& event, PersonalFields& personal) {
  return decode_one_of(std::type_identity<core::EventKinds>{}, event, personal);
}

core::Result<core::Credential> credential_of(const schema::Event& event) {
  core::Credential credential;
  if (event.credential_kind() != schema::CredentialKind::unrecorded) {
    TALLY_TRY_ASSIGN(credential.kind, enum_of(event.credential_kind(), core::CredentialKind::legacy_token));
  }
  credential.token = uuid_of(event.credential_token());
  credential.access_token = uuid_of(event.credential_access_token());
  return credential;
}

core::Result<core::Event> decode_table(const schema::Event& table) {
  // What the union holds and what the envelope says must agree, or the bytes were never written by an encoder.
  if (table.type() != static_cast<std::uint16_t>(table.payload_type())) {
    return core::fail(core::Errc::corrupt, "an event's type does not fit its payload");
  }
  core::Event event;
  event.sequence = core::Sequence{table.sequence()};
  event.id = core::EventId{uuid_of(table.id())};
  TALLY_TRY_ASSIGN(event.recorded_at, time_of(table.recorded_at()));
  if (const auto read_at = table.read_at()) {
    TALLY_TRY_ASSIGN(event.read_at, time_of(*read_at));
    if (event.read_at >= event.recorded_at) return core::fail(core::Errc::corrupt, "an event was read after it was");
  }
  if (table.workspace() != nullptr) {
    event.workspace = core::WorkspaceId{uuid_of(table.workspace())};
    // An event without a workspace has no such field: the two would be one and the same when written again.
    if (event.workspace->is_nil()) return core::fail(core::Errc::corrupt, "an event names the nil workspace");
  }
  event.workspace_sequence = table.workspace_sequence();
  TALLY_TRY_ASSIGN(event.subject.kind, enum_of(table.subject_kind(), core::SubjectKind::ledger));
  event.subject.id = uuid_of(table.subject_id());
  event.subject_version = table.subject_version();
  TALLY_TRY_ASSIGN(event.actor.kind, enum_of(table.actor_kind(), core::ActorKind::system));
  event.actor.id = uuid_of(table.actor_id());
  TALLY_TRY_ASSIGN(event.via, enum_of(table.via(), core::Via::system));
  TALLY_TRY_ASSIGN(event.credential, credential_of(table));
  event.origin.request_id = text_of(table.request_id());
  event.origin.trace_id = text_of(table.trace_id());
  TALLY_TRY_ASSIGN(auto personal, decode_personal(table));
  event.origin.source_ip = std::move(personal.source_ip);
  event.origin.user_agent = std::move(personal.user_agent);
  TALLY_TRY_ASSIGN(event.payload, decode_payload(table, personal));
  return event;
}

}  // namespace

core::Result<core::Timestamp> time_of(std::int64_t micros) {
  const core::Timestamp time = core::timestamp_of_micros(micros);
  if (!core::is_writable(time)) return core::fail(core::Errc::corrupt, "an event's time is out of range");
  return time;
}

core::Result<core::ScopeSet> scope_of(const flatbuffers::String* stored) {
  if (stored == nullptr) return core::ScopeSet{};
  auto scope = core::ScopeSet::parse({stored->data(), stored->size()}, core::limits::kScopesPerWorkspaceMax);
  if (scope.has_error()) return core::fail(core::Errc::corrupt, "an event's scopes do not parse");
  return scope;
}

}  // namespace codec

struct EventEncoder::State {
  codec::Builder builder{codec::kBufferBytes};
  codec::Builder scratch{codec::kBufferBytes};
};

EventEncoder::EventEncoder() : state_(std::make_unique<State>()) {}
EventEncoder::~EventEncoder() = default;

core::Result<core::ByteView> EventEncoder::encode(const core::Event& event) {
  auto& builder = state_->builder;
  builder.Clear();
  schema::FinishEventBuffer(builder, codec::encode_event(builder, state_->scratch, event));
  if (builder.GetSize() > core::limits::kEventBytesMax) {
    return core::fail(core::Errc::too_large, "an event of " + std::to_string(builder.GetSize()) + " bytes");
  }
  return core::ByteView{builder.GetBufferPointer(), builder.GetSize()};
}

core::Result<core::Event> decode_event(core::ByteView bytes) {
  if (bytes.size() > core::limits::kEventBytesMax) return core::fail(core::Errc::corrupt, "an event is too long");
  // Rows lie at any address; numbers in a buffer are read at their natural alignment only.
  alignas(8) thread_local std::array<std::uint8_t, core::limits::kEventBytesMax + 1> aligned;
  const std::uint8_t* data = bytes.data();
  if (reinterpret_cast<std::uintptr_t>(data) % alignof(std::uint64_t) != 0) {
    std::memcpy(aligned.data(), data, bytes.size());
    data = aligned.data();
  }
  flatbuffers::Verifier verifier{data, bytes.size(), codec::kDepthMax, codec::kTablesMax};
  if (!schema::VerifyEventBuffer(verifier)) return core::fail(core::Errc::corrupt, "an event is no valid buffer");
  return codec::decode_table(*schema::GetEvent(data));
}

}  // namespace tally::events
