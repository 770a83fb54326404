#pragma once

#include <optional>
#include <string>

#include "core/bytes.hpp"
#include "core/ids.hpp"
#include "core/time.hpp"

/// Commands that only record a fact about the ledger itself. They have no rules: the edge has checked who may.
namespace tally::core {

struct RecordSigningKey {
  struct Outcome {};
  std::string key_id;
  std::string algorithm;
  Bytes public_key;
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

}  // namespace tally::core
