#include "http/commands/execute.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/identity/person_commands.hpp"
#include "core/ledger/ledger_commands.hpp"
#include "core/state/offboarding.hpp"
#include "core/token/token_commands.hpp"
#include "core/workspace/workspace_commands.hpp"
#include "http/commands/pending.hpp"
#include "projections/commands/command_service.hpp"
#include "projections/commands/idempotency.hpp"

namespace tally::http {
namespace {

using core::CommandContext;
using projections::Answer;
using projections::CommandService;

/// Where a thread waits for the writer's. Shared by both: the writer may still be inside arrive() when the other goes
/// on.
class ThreadMeeting {
 public:
  void arrive() {
    std::lock_guard lock{mutex_};
    has_arrived_ = true;
    arrived_.notify_one();
  }
  void wait() {
    std::unique_lock lock{mutex_};
    arrived_.wait(lock, [this] { return has_arrived_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  bool has_arrived_ = false;  // guarded by mutex_
};

}  // namespace

template <class Command>
boost::asio::awaitable<Answer<Command>> execute(CommandService& commands, CommandContext context, Command command) {
  auto executor = co_await boost::asio::this_coro::executor;
  auto pending = Pending<Command>::start(commands, executor, std::move(context), std::move(command));
  co_await pending.arrival();
  co_return pending.take();
}

template <class Command>
Answer<Command> execute_blocking(CommandService& commands, CommandContext context, Command command) {
  struct State {
    ThreadMeeting meeting;
    std::optional<Answer<Command>> answer;  ///< Written before the arrival, read after it.
  };
  auto state = std::make_shared<State>();
  commands.execute(std::move(context), std::move(command), [state](Answer<Command> answer) {
    state->answer.emplace(std::move(answer));
    state->meeting.arrive();
  });
  state->meeting.wait();
  return *std::move(state->answer);
}

template boost::asio::awaitable<Answer<core::AddResourceServer>> execute(CommandService&, CommandContext,
                                                                         core::AddResourceServer);
template boost::asio::awaitable<Answer<core::ChangePassword>> execute(CommandService&, CommandContext,
                                                                      core::ChangePassword);
template boost::asio::awaitable<Answer<core::ChangePolicy>> execute(CommandService&, CommandContext,
                                                                    core::ChangePolicy);
template boost::asio::awaitable<Answer<core::ContinueOffboarding>> execute(CommandService&, CommandContext,
                                                                           core::ContinueOffboarding);
template boost::asio::awaitable<Answer<core::CreateUser>> execute(CommandService&, CommandContext, core::CreateUser);
template boost::asio::awaitable<Answer<core::CreateWorkspace>> execute(CommandService&, CommandContext,
                                                                       core::CreateWorkspace);
template boost::asio::awaitable<Answer<core::DeactivateUser>> execute(CommandService&, CommandContext,
                                                                      core::DeactivateUser);
template boost::asio::awaitable<Answer<core::DeleteTokens>> execute(CommandService&, CommandContext,
                                                                    core::DeleteTokens);
template boost::asio::awaitable<Answer<core::DisableIssuedBefore>> execute(CommandService&, CommandContext,
                                                                           core::DisableIssuedBefore);
template boost::asio::awaitable<Answer<core::DisableTokens>> execute(CommandService&, CommandContext,
                                                                     core::DisableTokens);
template boost::asio::awaitable<Answer<core::GenerateToken>> execute(CommandService&, CommandContext,
                                                                     core::GenerateToken);
template boost::asio::awaitable<Answer<core::PutMember>> execute(CommandService&, CommandContext, core::PutMember);
template boost::asio::awaitable<Answer<core::ReactivateUser>> execute(CommandService&, CommandContext,
                                                                      core::ReactivateUser);
template boost::asio::awaitable<Answer<core::RemoveMember>> execute(CommandService&, CommandContext,
                                                                    core::RemoveMember);
template boost::asio::awaitable<Answer<core::RemoveResourceServer>> execute(CommandService&, CommandContext,
                                                                            core::RemoveResourceServer);
template boost::asio::awaitable<Answer<core::SetOperator>> execute(CommandService&, CommandContext, core::SetOperator);
template boost::asio::awaitable<Answer<core::SignIn>> execute(CommandService&, CommandContext, core::SignIn);
template boost::asio::awaitable<Answer<core::SignOut>> execute(CommandService&, CommandContext, core::SignOut);
template boost::asio::awaitable<Answer<projections::FinishRequest>> execute(CommandService&, CommandContext,
                                                                            projections::FinishRequest);
template boost::asio::awaitable<Answer<projections::Remembered<core::AddResourceServer>>> execute(
    CommandService&, CommandContext, projections::Remembered<core::AddResourceServer>);
template boost::asio::awaitable<Answer<projections::Remembered<core::ChangePassword>>> execute(
    CommandService&, CommandContext, projections::Remembered<core::ChangePassword>);
template boost::asio::awaitable<Answer<projections::Remembered<core::CreateUser>>> execute(
    CommandService&, CommandContext, projections::Remembered<core::CreateUser>);
template boost::asio::awaitable<Answer<projections::Remembered<core::CreateWorkspace>>> execute(
    CommandService&, CommandContext, projections::Remembered<core::CreateWorkspace>);
template boost::asio::awaitable<Answer<projections::Remembered<core::DeleteTokens>>> execute(
    CommandService&, CommandContext, projections::Remembered<core::DeleteTokens>);
template boost::asio::awaitable<Answer<projections::Remembered<core::DisableTokens>>> execute(
    CommandService&, CommandContext, projections::Remembered<core::DisableTokens>);
template boost::asio::awaitable<Answer<projections::Remembered<core::GenerateToken>>> execute(
    CommandService&, CommandContext, projections::Remembered<core::GenerateToken>);
template boost::asio::awaitable<Answer<projections::Remembered<core::ReactivateUser>>> execute(
    CommandService&, CommandContext, projections::Remembered<core::ReactivateUser>);
template boost::asio::awaitable<Answer<projections::Remembered<core::SetOperator>>> execute(
    CommandService&, CommandContext, projections::Remembered<core::SetOperator>);
template boost::asio::awaitable<Answer<projections::Remembered<core::SignIn>>> execute(
    CommandService&, CommandContext, projections::Remembered<core::SignIn>);
template boost::asio::awaitable<Answer<projections::Remembered<projections::FinishRequest>>> execute(
    CommandService&, CommandContext, projections::Remembered<projections::FinishRequest>);
template Answer<core::AddSigningKey> execute_blocking(CommandService&, CommandContext, core::AddSigningKey);
template Answer<core::ChangeIssuer> execute_blocking(CommandService&, CommandContext, core::ChangeIssuer);
template Answer<core::ContinueOffboarding> execute_blocking(CommandService&, CommandContext, core::ContinueOffboarding);
template Answer<core::CreateUser> execute_blocking(CommandService&, CommandContext, core::CreateUser);
template Answer<core::ImportLegacyTokens> execute_blocking(CommandService&, CommandContext, core::ImportLegacyTokens);
template Answer<core::RecordAuditRead> execute_blocking(CommandService&, CommandContext, core::RecordAuditRead);
template Answer<core::RecordExportStarted> execute_blocking(CommandService&, CommandContext, core::RecordExportStarted);
template Answer<core::RecordExportCompleted> execute_blocking(CommandService&, CommandContext,
                                                              core::RecordExportCompleted);
template Answer<core::RecordVerification> execute_blocking(CommandService&, CommandContext, core::RecordVerification);
template Answer<core::RecoverOperator> execute_blocking(CommandService&, CommandContext, core::RecoverOperator);
template Answer<core::RetireSigningKey> execute_blocking(CommandService&, CommandContext, core::RetireSigningKey);

}  // namespace tally::http
