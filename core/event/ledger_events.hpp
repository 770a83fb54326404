#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "core/event/event_type.hpp"
#include "core/state/signing_key_state.hpp"

/// What happens to the ledger itself. Source: core/event/event.hpp.
namespace tally::core {

/// A process opened the ledger, which then held `size` events under Merkle root `root`.
struct LedgerStarted {
  static constexpr EventType kType = EventType::ledger_started;
  static constexpr const char* kName = "LedgerStarted";
  Uuid incarnation;
  std::uint64_t size = 0;
  Digest root;
  bool operator==(const LedgerStarted&) const = default;
};

struct SigningKeyAdded {
  static constexpr EventType kType = EventType::signing_key_added;
  static constexpr const char* kName = "SigningKeyAdded";
  std::string key_id;           ///< RFC 7638 thumbprint.
  std::string algorithm;        ///< JOSE name: "EdDSA", "ES256" or "RS256".
  Bytes public_key;             ///< As VerifyingKey::bytes() gives it.
  Timestamp activates_at = {};  ///< It signs from then on. The epoch: it signed as soon as it was there.
  bool operator==(const SigningKeyAdded&) const = default;
};

/// Nothing that the key has signed is accepted any more.
struct SigningKeyRetired {
  static constexpr EventType kType = EventType::signing_key_retired;
  static constexpr const char* kName = "SigningKeyRetired";
  std::string key_id;
  KeyRetirement retirement = KeyRetirement::expired;
  bool operator==(const SigningKeyRetired&) const = default;
};

/// Somebody read the audit of a workspace.
struct AuditRead {
  static constexpr EventType kType = EventType::audit_read;
  static constexpr const char* kName = "AuditRead";
  std::string filter;  ///< The query as it was asked.
  std::uint64_t items = 0;
  bool operator==(const AuditRead&) const = default;
};

struct ExportStarted {
  static constexpr EventType kType = EventType::export_started;
  static constexpr const char* kName = "ExportStarted";
  ExportId export_id;
  std::string format;
  std::string filter;
  bool operator==(const ExportStarted&) const = default;
};

struct ExportCompleted {
  static constexpr EventType kType = EventType::export_completed;
  static constexpr const char* kName = "ExportCompleted";
  ExportId export_id;
  std::uint64_t events_exported = 0;
  std::uint64_t events_filtered_out = 0;
  std::uint64_t bytes = 0;
  Digest sha256;
  bool operator==(const ExportCompleted&) const = default;
};

/// Somebody was refused. The first attempt stands alone; what the same caller repeats for the same reason within a
/// minute is counted in one more event.
struct CommandDenied {
  static constexpr EventType kType = EventType::command_denied;
  static constexpr const char* kName = "CommandDenied";
  std::string command;  ///< What was attempted: "POST /v1/users".
  std::string reason;   ///< The name of the Errc.
  TokenId token;        ///< Nil: not about one token.
  std::uint64_t count = 0;
  Timestamp first_at;
  bool operator==(const CommandDenied&) const = default;
};

/// A server was started with an issuer that somebody gave: access tokens name it from then on.
struct IssuerChanged {
  static constexpr EventType kType = EventType::issuer_changed;
  static constexpr const char* kName = "IssuerChanged";
  std::string issuer;
  std::string before;  ///< What had been given before; empty: nothing.
  bool operator==(const IssuerChanged&) const = default;
};

/// Whoever runs the machine said that its clock was right, and that the ledger's time was not: the one event that is
/// dated earlier than the one before it. Time goes on from it. Source: docs/adr/0035.
struct ClockAccepted {
  static constexpr EventType kType = EventType::clock_accepted;
  static constexpr const char* kName = "ClockAccepted";
  Sequence first_ahead;   ///< The first event that is dated later than this one: from it on, all before it are.
  Timestamp ledger_time;  ///< Of the event before it.
  std::optional<Sequence> previous = {};  ///< The ClockAccepted before it.
  bool operator==(const ClockAccepted&) const = default;
};

/// Every token that was made between `first_ahead` and the last ClockAccepted is stopped.
struct ClockAcceptanceCompleted {
  static constexpr EventType kType = EventType::clock_acceptance_completed;
  static constexpr const char* kName = "ClockAcceptanceCompleted";
  std::uint64_t tokens_disabled = 0;
  bool operator==(const ClockAcceptanceCompleted&) const = default;
};

/// The whole log was read and hashed while it was served: the evidence that changes are looked for.
struct LedgerVerified {
  static constexpr EventType kType = EventType::ledger_verified;
  static constexpr const char* kName = "LedgerVerified";
  std::uint64_t size = 0;  ///< Events that were looked at.
  Digest root;             ///< Of them, as they were found.
  std::uint64_t damaged = 0;
  bool operator==(const LedgerVerified&) const = default;
};

/// A ledger that goes on from less than somebody knows of it. What lies behind `size` is written a second time, so
/// where that is known to have been signed or anchored, history forks: a new key signs under a new name. Source:
/// docs/adr/0060.
struct Fork {
  std::uint64_t known_size = 0;  ///< The most that somebody is known to have seen.
  Digest known_root;             ///< Of it; 0 if nothing is known.
  std::uint32_t number = 0;      ///< From 1 on, of this ledger's forks; 0: history goes on as it was.
  std::string old_key = {};      ///< The verifier key up to here, if it has been replaced.
  bool operator==(const Fork&) const = default;
};

/// Somebody gave up what was missing.
struct LedgerRecovered {
  static constexpr EventType kType = EventType::ledger_recovered;
  static constexpr const char* kName = "LedgerRecovered";
  std::uint64_t size = 0;  ///< What was found,
  Digest root;
  Fork fork;  ///< and what had been there.
  bool operator==(const LedgerRecovered&) const = default;
};

/// What becomes of tokens that may have been stopped since a backup was made.
enum class RestoreFence : std::uint8_t {
  all = 1,    ///< Every one is stopped.
  newer = 2,  ///< Those that something newer names.
  none = 3,   ///< They live.
};
const char* name_of(RestoreFence fence);

/// A backup took the ledger's place.
struct LedgerRestored {
  static constexpr EventType kType = EventType::ledger_restored;
  static constexpr const char* kName = "LedgerRestored";
  std::string backup;      ///< Its name.
  std::uint64_t size = 0;  ///< What it held,
  Digest root;
  Uuid former_incarnation;  ///< of the last start in it,
  RestoreFence fence = RestoreFence::all;
  Fork fork;  ///< and what had been there.
  bool operator==(const LedgerRestored&) const = default;
};

}  // namespace tally::core
