#pragma once

#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include <flatbuffers/flatbuffers.h>

#include "core/base/limits.hpp"
#include "core/base/result.hpp"
#include "core/event/event.hpp"
#include "event_generated.h"

/// What the files of the codec share. Included by events/codec*.cpp only.
namespace tally::events::codec {

using Builder = flatbuffers::FlatBufferBuilder;

/// A payload's place in the buffer under construction. By what an encode() returns, codec.cpp knows which table of the
/// schema stands for an event.
template <class Table>
using PayloadOffset = flatbuffers::Offset<Table>;

static_assert(sizeof(core::Uuid) == sizeof(schema::Uuid) && alignof(schema::Uuid) == 1);
static_assert(sizeof(core::Digest) == sizeof(schema::Digest) && alignof(schema::Digest) == 1);

// --- building
// ------------------------------------------------------------------------------------------------------------

inline schema::Uuid stored(const core::Uuid& uuid) {
  schema::Uuid out;
  std::memcpy(&out, uuid.bytes.data(), sizeof out);
  return out;
}

inline schema::Digest stored(const core::Digest& digest) {
  schema::Digest out;
  std::memcpy(&out, digest.bytes.data(), sizeof out);
  return out;
}

/// An optional string: empty text is left out.
inline flatbuffers::Offset<flatbuffers::String> stored(Builder& builder, std::string_view text) {
  return text.empty() ? flatbuffers::Offset<flatbuffers::String>{} : builder.CreateString(text.data(), text.size());
}

/// A required string.
inline flatbuffers::Offset<flatbuffers::String> stored_always(Builder& builder, std::string_view text) {
  return builder.CreateString(text.data(), text.size());
}

/// A UUID that is left out when nil.
class MaybeUuid {
 public:
  explicit MaybeUuid(const core::Uuid& uuid) : stored_(stored(uuid)), present_(!uuid.is_nil()) {}
  [[nodiscard]] const schema::Uuid* get() const { return present_ ? &stored_ : nullptr; }

 private:
  schema::Uuid stored_;
  bool present_;
};

/// A confirmation that is left out when absent.
class MaybeConfirmation {
 public:
  explicit MaybeConfirmation(const std::optional<core::Confirmation>& confirmation)
      : present_(confirmation.has_value()) {
    if (!present_) return;
    stored_ = {static_cast<schema::ConfirmationMethod>(confirmation->method), stored(confirmation->thumbprint)};
  }
  [[nodiscard]] const schema::Confirmation* get() const { return present_ ? &stored_ : nullptr; }

 private:
  schema::Confirmation stored_;
  bool present_;
};

/// A digest that may be left out.
class MaybeDigest {
 public:
  explicit MaybeDigest(const std::optional<core::Digest>& digest) {
    if (digest) stored_ = stored(*digest);
  }
  [[nodiscard]] const schema::Digest* get() const { return stored_ ? &*stored_ : nullptr; }

 private:
  std::optional<schema::Digest> stored_;
};

/// Core and schema give the same numbers to the same names (checked by a test of every value).
template <class Stored, class Value>
Stored stored_enum(Value value) {
  return static_cast<Stored>(value);
}

/// What becomes of access tokens, where older events have no such field: `keep` is left out.
inline schema::AccessFate stored_unless_keep(core::AccessFate fate) {
  return fate == core::AccessFate::keep ? schema::AccessFate::none : stored_enum<schema::AccessFate>(fate);
}

// --- reading
// -------------------------------------------------------------------------------------------------------------

inline core::Uuid uuid_of(const schema::Uuid* stored) {
  core::Uuid uuid;
  if (stored != nullptr) std::memcpy(uuid.bytes.data(), stored, sizeof *stored);
  return uuid;
}

inline core::Digest digest_of(const schema::Digest& stored) {
  core::Digest digest;
  std::memcpy(digest.bytes.data(), &stored, sizeof stored);
  return digest;
}

inline std::optional<core::Digest> maybe_digest_of(const schema::Digest* stored) {
  return stored == nullptr ? std::nullopt : std::optional{digest_of(*stored)};
}

inline std::string text_of(const flatbuffers::String* stored) {
  return stored == nullptr ? std::string{} : std::string{stored->data(), stored->size()};
}

/// Errors: corrupt (a year outside 0000 to 9999).
core::Result<core::Timestamp> time_of(std::int64_t micros);
/// Errors: corrupt.
core::Result<core::ScopeSet> scope_of(const flatbuffers::String* stored);

/// An enum whose values are 1 to `last` without gaps. Errors: corrupt.
template <class Value, class Stored>
core::Result<Value> enum_of(Stored stored, Value last) {
  const auto number = static_cast<std::uint8_t>(stored);
  if (number == 0 || number > static_cast<std::uint8_t>(last)) {
    return core::fail(core::Errc::corrupt, "an event's enum has no meaning");
  }
  return static_cast<Value>(number);
}

/// Errors: corrupt.
inline core::Result<std::optional<core::Confirmation>> confirmation_of(const schema::Confirmation* stored) {
  if (stored == nullptr) return std::optional<core::Confirmation>{};
  TALLY_TRY_ASSIGN(const auto method, enum_of(stored->method(), core::ConfirmationMethod::x5t_s256));
  return std::optional{core::Confirmation{method, digest_of(stored->thumbprint())}};
}

/// As stored_unless_keep() writes it. Errors: corrupt, also for a keep that is written out: one fact has one encoding.
inline core::Result<core::AccessFate> fate_unless_keep(schema::AccessFate stored) {
  if (stored == schema::AccessFate::none) return core::AccessFate::keep;
  if (stored == schema::AccessFate::revoke) return core::AccessFate::revoke;
  return core::fail(core::Errc::corrupt, "an event's enum has no meaning");
}

/// Personal members of one event, from whichever parts hold them.
struct PersonalFields {
  std::string source_ip;
  std::string user_agent;
  std::string username;
  std::string display_name;
  std::string email;
  std::string password_verifier;
};

// --- codec_token.cpp
// -----------------------------------------------------------------------------------------------------

PayloadOffset<schema::TokenGenerated> encode(Builder& builder, const core::TokenGenerated& event);
PayloadOffset<schema::TokenRefreshed> encode(Builder& builder, const core::TokenRefreshed& event);
PayloadOffset<schema::TokenRefreshRetried> encode(Builder& builder, const core::TokenRefreshRetried& event);
PayloadOffset<schema::TokenReuseDetected> encode(Builder& builder, const core::TokenReuseDetected& event);
PayloadOffset<schema::TokenDisabled> encode(Builder& builder, const core::TokenDisabled& event);
PayloadOffset<schema::TokenDeleted> encode(Builder& builder, const core::TokenDeleted& event);
PayloadOffset<schema::AccessRevoked> encode(Builder& builder, const core::AccessRevoked& event);
PayloadOffset<schema::LegacyTokenImported> encode(Builder& builder, const core::LegacyTokenImported& event);
PayloadOffset<schema::AccessExchanged> encode(Builder& builder, const core::AccessExchanged& event);
PayloadOffset<schema::DescendantsDisabled> encode(Builder& builder, const core::DescendantsDisabled& event);
core::Result<core::EventPayload> decode(const schema::TokenGenerated& table);
core::Result<core::EventPayload> decode(const schema::TokenRefreshed& table);
core::Result<core::EventPayload> decode(const schema::TokenRefreshRetried& table);
core::Result<core::EventPayload> decode(const schema::TokenReuseDetected& table);
core::Result<core::EventPayload> decode(const schema::TokenDisabled& table);
core::Result<core::EventPayload> decode(const schema::TokenDeleted& table);
core::Result<core::EventPayload> decode(const schema::AccessRevoked& table);
core::Result<core::EventPayload> decode(const schema::LegacyTokenImported& table);
core::Result<core::EventPayload> decode(const schema::AccessExchanged& table);
core::Result<core::EventPayload> decode(const schema::DescendantsDisabled& table);

// --- codec_workspace.cpp
// -------------------------------------------------------------------------------------------------

PayloadOffset<schema::WorkspaceCreated> encode(Builder& builder, const core::WorkspaceCreated& event);
PayloadOffset<schema::PolicyChanged> encode(Builder& builder, const core::PolicyChanged& event);
PayloadOffset<schema::MemberAdded> encode(Builder& builder, const core::MemberAdded& event);
PayloadOffset<schema::MemberRoleChanged> encode(Builder& builder, const core::MemberRoleChanged& event);
PayloadOffset<schema::MemberRemoved> encode(Builder& builder, const core::MemberRemoved& event);
PayloadOffset<schema::ResourceServerAdded> encode(Builder& builder, const core::ResourceServerAdded& event);
PayloadOffset<schema::ResourceServerRemoved> encode(Builder& builder, const core::ResourceServerRemoved& event);
PayloadOffset<schema::CutOffMoved> encode(Builder& builder, const core::CutOffMoved& event);
core::Result<core::EventPayload> decode(const schema::WorkspaceCreated& table);
core::Result<core::EventPayload> decode(const schema::PolicyChanged& table);
core::Result<core::EventPayload> decode(const schema::MemberAdded& table);
core::Result<core::EventPayload> decode(const schema::MemberRoleChanged& table);
core::Result<core::EventPayload> decode(const schema::MemberRemoved& table);
core::Result<core::EventPayload> decode(const schema::ResourceServerAdded& table);
core::Result<core::EventPayload> decode(const schema::ResourceServerRemoved& table);
core::Result<core::EventPayload> decode(const schema::CutOffMoved& table);

// --- codec_identity.cpp
// --------------------------------------------------------------------------------------------------

PayloadOffset<schema::UserCreated> encode(Builder& builder, const core::UserCreated& event);
PayloadOffset<schema::UserDeactivated> encode(Builder& builder, const core::UserDeactivated& event);
PayloadOffset<schema::PasswordChanged> encode(Builder& builder, const core::PasswordChanged& event);
PayloadOffset<schema::SignedIn> encode(Builder& builder, const core::SignedIn& event);
PayloadOffset<schema::SignInFailed> encode(Builder& builder, const core::SignInFailed& event);
PayloadOffset<schema::UserReactivated> encode(Builder& builder, const core::UserReactivated& event);
PayloadOffset<schema::OperatorChanged> encode(Builder& builder, const core::OperatorChanged& event);
PayloadOffset<schema::OperatorRecovered> encode(Builder& builder, const core::OperatorRecovered& event);
PayloadOffset<schema::OffboardingCompleted> encode(Builder& builder, const core::OffboardingCompleted& event);
core::Result<core::EventPayload> decode(const schema::UserCreated& table, PersonalFields& personal);
core::Result<core::EventPayload> decode(const schema::UserDeactivated& table);
core::Result<core::EventPayload> decode(const schema::PasswordChanged& table, PersonalFields& personal);
core::Result<core::EventPayload> decode(const schema::OperatorChanged& table);
core::Result<core::EventPayload> decode(const schema::OperatorRecovered& table);
core::Result<core::EventPayload> decode(const schema::OffboardingCompleted& table);

/// Writes the event's personal parts; nothing if it has none. `scratch` is reused.
flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<schema::PersonalPart>>> encode_personal(
    Builder& builder, Builder& scratch, const core::Event& event);
/// Errors: corrupt, unknown_event (sealed in a way that this release does not know).
core::Result<PersonalFields> decode_personal(const schema::Event& event);

// --- codec_ledger.cpp
// ----------------------------------------------------------------------------------------------------

PayloadOffset<schema::LedgerStarted> encode(Builder& builder, const core::LedgerStarted& event);
PayloadOffset<schema::SigningKeyAdded> encode(Builder& builder, const core::SigningKeyAdded& event);
PayloadOffset<schema::SigningKeyRetired> encode(Builder& builder, const core::SigningKeyRetired& event);
PayloadOffset<schema::AuditRead> encode(Builder& builder, const core::AuditRead& event);
PayloadOffset<schema::ExportStarted> encode(Builder& builder, const core::ExportStarted& event);
PayloadOffset<schema::ExportCompleted> encode(Builder& builder, const core::ExportCompleted& event);
PayloadOffset<schema::CommandDenied> encode(Builder& builder, const core::CommandDenied& event);
PayloadOffset<schema::IssuerChanged> encode(Builder& builder, const core::IssuerChanged& event);
PayloadOffset<schema::ClockAccepted> encode(Builder& builder, const core::ClockAccepted& event);
PayloadOffset<schema::ClockAcceptanceCompleted> encode(Builder& builder, const core::ClockAcceptanceCompleted& event);
PayloadOffset<schema::LedgerVerified> encode(Builder& builder, const core::LedgerVerified& event);
PayloadOffset<schema::LedgerRecovered> encode(Builder& builder, const core::LedgerRecovered& event);
PayloadOffset<schema::LedgerRestored> encode(Builder& builder, const core::LedgerRestored& event);
core::Result<core::EventPayload> decode(const schema::LedgerStarted& table);
core::Result<core::EventPayload> decode(const schema::SigningKeyAdded& table);
core::Result<core::EventPayload> decode(const schema::SigningKeyRetired& table);
core::Result<core::EventPayload> decode(const schema::AuditRead& table);
core::Result<core::EventPayload> decode(const schema::ExportStarted& table);
core::Result<core::EventPayload> decode(const schema::ExportCompleted& table);
core::Result<core::EventPayload> decode(const schema::CommandDenied& table);
core::Result<core::EventPayload> decode(const schema::IssuerChanged& table);
core::Result<core::EventPayload> decode(const schema::ClockAccepted& table);
core::Result<core::EventPayload> decode(const schema::ClockAcceptanceCompleted& table);
core::Result<core::EventPayload> decode(const schema::LedgerVerified& table);
core::Result<core::EventPayload> decode(const schema::LedgerRecovered& table);
core::Result<core::EventPayload> decode(const schema::LedgerRestored& table);

}  // namespace tally::events::codec
