#include <array>
#include <vector>

#include "events/log/codec_parts.hpp"

namespace tally::events::codec {
namespace {

constexpr std::uint8_t kInTheClear = 0;
constexpr std::size_t kPersonalAlignment = 8;
constexpr std::size_t kPartsMax = 2;

/// Whose address and client it was. A client or the system is nobody: then it is told of the person whom the event is
/// about.
core::Uuid person_who_acted(const core::Event& event) {
  if (event.actor.kind == core::ActorKind::user || event.actor.kind == core::ActorKind::operator_person) {
    return event.actor.id;
  }
  return event.subject.kind == core::SubjectKind::user ? event.subject.id : core::Uuid{};
}

struct PersonalViews {
  std::string_view source_ip;
  std::string_view user_agent;
  std::string_view username;
  std::string_view display_name;
  std::string_view email;
  std::string_view password_verifier;
};

/// Personal members of the payload. They are the subject's.
bool add_payload(PersonalViews& views, const core::EventPayload& payload) {
  if (const auto* created = std::get_if<core::UserCreated>(&payload)) {
    views.username = created->username;
    views.display_name = created->display_name;
    views.email = created->email;
    views.password_verifier = created->password_verifier;
    return true;
  }
  if (const auto* changed = std::get_if<core::PasswordChanged>(&payload)) {
    views.password_verifier = changed->password_verifier;
    return true;
  }
  return false;
}

flatbuffers::Offset<schema::PersonalPart> encode_part(Builder& builder, Builder& scratch, const core::Uuid& person,
                                                      const PersonalViews& views) {
  scratch.Clear();
  const auto source_ip = stored(scratch, views.source_ip);
  const auto user_agent = stored(scratch, views.user_agent);
  const auto username = stored(scratch, views.username);
  const auto display_name = stored(scratch, views.display_name);
  const auto email = stored(scratch, views.email);
  const auto verifier = stored(scratch, views.password_verifier);
  scratch.Finish(schema::CreatePersonal(scratch, source_ip, user_agent, username, display_name, email, verifier));
  builder.ForceVectorAlignment(scratch.GetSize(), sizeof(std::uint8_t), kPersonalAlignment);
  const auto bytes = builder.CreateVector(scratch.GetBufferPointer(), scratch.GetSize());
  const MaybeUuid stored_person{person};
  return schema::CreatePersonalPart(builder, stored_person.get(), kInTheClear, bytes);
}

void take(std::string& out, const flatbuffers::String* stored) {
  if (stored != nullptr) out.assign(stored->data(), stored->size());
}

core::Result<void> decode_part(const schema::PersonalPart& part, PersonalFields& fields) {
  if (part.seal() != kInTheClear) return core::fail(core::Errc::unknown_event, "a personal part is sealed");
  // A damaged buffer may place the part at an odd address, where its numbers must not be read.
  const auto* data = part.bytes()->data();
  const std::size_t size = part.bytes()->size();
  std::vector<std::uint64_t> aligned;
  if (reinterpret_cast<std::uintptr_t>(data) % kPersonalAlignment != 0) {
    aligned.resize(size / sizeof(std::uint64_t) + 1);
    std::memcpy(aligned.data(), data, size);
    data = reinterpret_cast<const std::uint8_t*>(aligned.data());
  }
  flatbuffers::Verifier verifier{data, size, 4, 8};
  if (!verifier.VerifyBuffer<schema::Personal>(nullptr)) {
    return core::fail(core::Errc::corrupt, "a personal part is no valid buffer");
  }
  const auto& personal = *flatbuffers::GetRoot<schema::Personal>(data);
  take(fields.source_ip, personal.source_ip());
  take(fields.user_agent, personal.user_agent());
  take(fields.username, personal.username());
  take(fields.display_name, personal.display_name());
  take(fields.email, personal.email());
  take(fields.password_verifier, personal.password_verifier());
  return {};
}

}  // namespace

flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<schema::PersonalPart>>> encode_personal(
    Builder& builder, Builder& scratch, const core::Event& event) {
  PersonalViews acting{event.origin.source_ip, event.origin.user_agent, {}, {}, {}, {}};
  const bool has_origin = !acting.source_ip.empty() || !acting.user_agent.empty();
  const core::Uuid actor = person_who_acted(event);
  PersonalViews about;
  const bool has_payload = add_payload(about, event.payload);
  if (!has_origin && !has_payload) return {};

  std::array<flatbuffers::Offset<schema::PersonalPart>, kPartsMax> parts;
  std::size_t count = 0;
  if (has_origin && has_payload && actor == event.subject.id) {
    add_payload(acting, event.payload);
    parts[count++] = encode_part(builder, scratch, actor, acting);
  } else {
    if (has_origin) parts[count++] = encode_part(builder, scratch, actor, acting);
    if (has_payload) parts[count++] = encode_part(builder, scratch, event.subject.id, about);
  }
  return builder.CreateVector(parts.data(), count);
}

core::Result<PersonalFields> decode_personal(const schema::Event& event) {
  PersonalFields fields;
  if (event.personal() == nullptr) return fields;
  if (event.personal()->size() > kPartsMax)
    return core::fail(core::Errc::corrupt, "an event has too many personal parts");
  for (const auto* part : *event.personal()) TALLY_TRY(decode_part(*part, fields));
  return fields;
}

PayloadOffset<schema::UserCreated> encode(Builder& builder, const core::UserCreated& event) {
  return schema::CreateUserCreated(builder, event.is_operator);
}

PayloadOffset<schema::UserDeactivated> encode(Builder& builder, const core::UserDeactivated& event) {
  const auto reason = stored(builder, event.reason);
  return schema::CreateUserDeactivated(builder, stored_unless_keep(event.access), reason, event.has_more_tokens);
}

PayloadOffset<schema::PasswordChanged> encode(Builder& builder, const core::PasswordChanged&) {
  return schema::CreatePasswordChanged(builder);
}

PayloadOffset<schema::SignedIn> encode(Builder& builder, const core::SignedIn&) {
  return schema::CreateSignedIn(builder);
}

PayloadOffset<schema::SignInFailed> encode(Builder& builder, const core::SignInFailed&) {
  return schema::CreateSignInFailed(builder);
}

PayloadOffset<schema::UserReactivated> encode(Builder& builder, const core::UserReactivated&) {
  return schema::CreateUserReactivated(builder);
}

PayloadOffset<schema::OperatorChanged> encode(Builder& builder, const core::OperatorChanged& event) {
  return schema::CreateOperatorChanged(builder, stored_enum<schema::ServerStanding>(event.standing));
}

PayloadOffset<schema::OperatorRecovered> encode(Builder& builder, const core::OperatorRecovered& event) {
  const MaybeUuid nonce{event.nonce};
  return schema::CreateOperatorRecovered(builder, stored_enum<schema::RecoveryMeans>(event.means), nonce.get());
}

PayloadOffset<schema::OffboardingCompleted> encode(Builder& builder, const core::OffboardingCompleted& event) {
  return schema::CreateOffboardingCompleted(builder, event.tokens_disabled, event.access_revoked);
}

core::Result<core::EventPayload> decode(const schema::UserDeactivated& table) {
  core::UserDeactivated event;
  TALLY_TRY_ASSIGN(event.access, fate_unless_keep(table.access()));
  event.reason = text_of(table.reason());
  event.has_more_tokens = table.has_more_tokens();
  return core::EventPayload{std::move(event)};
}

core::Result<core::EventPayload> decode(const schema::OperatorChanged& table) {
  TALLY_TRY_ASSIGN(const auto standing, enum_of(table.standing(), core::ServerStanding::auditor));
  return core::EventPayload{core::OperatorChanged{standing}};
}

core::Result<core::EventPayload> decode(const schema::OperatorRecovered& table) {
  TALLY_TRY_ASSIGN(const auto means, enum_of(table.means(), core::RecoveryMeans::file));
  return core::EventPayload{core::OperatorRecovered{means, uuid_of(table.nonce())}};
}

core::Result<core::EventPayload> decode(const schema::OffboardingCompleted& table) {
  return core::EventPayload{core::OffboardingCompleted{table.tokens_disabled(), table.access_revoked()}};
}

core::Result<core::EventPayload> decode(const schema::UserCreated& table, PersonalFields& personal) {
  return core::EventPayload{core::UserCreated{table.is_operator(), std::move(personal.username),
                                              std::move(personal.display_name), std::move(personal.email),
                                              std::move(personal.password_verifier)}};
}

core::Result<core::EventPayload> decode(const schema::PasswordChanged&, PersonalFields& personal) {
  return core::EventPayload{core::PasswordChanged{std::move(personal.password_verifier)}};
}

}  // namespace tally::events::codec
