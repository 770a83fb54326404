#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "projections/commands/command_service.hpp"

namespace tally::http {

/// The meeting place of another thread, the writer's, and a coroutine that waits for it: whoever comes second resumes
/// the coroutine, on its connection's executor. Threads: arrive() on any, once; wait() on that executor, once.
class Meeting {
 public:
  explicit Meeting(boost::asio::any_io_executor connection_executor);
  ~Meeting();
  Meeting(const Meeting&) = delete;
  Meeting& operator=(const Meeting&) = delete;

  /// What was written before is seen after wait().
  void arrive();
  /// Lifetime: the meeting outlives the wait.
  boost::asio::awaitable<void> wait();

 private:
  class Waiter;
  template <class Handler>
  class WaiterOf;
  template <class Handler>
  void resume_later(Handler handler);

  boost::asio::any_io_executor executor_;  // constant after construction
  std::mutex mutex_;
  bool has_arrived_ = false;        // guarded by mutex_
  std::unique_ptr<Waiter> waiter_;  // guarded by mutex_
};

/// A command under way: started first, waited for later, so that the access token can be signed while the write is
/// being synced. Threads: the connection's executor.
template <class Command>
class Pending {
 public:
  using Answer = projections::Answer<Command>;

  static Pending start(projections::CommandService& commands, boost::asio::any_io_executor executor,
                       core::CommandContext context, Command command) {
    auto state = std::make_shared<State>(std::move(executor));
    commands.execute(std::move(context), std::move(command), [state](Answer answer) {
      state->answer.emplace(std::move(answer));
      state->meeting.arrive();
    });
    return Pending{std::move(state)};
  }

  /// Call once. The answer is there afterwards.
  boost::asio::awaitable<void> arrival() { return state_->meeting.wait(); }
  /// Once, after arrival(): stands for a durable outcome or an error that says otherwise.
  Answer take() { return *std::move(state_->answer); }

 private:
  struct State {
    explicit State(boost::asio::any_io_executor executor) : meeting(std::move(executor)) {}
    Meeting meeting;
    std::optional<Answer> answer;  ///< Written before the arrival, read after it.
  };

  explicit Pending(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

}  // namespace tally::http
