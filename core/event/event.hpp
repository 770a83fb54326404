#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "core/event/event_type.hpp"
#include "core/event/ledger_events.hpp"
#include "core/event/person_events.hpp"
#include "core/event/subject.hpp"
#include "core/event/token_events.hpp"
#include "core/event/workspace_events.hpp"
#include "core/state/context.hpp"

/// What happened. Every struct is one event type; none changes after a release: fields are only added, or a type is.
/// Its number and name stand in it, and EventKinds is the only list of them.
/// Members marked (personal) are written to the personal part of the stored event, which can be sealed per person
/// later.
namespace tally::core {

/// The order is not the stored number: that is kType.
using EventKinds =
    std::variant<TokenGenerated, TokenRefreshed, TokenRefreshRetried, TokenReuseDetected, TokenDisabled, TokenDeleted,
                 AccessRevoked, LegacyTokenImported, AccessExchanged, DescendantsDisabled, WorkspaceCreated,
                 PolicyChanged, MemberAdded, MemberRoleChanged, MemberRemoved, ResourceServerAdded,
                 ResourceServerRemoved, CutOffMoved, UserCreated, UserDeactivated, PasswordChanged, SignedIn,
                 SignInFailed, UserReactivated, OperatorChanged, OperatorRecovered, OffboardingCompleted, LedgerStarted,
                 SigningKeyAdded, AuditRead, ExportStarted, ExportCompleted, SigningKeyRetired, CommandDenied,
                 ClockAccepted, IssuerChanged, ClockAcceptanceCompleted, LedgerVerified, LedgerRecovered,
                 LedgerRestored>;

/// One of them. How it is copied, moved and destroyed is compiled once: a variant of so many kinds costs every source
/// that holds an event some seconds.
class EventPayload : public EventKinds {
 public:
  using EventKinds::EventKinds;
  EventPayload();
  EventPayload(const EventPayload& other);
  EventPayload(EventPayload&& other) noexcept;
  EventPayload& operator=(const EventPayload& other);
  EventPayload& operator=(EventPayload&& other) noexcept;
  ~EventPayload();
  bool operator==(const EventPayload& other) const;
};

EventType type_of(const EventPayload& payload);
/// What a decision yields: an event without its place in the log.
struct NewEvent {
  std::optional<WorkspaceId> workspace;
  Subject subject;
  std::uint64_t subject_version = 0;  ///< The subject's version after this event; 0 where versions are not kept.
  EventPayload payload;
  bool operator==(const NewEvent&) const = default;
};

/// An event in its place.
struct Event {
  Sequence sequence;
  EventId id;
  Timestamp recorded_at;  ///< Never earlier than the event before it, but for a ClockAccepted.
  /// What the clock of its command said, if that was earlier: lives are counted from it, and order is not.
  std::optional<Timestamp> read_at;
  std::optional<WorkspaceId> workspace;
  std::uint64_t workspace_sequence = 0;  ///< Dense from 0 within the workspace; 0 if there is none.
  Subject subject;
  std::uint64_t subject_version = 0;
  Actor actor;
  Via via = Via::system;
  Credential credential;
  Origin origin;
  EventPayload payload;
  bool operator==(const Event&) const = default;

  /// The reading of its command's clock.
  [[nodiscard]] Timestamp reading() const { return read_at.value_or(recorded_at); }
};

}  // namespace tally::core
