#pragma once

#include "core/base/random.hpp"
#include "http/api/export_stream.hpp"
#include "http/frame/access.hpp"
#include "http/server/clock.hpp"
#include "http/server/router.hpp"
#include "projections/commands/command_service.hpp"
#include "projections/queries/audit_queries.hpp"
#include "projections/queries/people_queries.hpp"

namespace tally::http {

/// Exports of a workspace's events, of any size, for admins and auditors, and what the ledger recorded about each. An
/// export begins with the event ExportStarted and, if all of it was sent, ends with ExportCompleted; it contains the
/// former, unless its own filter leaves it out, and never the latter.
class ExportRoutes {
 public:
  /// Lifetime: all of them outlive the router's use.
  ExportRoutes(const Gate& gate, const projections::AuditQueries& audit, const projections::PeopleQueries& people,
               projections::CommandService& commands, const Clock& clock, core::RandomSource& random,
               StreamPlaces& places);
  void add_to(Router& router) const;

 private:
  Checked<void> start(const Request& request, Response& response) const;
  Checked<void> manifest(const Request& request, Response& response) const;

  const Gate& gate_;
  const projections::AuditQueries& audit_;
  const projections::PeopleQueries& people_;
  projections::CommandService& commands_;
  const Clock& clock_;
  core::RandomSource& random_;
  StreamPlaces& places_;
};

}  // namespace tally::http
