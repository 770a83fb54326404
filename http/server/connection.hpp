#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "http/server/exchange_notes.hpp"
#include "http/server/peer.hpp"
#include "http/server/request_reader.hpp"
#include "http/server/tls_connection.hpp"
#include "http/server/turn_pool.hpp"
#include "http/server/worker.hpp"

namespace tally::http {

using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

/// Whether a new connection is served, or only told that there are too many.
enum class Admission : std::uint8_t { served, refused };

/// One connection: reads a request, has it answered, writes the answer, and again. A plain state machine does all that
/// needs no waiting, in advance(); the coroutine only waits for what advance() asks for. So a request that is there, is
/// answered by a synchronous handler and fits the socket's buffer costs one read to be awaited and nothing else.
/// Over TLS it is the same machine with a TlsConnection between it and the socket; the coroutine moves what the socket
/// brings, encrypted or not. Threads: the worker's own, but for the constructor.
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
  /// Where in the life of a request the connection is.
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
  enum class Step : std::uint8_t {
    read,
    wait_writable,
    give_turn,
    run_prelude,
    call_async,
    call_on_pool,
    feed_piece,
    pull_piece,
    end
  };
  using MaybeStep = std::optional<Step>;

  // connection.cpp: the life of a connection.
  /// Until the end (false), or an exception.
  static boost::asio::awaitable<bool> live(Connection* self);
  boost::asio::awaitable<bool> read_in_turn(std::function<void()> work) const override;
  [[nodiscard]] bool has_left() const override;
  void enter();
  Step advance();
  MaybeStep read_head();
  MaybeStep read_more();
  MaybeStep read_body();
  MaybeStep write();
  void on_read(const boost::system::error_code& error, std::size_t bytes);
  void on_writable(const boost::system::error_code& error);
  [[nodiscard]] boost::asio::mutable_buffer read_room();
  void consume_output(std::size_t bytes);
  void finish_response();
  void linger();
  void set_deadline(std::chrono::milliseconds after);
  void clear_deadline() { deadline_ = Instant::max(); }
  void close();
  void record_access();

  // connection_bounds.cpp: what a connection takes of what is everybody's.
  /// What is wrong with a request before anything of its body is read; refusal_ says it.
  void find_refusal();
  /// A request by way of a proxy is a connection of its client's. False: the client has its share.
  bool take_share();
  void give_back_share();
  /// False: the refusal is written.
  bool hold_body();
  /// False: the connection is cut off.
  bool hold_answer();
  /// Whether an answer that may be long would have no room to wait.
  [[nodiscard]] bool answers_are_full() const;
  /// True: the connection has given way, or another one was asked to.
  bool has_given_way(const boost::system::error_code& error);
  void give_buffers_back();

  // connection_tls.cpp: what TLS adds to it.
  MaybeStep shake_hands();
  MaybeStep refuse_plain_http();
  MaybeStep read_tls();
  std::size_t send_some(boost::system::error_code& error);

  // connection_exchange.cpp: one request and its answer.
  void begin_request();
  void mark_begin();
  void set_identity();
  void find_route();
  void write_refusal(const HttpRefusal& refusal);
  /// Answers `refusal`, and ends the connection after it.
  void fail(HttpRefusal refusal);
  /// Answers a request that is not read to its end, and ends the connection after it.
  void end_unread();
  void send_continue();
  MaybeStep handle();
  static boost::asio::awaitable<void> run_prelude(Connection* connection);
  static boost::asio::awaitable<void> call_async(Connection* connection);
  static boost::asio::awaitable<void> call_on_pool(Connection* connection);
  static boost::asio::awaitable<void> feed_piece(Connection* connection);
  static boost::asio::awaitable<void> pull_piece(Connection* connection);
  /// Whether enough of the body is here for a handler that takes it in pieces.
  [[nodiscard]] bool has_piece() const;
  [[nodiscard]] bool is_limited_first() const;
  /// A browser asks what its page may send here.
  [[nodiscard]] bool is_preflight() const;
  /// False: the response is written.
  bool admit();
  /// What is to come of the body is of no use.
  [[nodiscard]] bool is_body_wanted() const { return !is_refused_ && refusal_.status == 0; }
  /// Of a handler that does not run here.
  [[nodiscard]] TurnPool& pool() const;
  [[nodiscard]] Turn turn() const;
  /// 500 with the request's id, if nothing of the answer is on its way yet; the connection ends in any case.
  void on_exception(std::string_view what) noexcept;
  void write_failure(const core::Error& error);
  /// Counts and tells, once for a request.
  void tell_fault(std::string_view what);
  void respond();
  void on_piece();
  void on_stream_failed(const core::Error& error);
  void cut_off();
  void queue_stream_output();
  void append_response_head();
  [[nodiscard]] Framing framing();

  Surroundings& surroundings_;
  Worker& worker_;
  Socket socket_;
  std::unique_ptr<TlsConnection> tls_;  ///< Null: plain HTTP. Goes before the socket does.
  const Peer peer_;
  const Admission admission_;
  std::optional<Worker::Place> place_;
  IdleOrder::Place idle_place_{this};
  bool gives_way_ = false;
  std::optional<ClientNetwork> share_;  ///< Taken for the request at hand.
  ClientNetwork client_network_;        ///< Whom the buffers of the request at hand are counted for.
  BufferBudget::Hold body_hold_;
  BufferBudget::Hold answer_hold_;
  std::string client_address_;  ///< Behind a proxy, of the request at hand.

  Phase phase_ = Phase::reading_head;
  bool close_after_response_ = false;
  bool timed_out_ = false;
  Instant deadline_ = Instant::max();

  ExchangeNotes notes_;
  RequestReader reader_;
  Response response_;
  RequestIds::Text drawn_request_id_{};
  const Route* route_ = nullptr;
  const ErrorForm* error_form_ = &kProblemForm;
  HttpRefusal refusal_;      ///< Of a request that can still be read to its end. Status 0: none.
  bool is_refused_ = false;  ///< The response is written; the request is read to its end.
  std::string allowed_methods_;
  bool is_open_to_pages_ = false;   ///< Of other origins, says the route, or one of the same path: RoutePolicy.
  std::unique_ptr<BodySink> sink_;  ///< Of a body that is taken in pieces, from its first one on.
  Instant began_{};
  bool in_request_ = false;  ///< From the first byte seen to the access record.
  bool continue_sent_ = false;
  const Prelude* prelude_ = nullptr;
  bool prelude_done_ = false;

  // The answer on its way.
  using Piece = core::Result<std::optional<std::string>>;
  std::string head_;
  std::optional<Piece> pulled_;
  bool stream_head_sent_ = false;
  std::array<boost::asio::const_buffer, 3> output_;
  std::uint64_t response_bytes_ = 0;
  std::size_t lingered_bytes_ = 0;
};

}  // namespace tally::http
