#include "http/api/offboarding.hpp"

#include <algorithm>
#include <utility>

#include "core/base/limits.hpp"
#include "http/commands/execute.hpp"
#include "http/server/json_writer.hpp"
#include "http/server/limits.hpp"

namespace tally::http {

using core::Result;

Offboarding::Promise::Promise(const Offboarding& offboarding, projections::Unfinished part)
    : offboarding_(offboarding), part_(part) {
  const std::lock_guard lock{offboarding_.mutex_};
  offboarding_.promised_.insert(part_);
}

namespace {

/// What could not be read is left out, as what is not looked at is: the person is gone all the same.
void name_those_without_admin(Result<std::vector<core::WorkspaceId>> found, Farewell& farewell) {
  if (found.has_value()) farewell.without_admin = *std::move(found);
}

}  // namespace

Offboarding::Promise::~Promise() {
  const std::lock_guard lock{offboarding_.mutex_};
  offboarding_.promised_.erase(offboarding_.promised_.find(part_));
}

bool Offboarding::is_promised(const projections::Unfinished& part) const {
  const std::lock_guard lock{mutex_};
  return promised_.contains(part);
}

boost::asio::awaitable<Result<Farewell>> Offboarding::deactivate(core::CommandContext context,
                                                                 core::DeactivateUser command) const {
  // Before the command: from its append on the part is this request's.
  const projections::Unfinished part{command.user, {}};
  const Promise promise{*this, part};
  const auto first = co_await execute(parts_.commands, context, std::move(command));
  if (first.has_error()) co_return first.error();
  Farewell farewell{first->outcome.tokens, first->outcome.sessions_ended};
  farewell.last_sequence = first->sequence;
  auto done = co_await finish(std::move(context), part, std::move(farewell));
  if (done.has_error()) co_return done.error();
  const core::PersonState& person = first->outcome.person;
  // What a workspace that they had left before was told to keep is found by nobody any more, and may be out as long.
  // Nothing was issued to them since they went.
  done->tokens.access_expires_at =
      std::max(done->tokens.access_expires_at,
               *person.deactivated_at + std::chrono::seconds{core::limits::kAccessTokenSecondsMax});
  const bool is_revoked = person.access_revoked_at >= person.deactivated_at;
  done->dead_here_at =
      is_revoked ? *person.access_revoked_at : std::max(first->outcome.tokens.at, done->tokens.access_expires_at);
  done->profile_version = core::profile_version(person);
  name_those_without_admin(parts_.queries.without_admin(part.user), *done);
  co_return done;
}

boost::asio::awaitable<Result<Farewell>> Offboarding::remove(core::CommandContext context,
                                                             core::RemoveMember command) const {
  const projections::Unfinished part{command.user, command.workspace};
  const core::AccessFate access = command.access;
  const Promise promise{*this, part};
  const auto first = co_await execute(parts_.commands, context, std::move(command));
  if (first.has_error()) co_return first.error();
  Farewell farewell{first->outcome.tokens};
  farewell.last_sequence = first->sequence;
  auto done = co_await finish(std::move(context), part, std::move(farewell));
  if (done.has_error()) co_return done.error();
  done->dead_here_at = first->outcome.tokens.at;
  if (access == core::AccessFate::keep) {
    done->dead_here_at = std::max(done->dead_here_at, done->tokens.access_expires_at);
  }
  if (first->outcome.role == core::Role::admin) {
    name_those_without_admin(parts_.queries.without_admin(part.workspace), *done);
  }
  co_return done;
}

boost::asio::awaitable<Result<Farewell>> Offboarding::finish(core::CommandContext context, projections::Unfinished part,
                                                             Farewell farewell) const {
  core::Offboarded& sum = farewell.tokens;
  while (sum.next) {
    context.at = parts_.clock.now();
    parts_.random.fill(context.entropy);
    const core::ContinueOffboarding step{part.user, part.workspace, *sum.next};
    const auto answer = co_await execute(parts_.commands, context, step);
    if (answer.has_error()) co_return answer.error();
    const core::Offboarded& more = answer->outcome;
    sum.tokens_disabled += more.tokens_disabled;
    sum.access_revoked += more.access_revoked;
    sum.access_expires_at = std::max(sum.access_expires_at, more.access_expires_at);
    sum.next = more.next;
    if (answer->sequence) farewell.last_sequence = answer->sequence;
  }
  farewell.last_at = parts_.clock.now();
  co_return farewell;
}

Result<std::vector<projections::Unfinished>> Offboarding::continue_unfinished(
    const std::function<std::optional<core::CommandContext>()>& contexts) const {
  TALLY_TRY_ASSIGN(const auto parts, parts_.queries.unfinished());
  std::vector<projections::Unfinished> finished;
  std::optional<core::Error> failure;
  for (const projections::Unfinished& part : parts) {
    if (is_promised(part)) continue;
    core::ContinueOffboarding step{part.user, part.workspace};
    for (bool more = true; more;) {
      auto context = contexts();
      if (!context) return finished;
      const auto answer = execute_blocking(parts_.commands, *std::move(context), step);
      if (answer.has_error()) {
        // Damage of one person's rows keeps nobody else from being finished.
        failure = answer.error();
        break;
      }
      more = answer->outcome.next.has_value();
      if (more) {
        step.position = *answer->outcome.next;
      } else {
        finished.push_back(part);
      }
    }
  }
  if (failure) return *std::move(failure);
  return finished;
}

void write_farewell(const Farewell& farewell, Response& response) {
  response.start(200, kJson);
  response.set_no_store();
  response.set_sequence(farewell.last_sequence);
  JsonWriter json{response.body()};
  json.begin_object().member("tokens_disabled", farewell.tokens.tokens_disabled);
  json.member("access_revoked", farewell.tokens.access_revoked).member("sessions_ended", farewell.sessions_ended);
  json.key("workspaces_without_admin").begin_array();
  for (const core::WorkspaceId workspace : farewell.without_admin) json.value(std::string_view{workspace.str()});
  json.end_array();
  // A list shows a bit from its append on, and whoever has an older one may keep it for its lifetime.
  const core::Timestamp shown_at = std::max(farewell.dead_here_at, farewell.last_at);
  json.member("dead_here_at", farewell.dead_here_at);
  json.member("dead_in_status_lists_by", shown_at + limits::kStatusListLifetime);
  json.member("dead_everywhere_by", std::max(farewell.dead_here_at, farewell.tokens.access_expires_at)).end_object();
}

}  // namespace tally::http
