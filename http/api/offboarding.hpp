#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "core/base/random.hpp"
#include "core/base/result.hpp"
#include "core/identity/person_commands.hpp"
#include "core/state/context.hpp"
#include "core/state/offboarding.hpp"
#include "core/workspace/workspace_commands.hpp"
#include "http/server/clock.hpp"
#include "http/server/response.hpp"
#include "projections/commands/command_service.hpp"
#include "projections/queries/offboarding_queries.hpp"

namespace tally::http {

/// What whoever let a person go is told.
struct Farewell {
  core::Offboarded tokens;  ///< Of all appends.
  std::uint64_t sessions_ended = 0;
  std::vector<core::WorkspaceId> without_admin = {};
  std::uint64_t profile_version = 0;  ///< Of a person who was deactivated.
  core::Timestamp dead_here_at = {};  ///< No door of this server accepts an access token of theirs from then on.
  core::Timestamp last_at = {};       ///< Everything was recorded by then.
  std::optional<core::Sequence> last_sequence = {};
};
void write_farewell(const Farewell& farewell, Response& response);

/// Lets people go, to the end: the append that does it, and then, where more tokens are left than it stops, a step
/// after the other, each a command of its own, so that others' commands run in between. What a request that was cut off
/// leaves over, or a process that ended, is done by continue_unfinished(). To do it twice at once does no harm. Source:
/// docs/adr/0033. Threads: any.
class Offboarding {
 public:
  struct Parts {
    projections::CommandService& commands;
    const projections::OffboardingQueries& queries;
    const Clock& clock;
    core::RandomSource& random;
  };
  /// Lifetime: the parts outlive it.
  explicit Offboarding(const Parts& parts) : parts_(parts) {}

  /// Errors: as the commands.
  boost::asio::awaitable<core::Result<Farewell>> deactivate(core::CommandContext context,
                                                            core::DeactivateUser command) const;
  boost::asio::awaitable<core::Result<Farewell>> remove(core::CommandContext context, core::RemoveMember command) const;

  /// Does what is left over and nobody has promised to do; what was finished. `contexts` gives each step's, or nothing:
  /// then it ends. Waits for the writer: not on an I/O thread. Errors: as CommandService.
  core::Result<std::vector<projections::Unfinished>> continue_unfinished(
      const std::function<std::optional<core::CommandContext>()>& contexts) const;

 private:
  /// Somebody does a part while it lives.
  class Promise {
   public:
    Promise(const Offboarding& offboarding, projections::Unfinished part);
    Promise(const Promise&) = delete;
    Promise& operator=(const Promise&) = delete;
    ~Promise();

   private:
    const Offboarding& offboarding_;
    const projections::Unfinished part_;
  };
  [[nodiscard]] bool is_promised(const projections::Unfinished& part) const;

  /// Goes on from what the first append did, and adds it up. Each step has its own time.
  boost::asio::awaitable<core::Result<Farewell>> finish(core::CommandContext context, projections::Unfinished part,
                                                        Farewell farewell) const;

  const Parts parts_;
  mutable std::mutex mutex_;
  mutable std::multiset<projections::Unfinished> promised_;  // guarded by mutex_
};

}  // namespace tally::http
