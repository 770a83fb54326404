#include "http/server/server.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <future>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "http/server/connection.hpp"
#include "http/server/limits.hpp"
#include "http/server/table_seed.hpp"
#include "http/server/worker.hpp"

namespace tally::http {
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr std::chrono::milliseconds kAcceptPause{100};
constexpr unsigned kShortReadThreads = 2;
/// What one takes, about: itself, its coroutine, and what it keeps from request to request.
constexpr std::uint64_t kConnectionBytes = 16 << 10;
/// How long connections have to end after their sockets were closed.
constexpr std::chrono::milliseconds kAbortTimeout{1000};

ConnectionCount::Bounds connection_bounds_of(const ServerOptions& options) {
  const std::size_t all = std::max<std::size_t>(options.connections_max, 1);
  const std::size_t quarter = std::max<std::size_t>(all / limits::kConnectionsMaxShare, 1);
  return {all, options.connections_per_address_max == 0 ? quarter : options.connections_per_address_max};
}

BufferBudget::Bounds body_bounds_of(const ServerOptions& options) {
  const std::size_t all = options.buffered_bodies_bytes_max;
  return {all, all / limits::kBufferedBodiesBytesShare};
}

BufferBudget::Bounds answer_bounds_of(const ServerOptions& options) {
  const std::size_t all = options.waiting_answers_bytes_max;
  return {all, all / limits::kWaitingAnswersBytesShare};
}

}  // namespace

struct Server::State {
  State(ServerOptions given, const Router& router, const Clock& clock, core::RandomSource& random)
      : options(std::move(given)),
        tls(options.tls),
        short_reads({kShortReadThreads}),
        long_reads({std::max(1U, options.long_read_threads)}, options.on_long_read_thread),
        seed(draw_table_seed(random)),
        surroundings{options,
                     router,
                     clock,
                     random,
                     short_reads,
                     long_reads,
                     seed,
                     ConnectionCount{connection_bounds_of(options), seed},
                     BufferBudget{body_bounds_of(options), seed},
                     BufferBudget{answer_bounds_of(options), seed}} {
    for (unsigned index = 0; index < std::max(1U, options.io_threads); ++index) {
      workers.push_back(std::make_unique<Worker>(surroundings));
    }
    acceptor.emplace(workers.front()->context());
  }

  core::Result<tcp::endpoint> endpoint() const;
  core::Result<void> bind();
  core::Result<void> take_over(Listener listener);
  core::Result<void> listen();
  enum class Address : std::uint8_t { given_back, kept };
  /// The socket that listened, if it is kept.
  Listener drain(Address address);
  static asio::awaitable<void> accept_connections(State* state);
  void admit(Worker& worker, Socket socket, const tcp::endpoint& endpoint);
  [[nodiscard]] Peer peer_of(const tcp::endpoint& endpoint) const;
  /// Where the next idle connection is to give way; null: none is idle.
  [[nodiscard]] Worker* idlest_worker() const;
  void leave(const Peer& peer, Admission admission);
  void tell_accept_failure(const boost::system::error_code& error);
  [[nodiscard]] bool every_connection_ended();
  [[nodiscard]] std::string where() const { return options.address + " port " + std::to_string(options.port) + ": "; }

  const ServerOptions options;
  std::shared_ptr<const TlsContext> tls;  // first worker's thread only, once it runs
  TurnPool short_reads;
  TurnPool long_reads;
  const std::uint64_t seed;
  Surroundings surroundings;
  std::vector<std::unique_ptr<Worker>> workers;
  std::optional<tcp::acceptor> acceptor;                                     // first worker's thread only, once it runs
  std::uint16_t port = 0;                                                    // constant after bind(); 0 before
  std::optional<std::chrono::steady_clock::time_point> accept_failure_told;  // first worker's thread only
  bool running = false;
};

core::Result<tcp::endpoint> Server::State::endpoint() const {
  boost::system::error_code error;
  const auto address = asio::ip::make_address(options.address, error);
  if (error) return core::fail(core::Errc::bad_configuration, "not an IP address: " + options.address);
  return tcp::endpoint{address, options.port};
}

core::Result<void> Server::State::bind() {
  if (port != 0) return {};
  TALLY_TRY_ASSIGN(const tcp::endpoint endpoint, this->endpoint());
  boost::system::error_code error;
  acceptor->open(endpoint.protocol(), error);
  if (!error) acceptor->set_option(asio::socket_base::reuse_address{true}, error);
  if (!error) acceptor->bind(endpoint, error);
  if (error) return core::fail(core::Errc::io_failed, where() + error.message());
  port = acceptor->local_endpoint(error).port();
  if (error) return core::fail(core::Errc::io_failed, where() + error.message());
  return {};
}

core::Result<void> Server::State::take_over(Listener listener) {
  TALLY_CHECK(port == 0, "bound already");
  TALLY_TRY_ASSIGN(const tcp::endpoint endpoint, this->endpoint());
  boost::system::error_code error;
  acceptor->assign(endpoint.protocol(), listener.release(), error);
  if (!error) port = acceptor->local_endpoint(error).port();
  if (error) return core::fail(core::Errc::io_failed, where() + error.message());
  return {};
}

core::Result<void> Server::State::listen() {
  TALLY_TRY(bind());
  boost::system::error_code error;
  acceptor->listen(asio::socket_base::max_listen_connections, error);
  if (error) return core::fail(core::Errc::io_failed, where() + error.message());
  return {};
}

asio::awaitable<void> Server::State::accept_connections(State* state) {
  asio::steady_timer pause{state->workers.front()->context()};
  for (std::size_t turn = 0;; turn = (turn + 1) % state->workers.size()) {
    Worker& worker = *state->workers[turn];
    Socket socket{worker.context()};
    boost::system::error_code error;
    tcp::endpoint peer;
    co_await state->acceptor->async_accept(socket, peer, asio::redirect_error(asio::use_awaitable, error));
    if (!state->acceptor->is_open()) co_return;
    if (!error) {
      try {  // The next connection is to be accepted all the same.
        state->admit(worker, std::move(socket), peer);
      } catch (const std::exception& exception) {
        state->surroundings.tell_fault({}, exception.what());
      }
      continue;
    }
    state->tell_accept_failure(error);
    // Out of descriptors or memory: trying again at once would only burn the processor.
    pause.expires_after(kAcceptPause);
    co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
    if (!state->acceptor->is_open()) co_return;
  }
}

void Server::State::tell_accept_failure(const boost::system::error_code& error) {
  const std::uint64_t count = surroundings.counters.accept_failures.fetch_add(1, std::memory_order_relaxed) + 1;
  const auto now = std::chrono::steady_clock::now();
  if (!options.on_accept_failure || (accept_failure_told && now - *accept_failure_told < kAcceptFailureInterval))
    return;
  accept_failure_told = now;
  options.on_accept_failure(error.message(), count);
}

Peer Server::State::peer_of(const tcp::endpoint& endpoint) const {
  Peer peer{endpoint.address().to_string(), {}};
  if (!options.proxies || !is_proxy(*options.proxies, peer.address)) {
    peer.network = ClientNetwork::of(endpoint.address());
  }
  return peer;
}

Worker* Server::State::idlest_worker() const {
  const auto best = std::max_element(workers.begin(), workers.end(), [](const auto& left, const auto& right) {
    return left->idle_rank() < right->idle_rank();
  });
  return (*best)->idle_rank() == 0 ? nullptr : best->get();
}

void Server::State::leave(const Peer& peer, Admission admission) {
  if (admission == Admission::refused) return surroundings.connections.leave_told();
  surroundings.connections.leave_served(peer.network);
}

void Server::State::admit(Worker& worker, Socket socket, const tcp::endpoint& endpoint) {
  using Entry = ConnectionCount::Entry;
  const Peer peer = peer_of(endpoint);
  Worker* const idlest = idlest_worker();
  const Entry entry = surroundings.connections.enter(
      peer.network, idlest != nullptr ? ConnectionCount::IdleOnes::some : ConnectionCount::IdleOnes::none);
  if (entry == Entry::closed) return;
  const Admission admission = entry == Entry::told ? Admission::refused : Admission::served;
  // Over TLS, to say no would cost a handshake, hundreds of times what is refused: it is closed without a word.
  if (tls && admission == Admission::refused) return leave(peer, admission);
  std::unique_ptr<Connection> connection;
  try {
    if (entry == Entry::served_for_another) idlest->make_room();
    connection = std::make_unique<Connection>(surroundings, worker, std::move(socket), peer, admission, tls.get());
  } catch (const std::exception& exception) {  // The next connection is to be accepted all the same.
    leave(peer, admission);
    surroundings.tell_fault({}, exception.what());
    return;
  }
  asio::co_spawn(worker.context(), Connection::run(std::move(connection)), asio::detached);
}

bool Server::State::every_connection_ended() {
  if (surroundings.connections.wait_until_none(options.drain_timeout)) return true;
  surroundings.gives_up = true;
  for (const auto& worker : workers) worker->abort();
  return surroundings.connections.wait_until_none(kAbortTimeout);
}

Server::Server(ServerOptions options, const Router& router, const Clock& clock, core::RandomSource& random)
    : state_(std::make_unique<State>(std::move(options), router, clock, random)) {}

Server::~Server() {
  drain();
  // A handler that never came back still refers to its connection: better to leak both than to free what it uses.
  if (state_->surroundings.connections.now() > 0) static_cast<void>(state_.release());
}

core::Result<void> Server::bind() { return state_->bind(); }

core::Result<void> Server::start() {
  TALLY_CHECK(!state_->running, "started twice");
  TALLY_TRY(state_->listen());
  state_->running = true;
  asio::co_spawn(state_->workers.front()->context(), State::accept_connections(state_.get()), asio::detached);
  for (const auto& worker : state_->workers) worker->start();
  return {};
}

std::uint16_t Server::port() const { return state_->port; }

asio::any_io_executor Server::executor() const { return state_->workers.front()->context().get_executor(); }

void Server::replace_tls(std::shared_ptr<const TlsContext> tls) {
  TALLY_CHECK(tls != nullptr && state_->options.tls != nullptr);
  State* state = state_.get();
  asio::post(state->workers.front()->context(), [state, tls = std::move(tls)] { state->tls = tls; });
}

Listener Server::State::drain(Address address) {
  if (!std::exchange(running, false)) return Listener{-1};
  surroundings.draining = true;
  // Waited for: a connection that is let in after the connections were counted would never be served.
  std::promise<int> closed;
  asio::post(workers.front()->context(), [this, address, &closed] {
    boost::system::error_code ignored;
    int kept = -1;
    if (address == Address::kept) {
      kept = acceptor->release(ignored);
    } else {
      acceptor->close(ignored);
    }
    closed.set_value(kept);
  });
  Listener kept{closed.get_future().get()};
  for (const auto& worker : workers) worker->drain();
  static_cast<void>(every_connection_ended());
  for (const auto& worker : workers) worker->join();
  // A read that is still under way gives up at its next row, if the connections were cut off.
  for (TurnPool* pool : {&short_reads, &long_reads}) {
    pool->stop();
    pool->join();
  }
  return kept;
}

core::Result<void> Server::take_over(Listener listener) { return state_->take_over(std::move(listener)); }

void Server::drain() { static_cast<void>(state_->drain(State::Address::given_back)); }

Listener Server::drain_and_keep_listening() { return state_->drain(State::Address::kept); }

const ServerCounters& Server::counters() const { return state_->surroundings.counters; }

std::size_t Server::connections() const { return state_->surroundings.connections.now(); }

std::uint64_t Server::bytes_freed() const {
  const Surroundings& surroundings = state_->surroundings;
  return surroundings.bodies.returned() + surroundings.answers.returned() +
         surroundings.counters.connections_ended.load(std::memory_order_relaxed) * kConnectionBytes;
}

void Server::on_every_thread(const std::function<void()>& task) {
  for (const auto& worker : state_->workers) asio::post(worker->context(), task);
  for (TurnPool* pool : {&state_->short_reads, &state_->long_reads}) pool->on_every_thread(task);
}

}  // namespace tally::http
