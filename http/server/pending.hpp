#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include <boost/asio/any_completion_handler.hpp>
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
  using Resume = boost::asio::any_completion_handler<void()>;

  /// The meeting place of the writer thread and the waiting coroutine: whoever comes second resumes it, on the
  /// session's executor.
  class State {
   public:
    explicit State(boost::asio::any_io_executor session_executor) : executor_(std::move(session_executor)) {}

    void complete(Answer given) {
      Resume resume;
      {
        std::lock_guard lock{mutex_};
        answer.emplace(std::move(given));
        resume = std::move(resume_);
      }
      if (resume) boost::asio::post(executor_, std::move(resume));
    }

    template <class Handler>
    void wait(Handler handler) {
      std::unique_lock lock{mutex_};
      if (!answer) {
        resume_ = std::move(handler);
        return;
      }
      lock.unlock();
      boost::asio::post(executor_, std::move(handler));
    }

    std::optional<Answer> answer;  // written under mutex_, read after it was seen there

   private:
    boost::asio::any_io_executor executor_;  // constant after construction
    std::mutex mutex_;
    Resume resume_;  // guarded by mutex_
  };

  explicit Pending(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

}  // namespace tally::http
