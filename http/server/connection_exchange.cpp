#include <string>
#include <utility>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "http/server/connection.hpp"

namespace tally::http {
namespace asio = boost::asio;

namespace {

// RFC 6797: whoever was served over TLS once does not come back without.
constexpr std::string_view kStrictTransport = "Strict-Transport-Security: max-age=31536000\r\n";

}  // namespace

Exchange& Connection::begin_exchange() {
  clear_deadline();  // it was for the idle connection
  return exchange_.emplace(surroundings_, reader_, worker_.request_ids(), peer_, answer_memory_);
}

void Connection::begin_request() {
  worker_.has_work();
  worker_.idle().end_waiting(idle_place_);
  Exchange& exchange = exchange_ ? *exchange_ : begin_exchange();
  exchange.take_head();
  if (!take_share()) exchange.refuse({503, "overloaded", "too many requests of this address are under way"});
  exchange.admit();
  if (exchange.is_answered()) return begin_answer();
  phase_ = Phase::reading_body;
}

void Connection::fail(const HttpRefusal& refusal) {
  worker_.idle().end_waiting(idle_place_);
  Exchange& exchange = exchange_ ? *exchange_ : begin_exchange();
  exchange.fail(refusal);
  begin_answer();
}

void Connection::fail_unread() {
  exchange_->fail_unread();
  begin_answer();
}

// Only asked for when the route's bound fits. A request that is refused anyway is told so without its body.
void Connection::send_continue() {
  if (!exchange_->is_body_wanted()) return fail_unread();
  constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  output_ = {asio::buffer(kContinue.data(), kContinue.size())};
  boost::system::error_code error;
  const std::size_t bytes = send_some(error);
  // Everything before it was written out: a socket that does not take these 25 bytes is not read from any more.
  if (error || bytes != kContinue.size()) close();
}

asio::awaitable<bool> Connection::read_in_turn(std::function<void()> work) {
  return exchange_->read_in_turn(std::move(work));
}

CarrierLines Connection::carrier_lines() {
  return {worker_.date_line().at(surroundings_.clock.now()), tls_ ? kStrictTransport : std::string_view{}};
}

void Connection::begin_answer() {
  if (exchange_->is_streamed()) {
    phase_ = Phase::pulling;
    return;
  }
  output_ = exchange_->whole(carrier_lines());
  phase_ = Phase::writing;
}

asio::awaitable<void> Connection::pull_piece(Connection* self) {
  Exchange& exchange = *self->exchange_;
  const std::chrono::milliseconds pause = exchange.pause();
  if (pause > std::chrono::milliseconds::zero()) {
    asio::steady_timer timer{self->worker_.context(), pause};
    co_await timer.async_wait(asio::use_awaitable);
    if (!self->socket_.is_open()) co_return self->close();  // aborted meanwhile
    // Nobody reads what is rarely written: only this tells that its place can be another's.
    if (!self->surroundings_.draining && self->has_left()) co_return self->cut_off();
    if (self->surroundings_.draining) {
      exchange.end_stream();
      co_return self->on_pulled(exchange.pulled());
    }
  }
  co_await exchange.pull();
  self->on_pulled(exchange.pulled());
}

void Connection::on_pulled(Exchange::Pulled pulled) {
  switch (pulled) {
    case Exchange::Pulled::nothing:
      return;
    case Exchange::Pulled::piece:
      output_ = exchange_->piece(carrier_lines());
      phase_ = Phase::writing;
      return;
    case Exchange::Pulled::answered:
      return begin_answer();
    case Exchange::Pulled::broken:
      return cut_off();
  }
}

void Connection::end_exchange() {
  exchange_->record_access();
  const bool is_last = exchange_->ends_connection();
  exchange_.reset();
  body_hold_.release();
  give_back_share();
  if (is_last) return linger();
  reader_.next();
  phase_ = Phase::reading_head;
}

void Connection::give_up_answer() {
  if (exchange_) exchange_->record_access();
  close();
}

// Without chunks, an orderly end would look like the end of the body: the peer is to see a reset.
void Connection::cut_off() {
  boost::system::error_code ignored;
  if (tls_) tls_->abandon();
  const bool is_open_ended = exchange_ && exchange_->framing() == Framing::until_close;
  if (is_open_ended) socket_.set_option(asio::socket_base::linger{true, 0}, ignored);
  give_up_answer();
}

void Connection::on_exception(std::string_view what) noexcept {
  try {
    const core::Error error = core::fail(core::Errc::internal, std::string{what});
    if (phase_ == Phase::lingering) {
      surroundings_.tell_fault({}, what);
      return cut_off();
    }
    Exchange& exchange = exchange_ ? *exchange_ : begin_exchange();
    if (phase_ == Phase::pulling) return on_pulled(exchange.fail_stream(error));
    if (phase_ == Phase::writing) {
      exchange.tell_fault(what);
      return cut_off();
    }
    exchange.fail(error);
    begin_answer();
  } catch (...) {  // in the answer itself: then there is none
    phase_ = Phase::closed;
    boost::system::error_code ignored;
    socket_.close(ignored);
  }
}

}  // namespace tally::http
