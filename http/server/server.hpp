#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "core/base/random.hpp"
#include "core/base/result.hpp"
#include "http/server/clock.hpp"
#include "http/server/cross_origin.hpp"
#include "http/server/error_form.hpp"
#include "http/server/forwarded.hpp"
#include "http/server/limits.hpp"
#include "http/server/listener.hpp"
#include "http/server/router.hpp"
#include "http/server/tls_context.hpp"
#include "http/server/turn_pool.hpp"

namespace tally::http {

/// One line of the access log: no query string, no header, no secret.
struct AccessRecord {
  std::string_view method, path, request_id, remote_address;
  unsigned status = 0;
  std::uint64_t request_bytes = 0, response_bytes = 0;
  std::int64_t micros = 0;
};

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;  ///< 0: a free one.
  /// The path of the public URL, without a slash at its end: a proxy in front takes it away again. Empty: none.
  std::string base_path;
  CrossOriginRule cross_origin;  ///< Whose pages may read the answers of routes that are open to pages.
  unsigned io_threads = 2;
  unsigned long_read_threads = 2;
  /// Above, the oldest idle connection gives way to a new one; where none is idle, the new one is told 503 and closed.
  std::size_t connections_max = limits::kConnectionsMax;
  /// Of one IPv4 address, or one /64 of IPv6; above, a new one is told 503 and closed. 0: a quarter of all. The
  /// connections of a proxy are its clients': each is a connection of the client whose request is under way on it, and
  /// nobody's in between. A request whose client has its share is answered 503, and the proxy's connection goes on.
  std::size_t connections_per_address_max = 0;
  /// Of bodies that are buffered at the same time; an eighth of it for one address. Above, the request is answered 503
  /// before its body is read.
  std::size_t buffered_bodies_bytes_max = limits::kBufferedBodiesBytesMax;
  /// Of answers that wait for peers who do not take them; an eighth of it for one address. Near the latter, what reads
  /// on a pool is answered 503 for that address; above either, an answer that does not leave is cut off.
  std::size_t waiting_answers_bytes_max = limits::kWaitingAnswersBytesMax;
  std::chrono::milliseconds request_timeout = limits::kRequestTimeout;  ///< For a whole request: then 408.
  std::chrono::milliseconds idle_timeout = limits::kIdleTimeout;        ///< Between requests: then closed.
  std::chrono::milliseconds drain_timeout = limits::kDrainTimeout;
  /// Whether the request's address may ask at all: of routes whose AddressLimit is `first`, and of what has no route,
  /// before the body is read. May be empty. Any thread.
  std::function<core::Result<void>(const Request&)> admit;
  /// Answers in place of every route whose AddressLimit is `first`, and of what has no route, in the given form. May be
  /// empty. Any I/O thread.
  std::function<void(const Request&, const ErrorForm&, Response&)> answer_instead;
  /// Whose turn it is, of a request that reads on a pool. Empty: all are one. Any I/O thread.
  std::function<Turn(const Request&)> turn_of;
  std::function<void()> on_long_read_thread;  ///< The first that each of these threads does. May be empty.
  std::function<void(const Request&)>
      on_answer;  ///< When a response is written, before it leaves. May be empty. Any thread.
  std::chrono::milliseconds handshake_timeout = limits::kTlsHandshakeTimeout;  ///< Of TLS: then closed.
  std::shared_ptr<const TlsContext> tls;                                       ///< Null: plain HTTP.
  std::optional<ProxyTrust> proxies;                                           ///< Empty: the peer is the client.
  std::function<void(const AccessRecord&)> on_request;                         ///< May be empty. Any thread.
  /// An I/O thread has work at hand (true), or is about to wait (false). Each thread's calls alternate, and begin with
  /// true. May be empty.
  std::function<void(bool)> on_turn;
  /// A request failed by a fault of ours (a broken promise, damaged rows): answered 500, or cut off in the middle of
  /// its answer. Once for each. May be empty. Any thread.
  std::function<void(std::string_view request_id, std::string_view what)> on_fault;
  /// A request was answered 503 because of the disk or the machine. Once for each. May be empty. Any thread.
  std::function<void(std::string_view request_id, std::string_view what)> on_obstacle;
  /// No connection could be accepted, most likely for want of a descriptor; accepting pauses. Counted each time, told
  /// at most once in kAcceptFailureInterval, with how many there have been since the start. May be empty. Any thread.
  std::function<void(std::string_view why, std::uint64_t count)> on_accept_failure;
  /// A TLS handshake failed. May be empty. Any thread.
  std::function<void(std::string_view remote_address, std::string_view why)> on_handshake_failure;
};

inline constexpr std::chrono::seconds kAcceptFailureInterval{10};

/// Threads: any.
struct ServerCounters {
  std::atomic<std::uint64_t> internal_errors = 0;  ///< Requests that failed by a fault of ours.
  std::atomic<std::uint64_t> accept_failures = 0;  ///< Connections that could not be accepted, each try counted.
  std::atomic<std::uint64_t> connections_ended = 0;
};

/// Listens, parses within bounds, routes, answers, drains. Decides no rule of the domain. HTTP/1.1 and 1.0, keep-alive,
/// pipelining in order; over TLS if it is given a context. Bounds and timeouts: limits.hpp.
class Server {
 public:
  /// Lifetime: router, clock and random outlive the server.
  Server(ServerOptions options, const Router& router, const Clock& clock, core::RandomSource& random);
  ~Server();

  /// Takes the address and port, and accepts nobody yet: whoever needs to know a free port before the routes are made
  /// calls it before start(). Errors: bad_configuration (address), io_failed (port taken …).
  core::Result<void> bind();
  /// Instead of bind(): goes on with a socket that listens at the options' address. Errors: bad_configuration
  /// (address), io_failed.
  core::Result<void> take_over(Listener listener);
  /// Binds unless bind() did, listens and starts the threads. Errors: as bind().
  core::Result<void> start();
  /// The bound port, after bind() or start().
  [[nodiscard]] std::uint16_t port() const;
  /// An executor of the I/O threads, for signals and timers.
  [[nodiscard]] boost::asio::any_io_executor executor() const;
  /// New connections use `tls` from now on; those that are open keep what they have. Threads: any. Only for a server
  /// that was given a context.
  void replace_tls(std::shared_ptr<const TlsContext> tls);
  /// Stops accepting, lets running requests finish (at most drain_timeout), closes idle connections, then cuts off what
  /// still runs: connections are closed, and long reads end at their next row. Joins. Threads: not an I/O thread.
  void drain();
  /// The same, but that the address stays taken: whoever connects from now on waits for the server that takes over.
  /// Only once it was started. Threads: not an I/O thread.
  [[nodiscard]] Listener drain_and_keep_listening();
  /// Lifetime: the server's.
  [[nodiscard]] const ServerCounters& counters() const;
  /// Connections that are open.
  [[nodiscard]] std::size_t connections() const;
  /// About how many bytes of large buffers, and of connections that ended, were freed since the start.
  [[nodiscard]] std::uint64_t bytes_freed() const;
  /// Runs `task` once on each I/O thread, and on those long-read threads that have nothing else to do, between two
  /// pieces of work. Does not wait for it. Threads: any, between start() and drain().
  void on_every_thread(const std::function<void()>& task);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tally::http
