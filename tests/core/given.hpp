#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "core/event/decision.hpp"
#include "core/event/event.hpp"
#include "core/token/token_decider.hpp"

/// Rules as stories: `given(history).when(command).then(events)`, or `.then_error(code)`.
namespace tally::core::testing {

using namespace std::chrono_literals;

inline constexpr Timestamp kStart = timestamp_of_micros(1'795'470'303'000'000);

inline Uuid uuid_of(std::uint8_t number) {
  Uuid uuid;
  uuid.bytes[15] = number;
  return uuid;
}
inline Digest hash_of(std::uint32_t number) {
  Digest digest;
  digest.bytes[0] = 0xdd;
  digest.bytes[31] = static_cast<std::uint8_t>(number);
  return digest;
}
inline ScopeSet scopes(std::string_view text) { return *ScopeSet::parse(text, 1'000); }

inline const WorkspaceId kWorkspace{uuid_of(1)};
inline const WorkspaceId kOtherWorkspace{uuid_of(2)};
inline const UserId kAlice{uuid_of(11)};  ///< The owner of things.
inline const UserId kBob{uuid_of(12)};
inline const TokenId kToken{uuid_of(21)};
inline const AccessTokenId kAccess{uuid_of(31)};
inline const ResourceServerId kServer{uuid_of(41)};

inline CallerRights rights(UserId user, std::optional<Role> role) { return {user, role, false, true}; }
inline CallerRights the_operator(UserId user = kBob) { return {user, std::nullopt, true, true}; }

inline CommandContext context_at(Timestamp at, Actor actor = {ActorKind::user, kAlice.uuid()}) {
  CommandContext context;
  context.at = at;
  context.actor = actor;
  context.via = Via::api;
  return context;
}

/// Something that happened so long after kStart.
struct Past {
  Duration after{0};
  EventPayload payload;
};

inline Event event_of(const NewEvent& decided, Timestamp at, Actor actor = {ActorKind::user, kAlice.uuid()}) {
  Event event;
  event.recorded_at = at;
  event.workspace = decided.workspace;
  event.subject = decided.subject;
  event.subject_version = decided.subject_version;
  event.actor = actor;
  event.via = Via::api;
  event.payload = decided.payload;
  return event;
}

/// What a story ends with.
class Then {
 public:
  /// For subjects that keep no version.
  static constexpr std::uint64_t kNoVersion = ~std::uint64_t{0};

  Then(Decision decision, std::optional<WorkspaceId> workspace, Subject subject, std::uint64_t version)
      : decision_(std::move(decision)), workspace_(workspace), subject_(subject), version_(version) {}

  /// Accepted, with these events of the story's subject, in this order.
  const Then& then(const std::vector<EventPayload>& expected) const {
    INFO(refusal_text());
    CHECK_FALSE(decision_.refusal.has_value());
    check_events(expected);
    return *this;
  }
  /// Refused; by default without an event.
  const Then& then_error(Errc code, const std::string& field = {},
                         const std::vector<EventPayload>& expected = {}) const {
    REQUIRE(decision_.refusal.has_value());
    INFO(refusal_text());
    CHECK(name_of(decision_.refusal->code) == std::string{name_of(code)});
    CHECK(decision_.refusal->field == field);
    CHECK_FALSE(decision_.refusal->detail.empty());
    check_events(expected);
    return *this;
  }
  [[nodiscard]] const Decision& decision() const { return decision_; }

 private:
  [[nodiscard]] std::string refusal_text() const {
    return decision_.refusal.has_value() ? name_of(decision_.refusal->code) + (": " + decision_.refusal->detail) : "";
  }
  void check_events(const std::vector<EventPayload>& expected) const {
    REQUIRE(decision_.events.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const NewEvent& event = decision_.events[i];
      CHECK(name_of(type_of(event.payload)) == std::string{name_of(type_of(expected[i]))});
      CHECK(event.payload == expected[i]);
      CHECK(event.workspace == workspace_);
      CHECK(event.subject == subject_);
      CHECK(event.subject_version == (version_ == kNoVersion ? 0 : version_ + i + 1));
    }
  }

  Decision decision_;
  std::optional<WorkspaceId> workspace_;
  Subject subject_;
  std::uint64_t version_;
};

}  // namespace tally::core::testing
