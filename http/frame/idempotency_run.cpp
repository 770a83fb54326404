#include <memory>
#include <utility>

#include "core/identity/person_commands.hpp"
#include "core/token/token_commands.hpp"
#include "core/workspace/workspace_commands.hpp"
#include "http/commands/execute.hpp"
#include "http/frame/idempotency.hpp"

namespace tally::http {

template <class Command>
boost::asio::awaitable<void> Idempotency::run(const Request& request, Hold hold, core::CommandContext context,
                                              Command command, Write<Command> write, Keeping keeping,
                                              Response& response) const {
  if (!hold.is_claimed()) {
    // What it expected was so when it was done.
    if constexpr (requires { command.expected; }) {
      if (hold.is_repeat_) command.expected = {};
    }
    const auto done = co_await execute(commands_, std::move(context), std::move(command));
    if (done.has_error()) {
      write_refusal(request, done.error(), response);
      co_return;
    }
    const core::Result<void> written = write(done->outcome, done->sequence, response);
    if (written.has_error()) write_refusal(request, written.error(), response);
    co_return;
  }
  using Outcome = typename Command::Outcome;
  // Written on the writer thread; a connection that is cut off meanwhile must not take it away.
  auto answer = std::make_shared<Response>();
  auto keep_answer =
      [this, answer, write = std::move(write), keeping = std::move(keeping), kept_under = hold.kept_under_,
       request_hash = hold.request_hash_](
          const Outcome& outcome,
          std::optional<core::Sequence> sequence) -> core::Result<std::optional<projections::KeptAnswer>> {
    TALLY_TRY(write(outcome, sequence, *answer));
    if (!sequence) return std::optional<projections::KeptAnswer>{};
    TALLY_TRY_ASSIGN(auto kept, keep(kept_under, request_hash, keeping, *answer));
    return std::optional{std::move(kept)};
  };
  projections::Remembered<Command> remembered{std::move(command), hold.kept_under_, hold.request_hash_,
                                              std::move(keep_answer)};
  const auto done = co_await execute(commands_, std::move(context), std::move(remembered));
  if (done.has_error()) {
    // Others of the caller's may have used it up meanwhile; or the command has a limit of its own.
    if (done.error().code == core::Errc::rate_limited) static_cast<void>(check_room(request, hold));
    write_refusal(request, done.error(), response);
    co_return;
  }
  response = std::move(*answer);
}

boost::asio::awaitable<void> Idempotency::finish(const Request& request, Hold hold, core::CommandContext context,
                                                 std::optional<core::Sequence> sequence,
                                                 Write<projections::FinishRequest> write, Response& response) const {
  if (hold.is_claimed() && sequence) {
    co_await run(request, std::move(hold), std::move(context), projections::FinishRequest{*sequence}, std::move(write),
                 Keeping{}, response);
    co_return;
  }
  const core::Result<void> written =
      write(projections::FinishRequest::Outcome{}, std::optional<core::Sequence>{}, response);
  if (written.has_error()) write_refusal(request, written.error(), response);
}

template boost::asio::awaitable<void> Idempotency::run(const Request&, Hold, core::CommandContext,
                                                       core::AddResourceServer, Write<core::AddResourceServer>, Keeping,
                                                       Response&) const;
template boost::asio::awaitable<void> Idempotency::run(const Request&, Hold, core::CommandContext, core::ChangePassword,
                                                       Write<core::ChangePassword>, Keeping, Response&) const;
template boost::asio::awaitable<void> Idempotency::run(const Request&, Hold, core::CommandContext, core::CreateUser,
                                                       Write<core::CreateUser>, Keeping, Response&) const;
template boost::asio::awaitable<void> Idempotency::run(const Request&, Hold, core::CommandContext,
                                                       core::CreateWorkspace, Write<core::CreateWorkspace>, Keeping,
                                                       Response&) const;
template boost::asio::awaitable<void> Idempotency::run(const Request&, Hold, core::CommandContext, core::DeleteTokens,
                                                       Write<core::DeleteTokens>, Keeping, Response&) const;
template boost::asio::awaitable<void> Idempotency::run(const Request&, Hold, core::CommandContext, core::DisableTokens,
                                                       Write<core::DisableTokens>, Keeping, Response&) const;
template boost::asio::awaitable<void> Idempotency::run(const Request&, Hold, core::CommandContext, core::GenerateToken,
                                                       Write<core::GenerateToken>, Keeping, Response&) const;
template boost::asio::awaitable<void> Idempotency::run(const Request&, Hold, core::CommandContext, core::ReactivateUser,
                                                       Write<core::ReactivateUser>, Keeping, Response&) const;
template boost::asio::awaitable<void> Idempotency::run(const Request&, Hold, core::CommandContext, core::SetOperator,
                                                       Write<core::SetOperator>, Keeping, Response&) const;
template boost::asio::awaitable<void> Idempotency::run(const Request&, Hold, core::CommandContext, core::SignIn,
                                                       Write<core::SignIn>, Keeping, Response&) const;

}  // namespace tally::http
