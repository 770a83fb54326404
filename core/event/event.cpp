#include "core/event/event.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <type_traits>
#include <utility>

#include "core/base/check.hpp"

namespace tally::core {
namespace {

struct NamedType {
  EventType type;
  const char* name;
};

template <std::size_t... Index>
constexpr auto types_of(std::index_sequence<Index...>) {
  return std::array{NamedType{std::variant_alternative_t<Index, EventKinds>::kType,
                              std::variant_alternative_t<Index, EventKinds>::kName}...};
}

constexpr auto kTypes = types_of(std::make_index_sequence<std::variant_size_v<EventKinds>>{});

constexpr std::array kStops{EventType::token_reuse_detected,
                            EventType::token_disabled,
                            EventType::token_deleted,
                            EventType::access_revoked,
                            EventType::descendants_disabled,
                            EventType::member_removed,
                            EventType::resource_server_removed,
                            EventType::cut_off_moved,
                            EventType::user_deactivated,
                            EventType::offboarding_completed,
                            EventType::signing_key_retired,
                            EventType::signed_in,
                            EventType::operator_recovered,
                            EventType::ledger_started,
                            EventType::issuer_changed,
                            EventType::clock_accepted,
                            EventType::clock_acceptance_completed,
                            EventType::ledger_recovered,
                            EventType::ledger_restored};

}  // namespace

// The moves are said to be so in the header: a kind that can not keep that ends here, and not in a full memory.
static_assert(std::is_nothrow_move_constructible_v<EventKinds> && std::is_nothrow_move_assignable_v<EventKinds>);

EventPayload::EventPayload() = default;
EventPayload::EventPayload(const EventPayload& other) = default;
EventPayload::EventPayload(EventPayload&& other) noexcept = default;
EventPayload& EventPayload::operator=(const EventPayload& other) = default;
EventPayload& EventPayload::operator=(EventPayload&& other) noexcept = default;
EventPayload::~EventPayload() = default;
bool EventPayload::operator==(const EventPayload& other) const {
  return static_cast<const EventKinds&>(*this) == static_cast<const EventKinds&>(other);
}

bool is_stop(EventType type) { return std::find(kStops.begin(), kStops.end(), type) != kStops.end(); }

EventType type_of(const EventPayload& payload) {
  return std::visit([]<class Payload>(const Payload&) { return Payload::kType; }, payload);
}

const char* name_of(EventType type) {
  for (const NamedType& known : kTypes) {
    if (known.type == type) return known.name;
  }
  check_failed("a known EventType", __FILE__, __LINE__, std::to_string(static_cast<int>(type)));
}

Result<EventType> parse_event_type(std::string_view name) {
  for (const NamedType& known : kTypes) {
    if (name == known.name) return known.type;
  }
  return invalid("type", "not the name of an event type");
}

const char* name_of(RestoreFence fence) {
  switch (fence) {
    case RestoreFence::all:
      return "all";
    case RestoreFence::newer:
      return "newer";
    case RestoreFence::none:
      return "none";
  }
  check_failed("a known RestoreFence", __FILE__, __LINE__, std::to_string(static_cast<int>(fence)));
}

const char* name_of(SubjectKind kind) {
  switch (kind) {
    case SubjectKind::token:
      return "token";
    case SubjectKind::workspace:
      return "workspace";
    case SubjectKind::user:
      return "user";
    case SubjectKind::resource_server:
      return "resource_server";
    case SubjectKind::ledger:
      return "ledger";
  }
  check_failed("a known SubjectKind", __FILE__, __LINE__, std::to_string(static_cast<int>(kind)));
}

}  // namespace tally::core
