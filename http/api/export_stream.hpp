#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/base/ids.hpp"
#include "core/crypto/hash.hpp"
#include "core/state/context.hpp"
#include "http/formats/export_formats.hpp"
#include "http/formats/people_names.hpp"
#include "http/server/clock.hpp"
#include "http/server/response.hpp"
#include "http/watch/stream_places.hpp"
#include "projections/commands/command_service.hpp"
#include "projections/queries/audit_queries.hpp"
#include "projections/queries/people_queries.hpp"
#include "projections/queries/token_queries.hpp"

namespace tally::http {

/// The body of an export: events one after the other, in constant memory, while counts and the SHA-256 of every byte
/// sent are kept. After the last piece ExportCompleted is recorded with them, and only then does the body end; if that
/// fails, or whoever asked may not see it any more, the body breaks off and the export stays one that never completed.
/// Threads: one at a time, a long-read thread.
class ExportStream final : public BodyStream {
 public:
  struct Order {
    core::WorkspaceId workspace;
    core::ExportId id;
    const ExportFormat& format;
    core::CommandContext context;  ///< Of the event that ends it, but for its time.
    /// Whether whoever asked may still see it: quick, from any thread. Asked before each piece.
    std::function<core::Result<bool>(core::Timestamp now)> still_allowed;
    std::unique_ptr<StreamPlace> place = {};
  };
  /// Lifetime: people, commands and clock outlive the stream.
  ExportStream(Order order, std::unique_ptr<projections::AuditWalk> walk, const projections::PeopleQueries& people,
               projections::CommandService& commands, const Clock& clock);

  core::Result<std::optional<std::string>> next() override;

 private:
  core::Result<void> append(const core::Event& event, std::string& piece);
  core::Result<void> complete();

  Order order_;
  std::unique_ptr<projections::AuditWalk> walk_;
  PeopleNames names_;
  projections::CommandService& commands_;
  const Clock& clock_;
  core::crypto::Sha256Stream hash_;
  std::uint64_t events_ = 0;
  std::uint64_t bytes_ = 0;
  bool has_begun_ = false;  ///< What the format puts before the first event is written.
  bool is_exhausted_ = false;
  bool is_completed_ = false;
};

}  // namespace tally::http
