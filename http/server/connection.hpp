#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "http/server/exchange.hpp"
#include "http/server/peer.hpp"
#include "http/server/request_reader.hpp"
#include "http/server/tls_connection.hpp"
#include "http/server/worker.hpp"

namespace tally::http {

using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

/// Whether a new connection is served, or only told that there are too many.
enum class Admission : std::uint8_t { served, refused };

/// One connection: its socket, with TLS or without, its deadlines, its place among those that wait, and its share of
/// what is everybody's. Reads a request, has an Exchange answer it, sends the answer, and again. A plain state machine
/// does all that needs no waiting, in advance(); the coroutine only waits for what advance() asks for. So a request
/// that is there, is answered by a synchronous handler and fits the socket's buffer costs one read to be awaited and
/// nothing else. Over TLS it is the same machine with a TlsConnection between it and the socket; the coroutine moves
/// what the socket brings, encrypted or not. Threads: the worker's own, but for the constructor.
class Connection final : private Request::Presence {
 public:
  /// Counted in surroundings.connections already; the connection says when it ends. `tls`: null for plain HTTP; need
  /// not outlive the call.
  Connection(Surroundings& surroundings, Worker& worker, Socket socket, Peer peer, Admission admission,
             const TlsContext* tls);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// The whole life of a connection.
  static boost::asio::awaitable<void> run(std::unique_ptr<Connection> connection);

  using Instant = std::chrono::steady_clock::time_point;
  /// Wakes the connection if its deadline has passed.
  void check_deadline(Instant now);
  /// Wakes the connection if it waits for a request; otherwise it ends after the one at hand.
  void drain();
  /// Whatever waits on the socket fails now.
  void abort();
  /// Ends, if nothing of a request has come by now; then another one is asked in its place. Only one that waits.
  void give_way();

 private:
  /// What the connection is about.
  enum class Phase : std::uint8_t {
    shaking_hands,
    reading_head,
    reading_body,
    handling,
    pulling,
    writing,
    lingering,
    closed
  };
  /// What the coroutine must wait for before advance() can go on.
  enum class Step : std::uint8_t { read, wait_writable, give_turn, wait_for_exchange, pull_piece, end };
  using MaybeStep = std::optional<Step>;

  // connection.cpp: the life of a connection.
  /// Until the end (false), or an exception.
  static boost::asio::awaitable<bool> live(Connection* self);
  boost::asio::awaitable<bool> read_in_turn(std::function<void()> work) override;
  [[nodiscard]] bool has_left() override;
  void enter();
  Step advance();
  MaybeStep read_head();
  MaybeStep read_more();
  MaybeStep read_body();
  MaybeStep handle();
  MaybeStep write();
  void on_read(const boost::system::error_code& error, std::size_t bytes);
  void on_writable(const boost::system::error_code& error);
  [[nodiscard]] boost::asio::mutable_buffer read_room();
  void consume_output(std::size_t bytes);
  void linger();
  void set_deadline(std::chrono::milliseconds after);
  void clear_deadline() { deadline_ = Instant::max(); }
  void close();

  // connection_exchange.cpp: what it does for an exchange.
  Exchange& begin_exchange();
  /// The head of a request is here.
  void begin_request();
  /// Answers `refusal`, and ends the connection after it.
  void fail(const HttpRefusal& refusal);
  void fail_unread();
  void send_continue();
  static boost::asio::awaitable<void> pull_piece(Connection* self);
  void begin_answer();
  void on_pulled(Exchange::Pulled pulled);
  [[nodiscard]] CarrierLines carrier_lines();
  /// The answer is sent.
  void end_exchange();
  /// The answer can not be sent to its end.
  void give_up_answer();
  /// As give_up_answer(), so that the peer does not take what it has for all.
  void cut_off();
  /// 500 with the request's id, if nothing of the answer is on its way yet; the connection ends in any case.
  void on_exception(std::string_view what) noexcept;

  // connection_bounds.cpp: what a connection takes of what is everybody's.
  /// A request by way of a proxy is a connection of its client's. False: the client has its share.
  bool take_share();
  void give_back_share();
  /// False: the refusal is written.
  bool hold_body();
  /// False: the connection is cut off.
  bool hold_answer();
  /// True: the connection has given way, or another one was asked to.
  bool has_given_way(const boost::system::error_code& error);

  // connection_tls.cpp: what TLS adds to it.
  MaybeStep shake_hands();
  MaybeStep refuse_plain_http();
  MaybeStep read_tls();
  std::size_t send_some(boost::system::error_code& error);

  Surroundings& surroundings_;
  Worker& worker_;
  Socket socket_;
  std::unique_ptr<TlsConnection> tls_;  ///< Null: plain HTTP. Goes before the socket does.
  const Peer peer_;
  const Admission admission_;
  std::optional<Worker::Place> place_;
  IdleOrder::Place idle_place_{this};
  bool gives_way_ = false;
  std::optional<ClientNetwork> share_;  ///< Taken for the exchange at hand.
  BufferBudget::Hold body_hold_;
  BufferBudget::Hold answer_hold_;

  Phase phase_ = Phase::reading_head;
  bool timed_out_ = false;
  Instant deadline_ = Instant::max();

  RequestReader reader_;
  AnswerMemory answer_memory_;
  std::optional<Exchange> exchange_;  ///< From the first byte of a request to the end of its answer.
  Exchange::Output output_;           ///< What is still to be sent of what it gave.
  std::size_t lingered_bytes_ = 0;
};

}  // namespace tally::http
