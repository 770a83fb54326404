#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "http/formats/people_names.hpp"
#include "http/server/clock.hpp"
#include "http/server/response.hpp"
#include "http/watch/stream_places.hpp"
#include "projections/queries/audit_queries.hpp"
#include "projections/queries/people_queries.hpp"
#include "projections/queries/token_queries.hpp"

namespace tally::http {

/// Events as they happen, as server-sent events: `id` is the sequence, `data` the event. Looks into the log about once
/// a second, says something at least every kLiveStreamHeartbeat, and ends after kLiveStreamLifetime or as soon as
/// whoever asked may not see it any more: their client comes back with Last-Event-ID and is asked again who it is.
/// Threads: one at a time, a long-read thread. Source: WHATWG HTML §9.2.
class LiveEvents final : public BodyStream {
 public:
  struct Order {
    projections::AuditFilter filter;
    std::optional<core::Sequence> after;  ///< What the client has seen; empty: nothing.
    /// Whether whoever asked may still see it: quick, from any thread.
    std::function<core::Result<bool>(core::Timestamp now)> still_allowed;
    std::unique_ptr<StreamPlace> place;
  };
  /// Lifetime: audit, people and clock outlive the stream.
  LiveEvents(Order order, const projections::AuditQueries& audit, const projections::PeopleQueries& people,
             const Clock& clock);

  core::Result<std::optional<std::string>> next() override;
  [[nodiscard]] std::chrono::milliseconds pause() const override { return pause_; }

 private:
  core::Result<void> append_events(std::string& piece);

  Order order_;
  const projections::AuditQueries& audit_;
  PeopleNames names_;
  const Clock& clock_;
  core::Timestamp began_;
  core::Timestamp last_said_;
  bool is_begun_ = false;
  std::chrono::milliseconds pause_{0};
};

}  // namespace tally::http
