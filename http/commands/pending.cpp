#include "http/commands/pending.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tally::http {

/// A coroutine that waits. (Boost 1.81's any_completion_handler recurses without end when it is posted.)
class Meeting::Waiter {
 public:
  virtual ~Waiter() = default;
  virtual void resume(const boost::asio::any_io_executor& executor) = 0;
};

template <class Handler>
class Meeting::WaiterOf final : public Waiter {
 public:
  explicit WaiterOf(Handler handler) : handler_(std::move(handler)) {}
  void resume(const boost::asio::any_io_executor& executor) override {
    boost::asio::post(executor, std::move(handler_));
  }

 private:
  Handler handler_;
};

Meeting::Meeting(boost::asio::any_io_executor connection_executor) : executor_(std::move(connection_executor)) {}
Meeting::~Meeting() = default;

void Meeting::arrive() {
  std::unique_ptr<Waiter> waiter;
  {
    std::lock_guard lock{mutex_};
    has_arrived_ = true;
    waiter = std::move(waiter_);
  }
  if (waiter) waiter->resume(executor_);
}

template <class Handler>
void Meeting::resume_later(Handler handler) {
  std::unique_lock lock{mutex_};
  if (!has_arrived_) {
    waiter_ = std::make_unique<WaiterOf<Handler>>(std::move(handler));
    return;
  }
  lock.unlock();
  boost::asio::post(executor_, std::move(handler));
}

boost::asio::awaitable<void> Meeting::wait() {
  return boost::asio::async_initiate<decltype(boost::asio::use_awaitable), void()>(
      [](auto handler, Meeting* meeting) { meeting->resume_later(std::move(handler)); }, boost::asio::use_awaitable,
      this);
}

}  // namespace tally::http
