#include "tools/tallyd/ending.hpp"

#include <signal.h>
#include <unistd.h>

#include <boost/asio/post.hpp>

namespace tally::tools {
namespace {

/// A handler of a signal is given nothing else.
std::atomic<int> status_when_cut_off{0};
static_assert(std::atomic<int>::is_always_lock_free);

}  // namespace

Ending::Ending(int cut_off_status)
    : cut_off_status_(cut_off_status), hangups_(context_, SIGHUP), signals_(watch_, SIGINT, SIGTERM) {
  signals_.async_wait([this](const boost::system::error_code& error, int) {
    if (error) return;
    asked_for_ = true;
    begin_deadline(kStopTimeout);
    context_.stop();
  });
  watcher_ = std::thread{[this] { watch_.run(); }};
}

Ending::~Ending() {
  watch_.stop();
  watcher_.join();
}

void Ending::begin_deadline(std::chrono::seconds timeout) const {
  status_when_cut_off = cut_off_status_;
  ::signal(SIGALRM, [](int) { ::_exit(status_when_cut_off); });
  ::alarm(static_cast<unsigned>(timeout.count()));
}

void Ending::fail() {
  failed_ = true;
  begin_deadline(kFatalStopTimeout);
  boost::asio::post(context_, [this] { context_.stop(); });
}

void Ending::take_the_time() { ::alarm(0); }

void Ending::wait(const std::function<void()>& on_hangup) {
  await_hangup(on_hangup);
  context_.run();
}

void Ending::await_hangup(const std::function<void()>& on_hangup) {
  hangups_.async_wait([this, &on_hangup](const boost::system::error_code& error, int) {
    if (error) return;
    on_hangup();
    await_hangup(on_hangup);
  });
}

}  // namespace tally::tools
