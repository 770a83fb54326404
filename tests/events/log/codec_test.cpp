#include "events/log/codec.hpp"

#include <algorithm>
#include <cstring>
#include <set>
#include <vector>

#include <catch2/catch.hpp>

#include "core/base/limits.hpp"
#include "event_generated.h"
#include "tests/events/sample_events.hpp"

namespace tally {
namespace {

namespace schema = events::schema;

std::vector<std::uint8_t> encoded(const core::Event& event) {
  events::EventEncoder encoder;
  const auto bytes = encoder.encode(event);
  REQUIRE(bytes.has_value());
  return {bytes->begin(), bytes->end()};
}

core::Event sample(core::EventType type) {
  const auto samples = testing::sample_events();
  const auto found = std::find_if(samples.begin(), samples.end(),
                                  [&](const core::Event& event) { return core::type_of(event.payload) == type; });
  REQUIRE(found != samples.end());
  return *found;
}

TEST_CASE("codec: every event type comes back as it was", "[events][codec]") {
  std::set<core::EventType> types;
  for (const core::Event& event : testing::sample_events()) {
    INFO(core::name_of(core::type_of(event.payload)));
    const auto decoded = events::decode_event(encoded(event));
    REQUIRE(decoded.has_value());
    CHECK(*decoded == event);
    types.insert(core::type_of(event.payload));
  }
  CHECK(types.size() == std::variant_size_v<core::EventKinds>);
}

TEST_CASE("codec: an event with nothing in its optional fields comes back as it was", "[events][codec]") {
  core::Event event;
  event.payload = core::WorkspaceCreated{};
  const auto decoded = events::decode_event(encoded(event));
  REQUIRE(decoded.has_value());
  CHECK(*decoded == event);
}

TEST_CASE("codec: a token that is bound to no key has no confirmation", "[events][codec]") {
  core::Event event = sample(core::EventType::token_generated);
  std::get<core::TokenGenerated>(event.payload).confirmation.reset();
  CHECK(events::decode_event(encoded(event)).value() == event);
  event.payload = core::TokenRefreshed{1, {}, {}, {}, {}, std::nullopt, ""};
  CHECK(events::decode_event(encoded(event)).value() == event);
}

TEST_CASE("codec: every value of every enum comes back as it was", "[events][codec]") {
  core::Event event = sample(core::EventType::token_disabled);
  for (int via = 1; via <= 5; ++via) {
    for (int kind = 1; kind <= 6; ++kind) {
      event.via = static_cast<core::Via>(via);
      event.subject.kind = static_cast<core::SubjectKind>(std::min(kind, 5));
      event.actor.kind = static_cast<core::ActorKind>(std::min(kind, 4));
      event.credential.kind = static_cast<core::CredentialKind>(kind);
      event.payload =
          core::TokenDisabled{static_cast<core::DisableCause>(kind), static_cast<core::AccessFate>(1 + kind % 2), ""};
      const auto decoded = events::decode_event(encoded(event));
      REQUIRE(decoded.has_value());
      CHECK(*decoded == event);
    }
  }
}

TEST_CASE("codec: the schema's numbers are core's", "[events][codec]") {
  CHECK(static_cast<int>(schema::SubjectKind::MAX) == static_cast<int>(core::SubjectKind::ledger));
  CHECK(static_cast<int>(schema::ActorKind::operator_person) == static_cast<int>(core::ActorKind::operator_person));
  CHECK(static_cast<int>(schema::ActorKind::MAX) == static_cast<int>(core::ActorKind::system));
  CHECK(static_cast<int>(schema::Via::oauth) == static_cast<int>(core::Via::oauth));
  CHECK(static_cast<int>(schema::Via::MAX) == static_cast<int>(core::Via::system));
  CHECK(static_cast<int>(schema::Role::MAX) == static_cast<int>(core::Role::auditor));
  CHECK(static_cast<int>(schema::DisableCause::MAX) == static_cast<int>(core::DisableCause::clock));
  CHECK(static_cast<int>(schema::CredentialKind::MAX) == static_cast<int>(core::CredentialKind::legacy_token));
  CHECK(static_cast<int>(schema::ServerStanding::MAX) == static_cast<int>(core::ServerStanding::auditor));
  CHECK(static_cast<int>(schema::RecoveryMeans::MAX) == static_cast<int>(core::RecoveryMeans::file));
  CHECK(static_cast<int>(schema::AccessFate::MAX) == static_cast<int>(core::AccessFate::revoke));
  CHECK(static_cast<int>(schema::ConfirmationMethod::MAX) == static_cast<int>(core::ConfirmationMethod::x5t_s256));
  CHECK(static_cast<int>(schema::WhoMayGenerate::MAX) == static_cast<int>(core::WhoMayGenerate::admins));
  for (const schema::Payload payload : schema::EnumValuesPayload()) {
    if (payload == schema::Payload::NONE) continue;
    const auto type = core::parse_event_type(schema::EnumNamePayload(payload));
    REQUIRE(type.has_value());
    CHECK(static_cast<int>(*type) == static_cast<int>(payload));
  }
}

TEST_CASE("codec: bytes at an odd address decode", "[events][codec]") {
  const auto event = sample(core::EventType::user_created);
  const auto bytes = encoded(event);
  std::vector<std::uint8_t> moved(bytes.size() + 8);
  for (std::size_t shift = 1; shift < 8; ++shift) {
    std::memcpy(moved.data() + shift, bytes.data(), bytes.size());
    const auto decoded = events::decode_event({moved.data() + shift, bytes.size()});
    REQUIRE(decoded.has_value());
    CHECK(*decoded == event);
  }
}

TEST_CASE("codec: an event over the bound is too large", "[events][codec]") {
  core::Event event = sample(core::EventType::audit_read);
  event.payload = core::AuditRead{std::string(core::limits::kEventBytesMax, 'x'), 1};
  events::EventEncoder encoder;
  const auto bytes = encoder.encode(event);
  REQUIRE(bytes.has_error());
  CHECK(bytes.error().code == core::Errc::too_large);
  // The encoder goes on.
  CHECK(encoder.encode(sample(core::EventType::audit_read)).has_value());
}

TEST_CASE("codec: a type of a later release is unknown, not corrupt", "[events][codec]") {
  auto bytes = encoded(sample(core::EventType::signed_in));
  auto* event = flatbuffers::GetMutableRoot<schema::Event>(bytes.data());
  auto* table = reinterpret_cast<flatbuffers::Table*>(event);
  REQUIRE(table->SetField<std::uint16_t>(schema::Event::VT_TYPE, 200, 0));
  REQUIRE(table->SetField<std::uint8_t>(schema::Event::VT_PAYLOAD_TYPE, 200, 0));
  const auto decoded = events::decode_event(bytes);
  REQUIRE(decoded.has_error());
  CHECK(decoded.error().code == core::Errc::unknown_event);
}

TEST_CASE("codec: a type that does not fit the payload is corrupt", "[events][codec]") {
  auto bytes = encoded(sample(core::EventType::signed_in));
  auto* table = reinterpret_cast<flatbuffers::Table*>(flatbuffers::GetMutableRoot<schema::Event>(bytes.data()));
  REQUIRE(table->SetField<std::uint16_t>(schema::Event::VT_TYPE, 44, 0));
  const auto decoded = events::decode_event(bytes);
  REQUIRE(decoded.has_error());
  CHECK(decoded.error().code == core::Errc::corrupt);
}

TEST_CASE("codec: an enum or time without meaning is corrupt", "[events][codec]") {
  auto bytes = encoded(sample(core::EventType::token_disabled));
  auto* table = reinterpret_cast<flatbuffers::Table*>(flatbuffers::GetMutableRoot<schema::Event>(bytes.data()));
  SECTION("via") { REQUIRE(table->SetField<std::uint8_t>(schema::Event::VT_VIA, 6, 0)); }
  SECTION("via, none") { REQUIRE(table->SetField<std::uint8_t>(schema::Event::VT_VIA, 0, 0)); }
  SECTION("subject kind") { REQUIRE(table->SetField<std::uint8_t>(schema::Event::VT_SUBJECT_KIND, 6, 0)); }
  SECTION("actor kind") { REQUIRE(table->SetField<std::uint8_t>(schema::Event::VT_ACTOR_KIND, 5, 0)); }
  SECTION("year 10000") {
    REQUIRE(table->SetField<std::int64_t>(schema::Event::VT_RECORDED_AT, 253'402'300'800'000'000, 0));
  }
  SECTION("cause") {
    auto* payload = static_cast<flatbuffers::Table*>(
        const_cast<void*>(flatbuffers::GetRoot<schema::Event>(bytes.data())->payload()));
    REQUIRE(payload->SetField<std::uint8_t>(schema::TokenDisabled::VT_CAUSE, 8, 0));
  }
  const auto decoded = events::decode_event(bytes);
  REQUIRE(decoded.has_error());
  CHECK(decoded.error().code == core::Errc::corrupt);
}

TEST_CASE("codec: a reading that is not before the event is corrupt", "[events][codec]") {
  core::Event event = sample(core::EventType::token_refreshed);
  event.read_at = event.recorded_at - core::Duration{1};
  CHECK(events::decode_event(encoded(event))->reading() == *event.read_at);
  event.read_at = event.recorded_at;
  const auto decoded = events::decode_event(encoded(event));
  REQUIRE(decoded.has_error());
  CHECK(decoded.error().code == core::Errc::corrupt);
}

TEST_CASE("codec: personal data lies in its person's part, and nowhere else", "[events][codec]") {
  const core::Event event = sample(core::EventType::user_created);
  const auto bytes = encoded(event);
  const auto* parts = schema::GetEvent(bytes.data())->personal();
  REQUIRE(parts != nullptr);
  REQUIRE(parts->size() == 2);
  CHECK(std::memcmp(parts->Get(0)->person(), event.actor.id.bytes.data(), 16) == 0);
  CHECK(std::memcmp(parts->Get(1)->person(), event.subject.id.bytes.data(), 16) == 0);
  auto without = bytes;
  for (const auto* part : *schema::GetEvent(without.data())->personal()) {
    const auto offset = part->bytes()->data() - without.data();
    std::fill_n(without.begin() + offset, part->bytes()->size(), std::uint8_t{0});
  }
  const std::string rest{core::as_text(without)};
  for (const char* personal : {"ada", "Ada Lovelace", "ada@example.org", "argon2id", "192.0.2.17", "curl"}) {
    CHECK(core::as_text(bytes).find(personal) != std::string::npos);
    CHECK(rest.find(personal) == std::string::npos);
  }
}

TEST_CASE("codec: a sealed part is of a later release", "[events][codec]") {
  auto bytes = encoded(sample(core::EventType::signed_in));
  core::Event event = sample(core::EventType::signed_in);
  flatbuffers::FlatBufferBuilder builder;
  const auto sealed = builder.CreateVector(std::vector<std::uint8_t>{1, 2, 3});
  const auto part = schema::CreatePersonalPart(builder, nullptr, 1, sealed);
  const auto parts = builder.CreateVector(&part, 1);
  const auto payload = schema::CreateSignedIn(builder).Union();
  const schema::Uuid id;
  schema::FinishEventBuffer(builder, schema::CreateEvent(builder, 1, &id, 1, nullptr, 0, schema::SubjectKind::user,
                                                         nullptr, 0, schema::ActorKind::user, nullptr, schema::Via::api,
                                                         0, 0, 43, 0, schema::Payload::SignedIn, payload, parts));
  const auto decoded = events::decode_event({builder.GetBufferPointer(), builder.GetSize()});
  REQUIRE(decoded.has_error());
  CHECK(decoded.error().code == core::Errc::unknown_event);
}

}  // namespace
}  // namespace tally
