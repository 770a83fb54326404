#pragma once

#include "http/frame/access.hpp"
#include "http/server/router.hpp"
#include "projections/queries/people_queries.hpp"
#include "projections/queries/token_queries.hpp"

namespace tally::http {

/// Lists the tokens of a workspace, and shows one, also as it stood at a sequence or a time. Members see their own,
/// admins and auditors all; the list is of one's own tokens unless `owner` says otherwise. Whoever may not see a token
/// is told that there is none.
class TokenReadingRoutes {
 public:
  /// Lifetime: all of them outlive the router's use.
  TokenReadingRoutes(const Gate& gate, const projections::TokenQueries& tokens,
                     const projections::PeopleQueries& people);
  void add_to(Router& router) const;

 private:
  [[nodiscard]] Checked<projections::TokenListRequest> read_list(const Request& request, const Access& access) const;

  Checked<void> list(const Request& request, Response& response) const;
  /// What disableIssuedBefore would disable now: its rehearsal, which changes nothing.
  Checked<void> count_issued_before(const Request& request, Response& response) const;
  Checked<void> show(const Request& request, Response& response) const;

  const Gate& gate_;
  const projections::TokenQueries& tokens_;
  const projections::PeopleQueries& people_;
};

}  // namespace tally::http
