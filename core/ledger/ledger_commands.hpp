#pragma once

#include <string>

#include "core/bytes.hpp"
#include "core/ids.hpp"

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

}  // namespace tally::core
