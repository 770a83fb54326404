#pragma once

#include <functional>

#include "core/base/random.hpp"
#include "http/api/live_events.hpp"
#include "http/frame/access.hpp"
#include "http/server/clock.hpp"
#include "http/server/router.hpp"
#include "projections/commands/command_service.hpp"
#include "projections/queries/audit_queries.hpp"
#include "projections/queries/people_queries.hpp"
#include "projections/queries/token_queries.hpp"

namespace tally::http {

/// Two more ways to read a workspace's audit, for admins and auditors: events as they happen, and how many there were a
/// day. Opening the stream is an event itself, once; a count tells no event and is none.
class AuditViewsRoutes {
 public:
  struct Parts {
    const projections::AuditQueries& audit;
    const projections::PeopleQueries& people;
    projections::CommandService& commands;
    const Clock& clock;
    core::RandomSource& random;
    StreamPlaces& places;
  };
  /// Lifetime: all of them outlive the router's use.
  AuditViewsRoutes(const Gate& gate, const Parts& parts) : gate_(gate), parts_(parts) {}
  void add_to(Router& router) const;

 private:
  Checked<void> stream(const Request& request, Response& response) const;
  /// Takes one of the places and records that it was opened.
  [[nodiscard]] Checked<std::unique_ptr<BodyStream>> open_stream(const Request& request, const Access& access,
                                                                 const std::string& filter,
                                                                 LiveEvents::Order order) const;
  Checked<void> count(const Request& request, Response& response) const;

  const Gate& gate_;
  const Parts parts_;
};

}  // namespace tally::http
