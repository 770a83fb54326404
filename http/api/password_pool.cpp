#include "http/api/password_pool.hpp"

#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/check.hpp"
#include "core/crypto/password.hpp"
#include "core/limits.hpp"

namespace tally::http::api {
namespace {

core::Error too_many_hashes() {
  return core::fail(core::Errc::overloaded, "too many passwords are being checked; try again");
}

boost::asio::awaitable<bool> check(core::SecretText password, std::string verifier) {
  const core::BrokenPromisePolicy policy{core::OnBrokenPromise::raise};
  co_return core::crypto::password_matches(password.reveal(), verifier);
}

boost::asio::awaitable<std::string> make(core::SecretText password, core::RandomSource& random) {
  const core::BrokenPromisePolicy policy{core::OnBrokenPromise::raise};
  co_return core::crypto::make_password_verifier(password.reveal(), random);
}

}  // namespace

/// One of the bounded places, for as long as it lives.
class PasswordPool::Place {
 public:
  explicit Place(std::atomic<std::size_t>& waiting)
      : waiting_(waiting), is_taken_(waiting.fetch_add(1) < core::limits::kPasswordHashesWaitingMax) {}
  ~Place() { waiting_.fetch_sub(1); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  [[nodiscard]] bool is_taken() const { return is_taken_; }

 private:
  std::atomic<std::size_t>& waiting_;
  bool is_taken_;
};

PasswordPool::PasswordPool(core::RandomSource& random, unsigned threads) : random_(random), threads_(threads) {}

PasswordPool::~PasswordPool() {
  threads_.stop();
  threads_.join();
}

boost::asio::awaitable<core::Result<bool>> PasswordPool::matches(core::SecretText password, std::string verifier) {
  const Place place{waiting_};
  if (!place.is_taken()) co_return too_many_hashes();
  auto hashing = check(std::move(password), std::move(verifier));
  co_return co_await boost::asio::co_spawn(threads_, std::move(hashing), boost::asio::use_awaitable);
}

boost::asio::awaitable<core::Result<std::string>> PasswordPool::make_verifier(core::SecretText password) {
  const Place place{waiting_};
  if (!place.is_taken()) co_return too_many_hashes();
  auto hashing = make(std::move(password), random_);
  co_return co_await boost::asio::co_spawn(threads_, std::move(hashing), boost::asio::use_awaitable);
}

}  // namespace tally::http::api
