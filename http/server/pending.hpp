#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "projections/commands.hpp"

namespace tally::http {

/// A command under way: started first, waited for later, so that the access token can be signed while the write is
/// being synced. Threads: start and wait on the session's executor.
template <class Command>
class Pending {
 public:
  using Answer = projections::Answer<Command>;

  static Pending start(projections::CommandService& commands, boost::asio::any_io_executor executor,
                       core::CommandContext context, Command command) {
    auto state = std::make_shared<State>(std::move(executor));
    commands.execute(std::move(context), std::move(command),
                     [state](Answer answer) { state->complete(std::move(answer)); });
    return Pending{std::move(state)};
  }

  /// Call once. The answer stands for a durable outcome or an error that says otherwise.
  boost::asio::awaitable<Answer> wait() {
    std::shared_ptr<State> state = state_;
    co_await boost::asio::async_initiate<decltype(boost::asio::use_awaitable), void()>(
        [](auto handler, State* waited) { waited->wait(std::move(handler)); }, boost::asio::use_awaitable, state.get());
    co_return std::move(*state->answer);
  }

 private:
  /// A coroutine that waits. (Boost 1.81's any_completion_handler recurses without end when it is posted.)
  class Waiter {
   public:
    virtual ~Waiter() = default;
    virtual void resume(const boost::asio::any_io_executor& executor) = 0;
  };

  template <class Handler>
  class WaiterOf final : public Waiter {
   public:
    explicit WaiterOf(Handler handler) : handler_(std::move(handler)) {}
    void resume(const boost::asio::any_io_executor& executor) override {
      boost::asio::post(executor, std::move(handler_));
    }

   private:
    Handler handler_;
  };

  /// The meeting place of the writer thread and the waiting coroutine: whoever comes second resumes it, on the
  /// session's executor.
  class State {
   public:
    explicit State(boost::asio::any_io_executor session_executor) : executor_(std::move(session_executor)) {}

    void complete(Answer given) {
      std::unique_ptr<Waiter> waiter;
      {
        std::lock_guard lock{mutex_};
        answer.emplace(std::move(given));
        waiter = std::move(waiter_);
      }
      if (waiter) waiter->resume(executor_);
    }

    template <class Handler>
    void wait(Handler handler) {
      std::unique_lock lock{mutex_};
      if (!answer) {
        waiter_ = std::make_unique<WaiterOf<Handler>>(std::move(handler));
        return;
      }
      lock.unlock();
      boost::asio::post(executor_, std::move(handler));
    }

    std::optional<Answer> answer;  // written under mutex_, read after it was seen there

   private:
    boost::asio::any_io_executor executor_;  // constant after construction
    std::mutex mutex_;
    std::unique_ptr<Waiter> waiter_;  // guarded by mutex_
  };

  explicit Pending(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

}  // namespace tally::http
