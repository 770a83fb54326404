#include "http/server/connection.hpp"

#include <algorithm>
#include <exception>
#include <poll.h>
#include <utility>

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tally::http {
namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds kLingerTimeout{2000};
constexpr std::size_t kLingerBytesMax = 256 << 10;
constexpr std::size_t kLingerRoomBytes = 4 << 10;

}  // namespace

Connection::Connection(Surroundings& surroundings, Worker& worker, Socket socket, Peer peer, Admission admission,
                       const TlsContext* tls)
    : surroundings_(surroundings),
      worker_(worker),
      socket_(std::move(socket)),
      tls_(tls != nullptr ? std::make_unique<TlsConnection>(*tls, socket_.native_handle()) : nullptr),
      peer_(std::move(peer)),
      admission_(admission) {}

Connection::~Connection() {
  exchange_.reset();
  wipe_text(answer_memory_.head);
  worker_.idle().leave(idle_place_);
  if (place_) worker_.leave(*place_);
  give_back_share();
  body_hold_.release();
  answer_hold_.release();
  surroundings_.counters.connections_ended.fetch_add(1, std::memory_order_relaxed);
  // Last: whoever waits for the last connection may end what the lines before use.
  if (admission_ == Admission::refused) {
    surroundings_.connections.leave_told();
  } else {
    surroundings_.connections.leave_served(peer_.network);
  }
}

asio::awaitable<void> Connection::run(std::unique_ptr<Connection> connection) {
  for (bool goes_on = true; goes_on;) {
    // The one place where exceptions of requests end; nothing may be awaited where they are caught.
    try {
      goes_on = co_await live(connection.get());
    } catch (const std::exception& exception) {
      connection->on_exception(exception.what());
    } catch (...) {
      connection->on_exception("not a std::exception");
    }
  }
}

asio::awaitable<bool> Connection::live(Connection* self) {
  if (!self->place_) self->enter();
  for (;;) {
    boost::system::error_code error;
    switch (self->advance()) {
      case Step::read: {
        const asio::mutable_buffer room = self->read_room();
        const std::size_t bytes =
            co_await self->socket_.async_read_some(room, asio::redirect_error(asio::use_awaitable, error));
        self->on_read(error, bytes);
        break;
      }
      case Step::wait_writable:
        co_await self->socket_.async_wait(Socket::wait_write, asio::redirect_error(asio::use_awaitable, error));
        self->on_writable(error);
        break;
      case Step::give_turn:
        co_await asio::post(self->worker_.context(), asio::use_awaitable);
        break;
      case Step::wait_for_exchange:
        co_await self->exchange_->wait();
        break;
      case Step::pull_piece:
        co_await pull_piece(self);
        break;
      case Step::end:
        co_return false;
    }
  }
}

void Connection::enter() {
  place_ = worker_.enter(*this);
  reader_.request().presence = this;
  boost::system::error_code error;
  socket_.set_option(asio::ip::tcp::no_delay{true}, error);
  socket_.non_blocking(true, error);
  if (error) return close();  // the peer is gone already
  if (tls_) {
    phase_ = Phase::shaking_hands;
    set_deadline(surroundings_.options.handshake_timeout);
  }
  if (admission_ == Admission::refused) return fail({503, "overloaded", "too many connections"});
  worker_.idle().join(idle_place_, peer_.network);
  worker_.idle().begin_waiting(idle_place_);
}

Connection::Step Connection::advance() {
  for (;;) {
    MaybeStep step;
    switch (phase_) {
      case Phase::shaking_hands:
        step = shake_hands();
        break;
      case Phase::reading_head:
        step = read_head();
        break;
      case Phase::reading_body:
        step = read_body();
        break;
      case Phase::handling:
        step = handle();
        break;
      case Phase::pulling:
        return Step::pull_piece;
      case Phase::writing:
        step = write();
        break;
      case Phase::lingering:
        return Step::read;
      case Phase::closed:
        return Step::end;
    }
    if (step) return *step;
  }
}

Connection::MaybeStep Connection::read_head() {
  switch (reader_.read_head()) {
    case RequestReader::Progress::done:
      begin_request();
      return std::nullopt;
    case RequestReader::Progress::failed:
      fail(reader_.failure());
      return std::nullopt;
    case RequestReader::Progress::need_more:
      break;
  }
  // As long as no head is whole there is nothing that could be lost: where all places are taken, this one can go.
  worker_.idle().begin_waiting(idle_place_);
  if (!reader_.in_head()) {
    if (surroundings_.draining) {
      close();
      return std::nullopt;
    }
    // What comes need not be a byte of a request, but empty lines, or what TLS has to say: it keeps no connection
    // alive.
    if (deadline_ == Instant::max()) set_deadline(surroundings_.options.idle_timeout);
  } else if (!exchange_) {
    begin_exchange();
    set_deadline(surroundings_.options.request_timeout);
  }
  return read_more();
}

Connection::MaybeStep Connection::read_more() {
  if (tls_) return read_tls();
  return Step::read;
}

Connection::MaybeStep Connection::read_body() {
  // By a handler that had enough of a piece.
  if (exchange_->is_answered()) {
    begin_answer();
    return std::nullopt;
  }
  if (!hold_body()) return std::nullopt;
  switch (reader_.read_body()) {
    case RequestReader::Progress::done:
      phase_ = Phase::handling;
      return std::nullopt;
    case RequestReader::Progress::failed:
      fail_unread();
      return std::nullopt;
    case RequestReader::Progress::need_more:
      break;
  }
  if (exchange_->takes_continue()) {
    send_continue();
    if (phase_ != Phase::reading_body) return std::nullopt;
  }
  if (exchange_->has_piece()) {
    clear_deadline();  // a new one for each piece: the request as a whole may take longer
    return Step::wait_for_exchange;
  }
  if (deadline_ == Instant::max()) set_deadline(surroundings_.options.request_timeout);
  return read_more();
}

Connection::MaybeStep Connection::handle() {
  clear_deadline();
  if (!exchange_->go_on()) return Step::wait_for_exchange;
  begin_answer();
  return std::nullopt;
}

asio::mutable_buffer Connection::read_room() {
  if (phase_ == Phase::lingering) {
    answer_memory_.head.resize(kLingerRoomBytes);
    return asio::buffer(answer_memory_.head);
  }
  const std::span<char> room = tls_ ? tls_->room() : reader_.room();
  return asio::buffer(room.data(), room.size());
}

void Connection::on_read(const boost::system::error_code& error, std::size_t bytes) {
  const bool timed_out = std::exchange(timed_out_, false);
  if (phase_ == Phase::lingering) {
    lingered_bytes_ += bytes;
    if (error || timed_out || lingered_bytes_ > kLingerBytesMax) close();
    return;
  }
  if (gives_way_ && has_given_way(error)) return close();
  if (timed_out && phase_ == Phase::reading_body && !exchange_->is_body_wanted()) return fail_unread();
  if (timed_out && exchange_) return fail({408, "request_timeout", "the request took too long to arrive"});
  if (error || timed_out) return close();
  if (tls_) return tls_->received(bytes);
  reader_.received(bytes);
}

// Whoever has closed its side is taken for gone: a client that only says that it sends no more is rare.
bool Connection::has_left() {
  if (surroundings_.draining || !socket_.is_open()) return true;
  pollfd watched{socket_.native_handle(), POLLRDHUP, 0};
  return ::poll(&watched, 1, 0) > 0;
}

void Connection::on_writable(const boost::system::error_code& error) {
  if (gives_way_) static_cast<void>(has_given_way(error));
  if (std::exchange(timed_out_, false) || error) give_up_answer();
}

// The socket takes what it can at once; most answers fit. A peer that takes nothing for request_timeout is given up.
Connection::MaybeStep Connection::write() {
  while (asio::buffer_size(output_) > 0) {
    boost::system::error_code error;
    const std::size_t bytes = send_some(error);
    if (error == asio::error::would_block || error == asio::error::try_again) {
      if (!hold_answer()) return std::nullopt;
      set_deadline(surroundings_.options.request_timeout);
      return Step::wait_writable;
    }
    if (error && error != asio::error::interrupted) {
      give_up_answer();
      return std::nullopt;
    }
    consume_output(bytes);
  }
  clear_deadline();
  answer_hold_.release();
  if (exchange_->is_streamed()) {
    phase_ = Phase::pulling;
    return std::nullopt;
  }
  end_exchange();
  // The next request is here already: others of this thread go before it, however many this peer has sent at once.
  const bool has_more = phase_ == Phase::reading_head && reader_.has_input();
  return has_more ? MaybeStep{Step::give_turn} : std::nullopt;
}

void Connection::consume_output(std::size_t bytes) {
  exchange_->sent(bytes);
  for (asio::const_buffer& buffer : output_) {
    const std::size_t taken = std::min(bytes, buffer.size());
    buffer += taken;
    bytes -= taken;
  }
}

// RFC 9112 §9.6: closing while the peer still sends would reset the connection, and the peer could lose our answer.
void Connection::linger() {
  worker_.idle().end_waiting(idle_place_);
  if (tls_) tls_->send_close_notify();
  boost::system::error_code error;
  socket_.shutdown(Socket::shutdown_send, error);
  if (error) return close();
  phase_ = Phase::lingering;
  set_deadline(std::min(kLingerTimeout, surroundings_.options.request_timeout));
}

void Connection::set_deadline(std::chrono::milliseconds after) {
  deadline_ = std::chrono::steady_clock::now() + after;
  timed_out_ = false;
}

void Connection::check_deadline(Instant now) {
  if (deadline_ > now) return;
  clear_deadline();
  timed_out_ = true;
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

void Connection::drain() {
  if (!idle_place_.waits()) return;
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

void Connection::abort() {
  // The descriptor's number may be another connection's in a moment.
  if (tls_) tls_->abandon();
  boost::system::error_code ignored;
  socket_.close(ignored);
}

void Connection::close() {
  if (tls_ && phase_ != Phase::lingering) tls_->send_close_notify();
  phase_ = Phase::closed;
  boost::system::error_code ignored;
  socket_.close(ignored);
}

}  // namespace tally::http
