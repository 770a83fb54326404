#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/random.hpp"
#include "http/api/audit_query.hpp"
#include "http/frame/access.hpp"
#include "http/server/router.hpp"
#include "projections/commands/command_service.hpp"
#include "projections/queries/audit_queries.hpp"
#include "projections/queries/people_queries.hpp"
#include "projections/queries/token_queries.hpp"

namespace tally::http {

/// The audit in pages, in order of sequence or against it: of a workspace for admins and auditors, of a token also for
/// its owner. Reading it is an event itself (AuditRead, with the query and the number of events told), recorded before
/// the answer is given; nothing is told if it can not be recorded. The one exception is an owner who reads the history
/// of their own token, which tells them nothing about anybody else.
class AuditRoutes {
 public:
  /// Lifetime: all of them outlive the router's use.
  AuditRoutes(const Gate& gate, const projections::AuditQueries& audit, const projections::TokenQueries& tokens,
              const projections::PeopleQueries& people, projections::CommandService& commands,
              core::RandomSource& random);
  void add_to(Router& router) const;

 private:
  enum class Recording : std::uint8_t { recorded, own_token };
  /// A page in either direction, and where the next one begins.
  struct Page {
    std::vector<core::Event> items;
    std::string_view next_name;
    std::optional<core::Sequence> next;
  };
  /// A page as it is told: the values of its array, and where the next one begins.
  struct Told {
    std::string values;
    std::size_t count = 0;
    std::optional<core::Sequence> next;
  };
  [[nodiscard]] core::Result<Page> read_page(const AuditQuery& query, int limit) const;
  /// At least one event of the page, and as many as make about kPageBytes.
  [[nodiscard]] core::Result<Told> tell(const Page& page) const;
  Checked<void> answer(const Request& request, const Access& access, const AuditQuery& query, int limit,
                       Recording recording, Response& response) const;
  Checked<void> of_workspace(const Request& request, Response& response) const;
  Checked<void> of_token(const Request& request, Response& response) const;

  const Gate& gate_;
  const projections::AuditQueries& audit_;
  const projections::TokenQueries& tokens_;
  const projections::PeopleQueries& people_;
  projections::CommandService& commands_;
  core::RandomSource& random_;
};

}  // namespace tally::http
