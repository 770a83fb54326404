#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "core/base/bytes.hpp"
#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "core/crypto/signing_algorithm.hpp"

/// Commands about the ledger itself. Signing keys have rules (signing_key_decider.hpp); the others only record a fact,
/// and the edge has checked who may.
namespace tally::core {

struct AddSigningKey {
  struct Outcome {};
  std::string key_id;
  crypto::SigningAlgorithm algorithm = crypto::SigningAlgorithm::eddsa;
  Bytes public_key;
  std::chrono::seconds lead{0};  ///< How long it is published before it signs; 0: not at all.
};

/// Whether a key goes although something that it signed may be alive.
enum class Force : std::uint8_t { no, yes };
struct RetireSigningKey {
  struct Outcome {};
  std::string key_id;
  Force force = Force::no;
};

struct RecordAuditRead {
  struct Outcome {};
  WorkspaceId workspace;
  std::string filter;
  std::uint64_t items = 0;
};

struct RecordExportStarted {
  struct Outcome {};
  WorkspaceId workspace;
  ExportId export_id;
  std::string format;
  std::string filter;
};

struct RecordExportCompleted {
  struct Outcome {};
  WorkspaceId workspace;
  ExportId export_id;
  std::uint64_t events_exported = 0;
  std::uint64_t events_filtered_out = 0;
  std::uint64_t bytes = 0;
  Digest sha256;
};

/// Attempts that were refused, counted at the edge. The context is that of the first of them.
struct RecordDenied {
  struct Outcome {};
  std::optional<WorkspaceId> workspace;  ///< In whose audit it stands, if there is such a workspace.
  std::string command;
  std::string reason;
  TokenId token;  ///< Nil: not about one token.
  std::uint64_t count = 0;
  Timestamp first_at;
};

/// Of a start that was given another issuer than the ones before.
struct ChangeIssuer {
  struct Outcome {};
  std::string issuer;
  std::string before;  ///< Empty: none was given before.
};

/// Of the log, that was read whole while it was served.
struct RecordVerification {
  struct Outcome {};
  std::uint64_t size = 0;
  Digest root;
  std::uint64_t damaged = 0;
};

}  // namespace tally::core
