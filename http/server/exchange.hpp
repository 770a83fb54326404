#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>

#include "http/server/exchange_notes.hpp"
#include "http/server/peer.hpp"
#include "http/server/request_identity.hpp"
#include "http/server/request_reader.hpp"
#include "http/server/response_head.hpp"
#include "http/server/surroundings.hpp"

namespace tally::http {

/// What one exchange leaves to the next on its connection: nothing that can be read, but the memory of its strings.
struct AnswerMemory {
  Response response;
  std::string head;
};

/// What the connection says in an answer's head.
struct CarrierLines {
  std::string_view date_line;
  std::string_view transport_line;
};

/// One request and its answer: begins when a byte of the request is seen, ends when the answer is sent, and is made
/// anew for the next, so that nothing of one can be left for another. It finds the route, refuses what need not be
/// served, runs the prelude and the handler, and makes the answer's bytes. It knows no socket: whoever owns it reads
/// the request into the RequestReader, waits for what it is told to, and sends what it is given. Order: take_head(),
/// admit(), the body, go_on() and wait() until is_answered(); then whole(), or the pieces of an answer that is
/// streamed. fail() at any time before something was sent. Threads: the connection's own; a handler runs where its
/// route says, while wait() is awaited.
class Exchange {
 public:
  /// Lifetime: all of them outlive it.
  Exchange(Surroundings& surroundings, RequestReader& reader, RequestIds& request_ids, const Peer& peer,
           AnswerMemory& memory);
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // exchange.cpp: the request comes, and is answered.
  /// The head is here: names the request and finds its route.
  void take_head();
  /// Whose request it is; after take_head(), what a proxy says of it.
  [[nodiscard]] const ClientNetwork& client_network() const { return client_network_; }
  /// Between take_head() and admit(): goes before whatever else it would be refused for.
  void refuse(const HttpRefusal& refusal);
  /// Whether it is served at all, and how much of a body is read. is_answered(): it is refused with nothing read.
  void admit();
  /// The client waits for 100 (Continue): true once.
  [[nodiscard]] bool takes_continue();
  /// What is to come of the body is of use.
  [[nodiscard]] bool is_body_wanted() const { return !is_written_ && refusal_.status == 0; }
  /// Enough of the body is here for a handler that takes it in pieces: to wait() is to feed it.
  [[nodiscard]] bool has_piece() const;
  /// The body is here. False: wait(), and then again. True: it is answered.
  bool go_on();
  boost::asio::awaitable<void> wait();
  [[nodiscard]] bool is_answered() const { return is_answered_; }
  /// The connection is to be closed after the answer.
  [[nodiscard]] bool ends_connection() const { return ends_connection_; }

  /// Answers at once, and ends the connection.
  void fail(const HttpRefusal& refusal);
  void fail(const core::Error& error);
  /// As fail(), of a request that is not read to its end, by what is known to be wrong with it.
  void fail_unread();
  /// Counts a fault and tells it with the request's id.
  void tell_fault(std::string_view what);
  /// As Request::Presence.
  boost::asio::awaitable<bool> read_in_turn(std::function<void()> work);

  // exchange_answer.cpp: the answer leaves.
  /// Where the bytes lie that are to be sent next. Lifetime: until more is asked for, or the exchange ends.
  using Output = std::array<boost::asio::const_buffer, 3>;
  /// The answer is made while it is sent.
  [[nodiscard]] bool is_streamed() const { return response_.stream && reader_.request().method != Method::head; }
  /// All of an answer that is not.
  Output whole(const CarrierLines& lines);

  /// How long to wait before the next piece of one that is. Gives the piece before it back.
  std::chrono::milliseconds pause();
  /// Makes the next piece.
  boost::asio::awaitable<void> pull();
  /// In the place of pull(): the piece before was the last.
  void end_stream();
  enum class Pulled : std::uint8_t {
    nothing,  ///< Pull again.
    piece,
    answered,  ///< It failed before anything was sent: whole() says so.
    broken,    ///< It failed in the middle: only the connection's end can say so.
  };
  /// What pull() or end_stream() has come to.
  Pulled pulled();
  /// As pulled(), if an exception came of it.
  Pulled fail_stream(const core::Error& error);
  /// After Pulled::piece, once.
  Output piece(const CarrierLines& lines);
  /// How the end of the answer is found.
  [[nodiscard]] Framing framing() const;

  /// What the answer takes in memory while it waits for its peer.
  [[nodiscard]] std::size_t waiting_bytes() const;
  void sent(std::size_t bytes) { sent_bytes_ += bytes; }
  /// Tells the access log, once.
  void record_access();

 private:
  /// What there is to wait for.
  enum class Wait : std::uint8_t { piece_fed, prelude, handler, handler_on_pool };

  void set_identity();
  void find_route();
  [[nodiscard]] bool is_admitted();
  [[nodiscard]] bool is_limited_first() const;
  /// A browser asks what its page may send here.
  [[nodiscard]] bool is_preflight() const;
  [[nodiscard]] bool is_fed() const;
  bool go_on_after(Wait wait);
  static boost::asio::awaitable<void> run_prelude(Exchange* exchange);
  static boost::asio::awaitable<void> run_handler(Exchange* exchange);
  static boost::asio::awaitable<void> run_on_pool(Exchange* exchange);
  static boost::asio::awaitable<void> feed_piece(Exchange* exchange);
  static boost::asio::awaitable<void> pull_piece(Exchange* exchange);
  /// Of a handler that does not run on the connection's thread.
  [[nodiscard]] TurnPool& pool() const;
  const Turn& turn();
  void write_refusal(const HttpRefusal& refusal);
  void write_error(const core::Error& error);
  /// The response is written: adds what every answer has, and tells who wants to know.
  void answer();
  void append_head(const CarrierLines& lines, Framing framing);

  Surroundings& surroundings_;
  RequestReader& reader_;
  RequestIds& request_ids_;
  const Peer& peer_;
  Response& response_;
  std::string& head_;
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();

  // The request.
  ExchangeNotes notes_;
  ClientNetwork client_network_;
  std::string client_address_;         ///< Behind a proxy.
  RequestIds::Text drawn_request_id_;  ///< If the client has given none.
  const Route* route_ = nullptr;
  const ErrorForm* error_form_ = &kProblemForm;
  HttpRefusal refusal_;  ///< If it is to be refused as soon as it is read. Status 0: it is not.
  std::string allowed_methods_;
  std::optional<Turn> turn_;
  const Prelude* prelude_ = nullptr;
  std::unique_ptr<BodySink> sink_;  ///< Of a body that is taken in pieces, from its first one on.
  Wait wait_ = Wait::piece_fed;     ///< While the body comes there is nothing else.
  bool is_open_to_pages_ = false;   ///< Of other origins, says the route, or one of the same path: RoutePolicy.
  bool is_continued_ = false;
  bool is_whole_ = false;  ///< The body has come to its end.
  bool is_prelude_asked_ = false;
  bool is_written_ = false;  ///< The response is, and no handler runs; the request is read to its end.

  // The answer.
  using Piece = core::Result<std::optional<std::string>>;
  std::optional<Piece> pulled_;
  std::uint64_t sent_bytes_ = 0;
  bool is_answered_ = false;
  bool is_head_made_ = false;  ///< Of an answer that is streamed.
  bool ends_connection_ = false;
  bool is_recorded_ = false;
};

}  // namespace tally::http
