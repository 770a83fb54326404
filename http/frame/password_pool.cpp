#include "http/frame/password_pool.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/base/check.hpp"
#include "core/crypto/password.hpp"
#include "http/server/limits.hpp"

namespace tally::http {
namespace asio = boost::asio;

namespace {

using Instant = std::chrono::steady_clock::time_point;

/// How often whoever waits looks whether it still has somebody to wait for.
constexpr std::chrono::milliseconds kLookPause{250};

constexpr PasswordQueue::Bounds kOfKnown{limits::kPasswordHashesWaitingMax, limits::kPasswordHashesWaitingOfAddressMax,
                                         limits::kPasswordHashesWaitingOfNameMax};
constexpr PasswordQueue::Bounds kOfStrangers{
    limits::kPasswordHashesWaitingMax, limits::kPasswordHashesWaitingOfAddressMax,
    limits::kPasswordHashesWaitingOfNameMax, limits::kPasswordHashesWaitingOfNameAnywhereMax};

core::Error too_many_hashes() {
  return core::fail(core::Errc::overloaded, "too many passwords are being checked; try again");
}

asio::awaitable<bool> check(core::SecretText password, std::string verifier) {
  const core::BrokenPromisePolicy policy{core::OnBrokenPromise::raise};
  co_return core::crypto::password_matches(password.reveal(), verifier);
}

asio::awaitable<std::string> make(core::SecretText password, core::RandomSource& random) {
  const core::BrokenPromisePolicy policy{core::OnBrokenPromise::raise};
  co_return core::crypto::make_password_verifier(password.reveal(), random);
}

}  // namespace

/// Whoever waits; woken by its timer.
struct PasswordPool::Waiter {
  explicit Waiter(const asio::any_io_executor& connection_executor) : executor(connection_executor), timer(executor) {}

  const asio::any_io_executor executor;
  asio::steady_timer timer;   // the connection's executor only
  Told told = Told::nothing;  // guarded by the pool's mutex_
};

/// One hash's time, for as long as it lives.
class PasswordPool::Turn {
 public:
  Turn(PasswordPool& pool, PasswordQueue::Ticket ticket) : pool_(&pool), ticket_(ticket) {}
  Turn(Turn&& other) noexcept : pool_(std::exchange(other.pool_, nullptr)), ticket_(other.ticket_) {}
  Turn& operator=(Turn&&) = delete;
  ~Turn() {
    if (pool_ != nullptr) pool_->leave(ticket_);
  }

 private:
  PasswordPool* pool_;
  PasswordQueue::Ticket ticket_;
};

PasswordPool::PasswordPool(core::RandomSource& random, unsigned threads)
    : random_(random), threads_max_(threads), queue_(kOfStrangers, kOfKnown), threads_(threads) {
  TALLY_CHECK(threads > 0);
}

PasswordPool::~PasswordPool() {
  threads_.stop();
  threads_.join();
}

std::size_t PasswordPool::waiting() const {
  const std::lock_guard lock{mutex_};
  return queue_.waiting();
}

// Under mutex_.
void PasswordPool::call_next() {
  while (running_ < threads_max_) {
    const auto ticket = queue_.next();
    if (!ticket) return;
    ++running_;
    tell(*ticket, Told::called);
  }
}

void PasswordPool::leave(PasswordQueue::Ticket ticket) {
  const std::lock_guard lock{mutex_};
  if (waiters_.erase(ticket) > 0) {
    queue_.leave(ticket);
    return;
  }
  if (!queue_.is_running(ticket)) return;  // pushed out
  queue_.done(ticket);
  --running_;
  call_next();
}

std::optional<PasswordQueue::Ticket> PasswordPool::enter(HashingFor who, const std::shared_ptr<Waiter>& waiter) {
  const std::lock_guard lock{mutex_};
  const PasswordQueue::Entered entered = queue_.enter(who);
  if (entered.pushed_out) tell(*entered.pushed_out, Told::pushed_out);
  if (!entered.ticket) return std::nullopt;
  waiters_.emplace(*entered.ticket, waiter);
  call_next();
  return entered.ticket;
}

// Under mutex_.
void PasswordPool::tell(PasswordQueue::Ticket ticket, Told told) {
  const auto found = waiters_.find(ticket);
  TALLY_CHECK(found != waiters_.end());
  const std::shared_ptr<Waiter> waiter = std::move(found->second);
  waiters_.erase(found);
  waiter->told = told;
  // On the connection's executor, where it waits by then.
  asio::post(waiter->executor, [waiter] { waiter->timer.expires_at(Instant::min()); });
}

PasswordPool::Told PasswordPool::told_to(const Waiter& waiter) const {
  const std::lock_guard lock{mutex_};
  return waiter.told;
}

asio::awaitable<core::Result<PasswordPool::Turn>> PasswordPool::turn(const Request& request, HashingFor who) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  const auto waiter = std::make_shared<Waiter>(executor);
  const auto ticket = enter(who, waiter);
  if (!ticket) co_return too_many_hashes();
  const Instant until = std::chrono::steady_clock::now() + limits::kPasswordWait;
  // Whatever ends the wait, also the end of the coroutine: the place is given up.
  Turn turn{*this, *ticket};
  for (bool may_wait = true; may_wait;) {
    const Told told = told_to(*waiter);
    if (told == Told::called) co_return std::move(turn);
    if (told == Told::pushed_out) co_return too_many_hashes();
    boost::system::error_code woken;
    waiter->timer.expires_after(kLookPause);
    co_await waiter->timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    may_wait = std::chrono::steady_clock::now() < until && !request.has_left();
  }
  co_return too_many_hashes();
}

asio::awaitable<core::Result<bool>> PasswordPool::matches(const Request& request, HashingFor who,
                                                          core::SecretText password, std::string verifier) {
  const auto its_turn = co_await turn(request, who);
  if (its_turn.has_error()) co_return its_turn.error();
  auto hashing = check(std::move(password), std::move(verifier));
  co_return co_await asio::co_spawn(threads_, std::move(hashing), asio::use_awaitable);
}

asio::awaitable<core::Result<std::string>> PasswordPool::make_verifier(const Request& request, HashingFor who,
                                                                       core::SecretText password) {
  const auto its_turn = co_await turn(request, who);
  if (its_turn.has_error()) co_return its_turn.error();
  auto hashing = make(std::move(password), random_);
  co_return co_await asio::co_spawn(threads_, std::move(hashing), asio::use_awaitable);
}

}  // namespace tally::http
