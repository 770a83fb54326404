#include <functional>
#include <string>
#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/base/check.hpp"
#include "events/store/interruption.hpp"
#include "http/server/problem.hpp"
#include "http/server/session.hpp"

namespace tally::http {
namespace asio = boost::asio;

namespace {

// RFC 6797: whoever was served over TLS once does not come back without.
constexpr std::string_view kStrictTransport = "Strict-Transport-Security: max-age=31536000\r\n";

/// What a thread of a pool does for a request: a failed check is a failed request there, too, and a read ends when the
/// server gives up.
template <class Work>
std::function<void()> at_the_edge(const std::atomic<bool>& gives_up, Work work) {
  return [&gives_up, work = std::move(work)] {
    const core::BrokenPromisePolicy policy{core::OnBrokenPromise::raise};
    const events::Interruption interruption{gives_up};
    work();
  };
}

/// A body that is taken in pieces waits for this much of it, or its end,
constexpr std::size_t kFedPieceBytes = 256 << 10;
/// and what comes at once with the end of a piece is kept beside it.
constexpr std::size_t kKeptPieceBytes = kFedPieceBytes + (32 << 10);

/// One piece on its way to a sink.
struct Feeding {
  const StreamHandler* handler;
  const Request* request;
  std::string_view piece;
  bool is_last;
  bool is_answered = false;
};

void feed_sink(Feeding& feeding, std::unique_ptr<BodySink>& sink, Response& response) {
  if (!sink) sink = (*feeding.handler)(*feeding.request, response);
  feeding.is_answered = !sink || sink->take(feeding.piece, response) == BodySink::Appetite::enough;
  if (feeding.is_answered || !feeding.is_last) return;
  sink->finish(response);
  feeding.is_answered = true;
}

}  // namespace

void Session::mark_begin() {
  clear_deadline();  // it was for the idle connection
  in_request_ = true;
  began_ = std::chrono::steady_clock::now();
  is_open_to_pages_ = false;
}

void Session::begin_request() {
  worker_.has_work();
  worker_.idle().end_waiting(idle_place_);
  if (!in_request_) mark_begin();
  continue_sent_ = false;
  is_refused_ = false;
  prelude_done_ = false;
  close_after_response_ = !reader_.keep_alive();
  reader_.request().received_at = surroundings_.clock.now();
  set_identity();
  find_route();
  find_refusal();
  // Before the body, which a refused request need not have kept.
  if (is_limited_first() && !admit()) {
    is_refused_ = true;
  } else if (is_preflight()) {
    CrossOriginRule::write_preflight(allowed_methods_, response_);
    is_refused_ = true;  // as such: its answer is there, and no handler runs
  }
  const bool is_wanted = is_body_wanted();
  const bool in_pieces = is_wanted && std::holds_alternative<StreamHandler>(route_->handler);
  const std::size_t bytes_max = is_wanted ? route_->policy.body_bytes_max : core::limits::kIgnoredBodyBytesMax;
  if (reader_.set_body_bytes_max(bytes_max, in_pieces ? kKeptPieceBytes : bytes_max) ==
      RequestReader::Progress::failed) {
    return end_unread();
  }
  if (!is_wanted) reader_.ignore_body();
  phase_ = Phase::reading_body;
}

void Session::find_route() {
  ParsedRequest& request = reader_.request();
  Router::Match match = surroundings_.router.find(request.method, request.path);
  route_ = match.route;
  refusal_.status = 0;
  allowed_methods_.clear();
  error_form_ = &kProblemForm;
  is_open_to_pages_ = match.is_open_to_pages();
  if (route_ != nullptr) {
    request.path_parameters = match.parameters;
    request.resource_hints = surroundings_.router.hints_of(*route_);
    request.route = route_->pattern;
    error_form_ = route_->policy.error_form;
  } else if (match.beside == nullptr) {
    error_form_ = &surroundings_.router.form_beside(request.path);
    refusal_ = {404, "not_found", "nothing has this path"};
  } else if (request.method == Method::other && !reader_.knows_method()) {
    error_form_ = match.beside->policy.error_form;
    refusal_ = {501, "unknown_method", "this method is not implemented"};
  } else {
    error_form_ = match.beside->policy.error_form;
    allowed_methods_ = std::move(match.allowed_methods);
    refusal_ = {405, "method_not_allowed", "this path does not take this method"};
  }
}

void Session::write_refusal(const HttpRefusal& refusal) {
  error_form_->write_refusal(reader_.request(), refusal, response_);
  if (!allowed_methods_.empty()) response_.set("Allow", allowed_methods_);
  // RFC 9110 §15.5.16: which codings would have been taken.
  if (refusal.status == 415) response_.set("Accept-Encoding", "identity");
}

void Session::fail(HttpRefusal refusal) {
  worker_.idle().end_waiting(idle_place_);
  if (!in_request_) mark_begin();
  if (reader_.request().request_id.empty()) set_identity();
  if (route_ == nullptr && refusal_.status == 0) {
    const std::string_view path = reader_.path_of_broken_head();
    error_form_ = &surroundings_.router.form_beside(path);
    // A page that sent too much is to see that it did.
    is_open_to_pages_ = surroundings_.router.find(Method::get, path).is_open_to_pages();
  }
  close_after_response_ = true;
  write_refusal(refusal);
  respond();
}

// Only asked for when the route's bound fits. A request that is refused anyway is told so without its body.
void Session::send_continue() {
  continue_sent_ = true;
  if (!is_body_wanted()) return end_unread();
  constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  output_ = {asio::buffer(kContinue.data(), kContinue.size())};
  boost::system::error_code error;
  const std::size_t bytes = send_some(error);
  // Everything before it was written out: a socket that does not take these 25 bytes is not read from any more.
  if (error || bytes != kContinue.size()) close();
}

Session::MaybeStep Session::handle() {
  clear_deadline();
  if (is_refused_) {
    respond();
    return std::nullopt;
  }
  if (refusal_.status != 0) {
    write_refusal(refusal_);
    respond();
    return std::nullopt;
  }
  const ParsedRequest& request = reader_.request();
  if (!std::exchange(prelude_done_, true)) {
    prelude_ = surroundings_.router.prelude_of(*route_, request);
    if (prelude_ != nullptr) return Step::run_prelude;
  }
  if (std::holds_alternative<AsyncHandler>(route_->handler)) return Step::call_async;
  if (std::holds_alternative<StreamHandler>(route_->handler)) return Step::feed_piece;
  if (route_->policy.place_of(request.query) != RunOn::io_thread) {
    if (!answers_are_full()) return Step::call_on_pool;
    write_refusal({503, "overloaded", "other answers wait for this address to take them"});
    respond();
    return std::nullopt;
  }
  std::get<SyncHandler>(route_->handler)(request, response_);
  respond();
  return std::nullopt;
}

// Leaves the phase at handling if the handler is to follow.
asio::awaitable<void> Session::run_prelude(Session* session) {
  asio::awaitable<PreludeOutcome> call = session->prelude_->run(session->reader_.request(), session->response_);
  const PreludeOutcome outcome = co_await std::move(call);
  if (outcome == PreludeOutcome::answered) session->respond();
}

asio::awaitable<void> Session::call_async(Session* session) {
  const AsyncHandler& handler = std::get<AsyncHandler>(session->route_->handler);
  asio::awaitable<void> call = handler(session->reader_.request(), session->response_);
  co_await std::move(call);
  session->respond();
}

TurnPool& Session::pool() const {
  const RunOn place = route_->policy.place_of(reader_.request().query);
  return place == RunOn::short_reads ? surroundings_.short_reads : surroundings_.long_reads;
}

Turn Session::turn() const {
  const auto& turn_of = surroundings_.options.turn_of;
  return turn_of ? turn_of(reader_.request()) : Turn{};
}

asio::awaitable<bool> Session::read_in_turn(std::function<void()> work) const {
  return surroundings_.long_reads.run(turn(), TurnPool::WhenFull::wait,
                                      at_the_edge(surroundings_.gives_up, std::move(work)));
}

asio::awaitable<void> Session::call_on_pool(Session* session) {
  auto work = [session] {
    std::get<SyncHandler>(session->route_->handler)(session->reader_.request(), session->response_);
  };
  asio::awaitable<bool> call = session->pool().run(session->turn(), TurnPool::WhenFull::refuse,
                                                   at_the_edge(session->surroundings_.gives_up, std::move(work)));
  const bool was_run = co_await std::move(call);
  if (!was_run) session->write_failure(core::fail(core::Errc::overloaded, "too many reads wait; try again"));
  session->respond();
}

bool Session::has_piece() const {
  return reader_.body_so_far().size() >= kFedPieceBytes && is_body_wanted() &&
         std::holds_alternative<StreamHandler>(route_->handler);
}

asio::awaitable<void> Session::feed_piece(Session* session) {
  Feeding feeding{&std::get<StreamHandler>(session->route_->handler), &session->reader_.request(),
                  session->reader_.body_so_far(), session->phase_ == Phase::handling};
  auto work = [session, &feeding] { feed_sink(feeding, session->sink_, session->response_); };
  asio::awaitable<bool> call = session->pool().run(session->turn(), TurnPool::WhenFull::wait,
                                                   at_the_edge(session->surroundings_.gives_up, std::move(work)));
  const bool was_run = co_await std::move(call);
  if (!was_run) session->write_failure(core::fail(core::Errc::stopping, "the server is stopping"));
  const bool is_answered = feeding.is_answered || !was_run;
  if (!is_answered) {
    session->reader_.drop_body();
    co_return;
  }
  // What is still to come of the body would be taken for the next request.
  if (!feeding.is_last) session->close_after_response_ = true;
  session->sink_.reset();
  session->respond();
}

asio::awaitable<void> Session::pull_piece(Session* session) {
  session->pulled_.reset();
  const std::chrono::milliseconds pause = session->response_.stream->pause();
  if (pause > std::chrono::milliseconds::zero()) {
    asio::steady_timer timer{session->worker_.context(), pause};
    co_await timer.async_wait(asio::use_awaitable);
    if (!session->socket_.is_open()) co_return session->close();  // aborted meanwhile
    // Nobody reads what is rarely written: only this tells that its place can be another's.
    if (!session->surroundings_.draining && session->has_left()) co_return session->cut_off();
    if (session->surroundings_.draining) {
      session->pulled_.emplace(std::optional<std::string>{});
      co_return session->on_piece();
    }
  }
  auto work = [session] { session->pulled_.emplace(session->response_.stream->next()); };
  asio::awaitable<bool> call = session->surroundings_.long_reads.run(
      session->turn(), TurnPool::WhenFull::wait, at_the_edge(session->surroundings_.gives_up, std::move(work)));
  const bool was_run = co_await std::move(call);
  if (!was_run) session->pulled_.emplace(core::fail(core::Errc::stopping, "the server is stopping"));
  session->on_piece();
}

// Whatever was under way is thrown away, and the connection with it: what is still to come of the request may be
// anything.
void Session::on_exception(std::string_view what) noexcept {
  try {
    const core::Error error = core::fail(core::Errc::internal, std::string{what});
    close_after_response_ = true;
    sink_.reset();
    if (phase_ == Phase::pulling) return on_stream_failed(error);
    if (phase_ == Phase::writing || phase_ == Phase::lingering) {
      tell_fault(what);
      return cut_off();
    }
    write_failure(error);
    respond();
  } catch (...) {  // in the answer itself: then there is none
    phase_ = Phase::closed;
    boost::system::error_code ignored;
    socket_.close(ignored);
  }
}

void Session::write_failure(const core::Error& error) { error_form_->write_error(reader_.request(), error, response_); }

void Session::tell_fault(std::string_view what) { surroundings_.tell_fault(reader_.request().request_id, what); }

void Session::respond() {
  if (const std::string& fault = reader_.request().attempt.fault; !fault.empty()) tell_fault(fault);
  if (const std::string& obstacle = reader_.request().attempt.obstacle;
      !obstacle.empty() && surroundings_.options.on_obstacle) {
    surroundings_.options.on_obstacle(reader_.request().request_id, obstacle);
  }
  if (surroundings_.options.on_answer) surroundings_.options.on_answer(reader_.request());
  if (route_ != nullptr) surroundings_.router.offer_nonce(*route_, reader_.request(), response_);
  if (is_open_to_pages_) surroundings_.options.cross_origin.add_to(reader_.request(), response_);
  head_.clear();
  response_bytes_ = 0;
  if (reader_.request().fresh_access) response_.add_lines(reader_.request().fresh_access->answer_fields.reveal());
  const bool is_head = reader_.request().method == Method::head;
  if (response_.stream && !is_head) {
    stream_head_sent_ = false;
    phase_ = Phase::pulling;
    return;
  }
  append_response_head();
  response_.stream.reset();
  const bool with_body = framing() == Framing::length && !is_head;
  output_ = {asio::buffer(head_), with_body ? asio::buffer(response_.body()) : asio::const_buffer{}};
  phase_ = Phase::writing;
}

Framing Session::framing() {
  if (response_.status() == 204 || response_.status() == 304) return Framing::none;
  // How long a body is that is made while it is sent, nobody knows: HEAD, which makes none, says nothing of it.
  const bool is_head = reader_.request().method == Method::head;
  if (is_head && (response_.stream || response_.body().empty())) return Framing::none;
  if (!response_.stream) return Framing::length;
  return reader_.is_http_1_0() ? Framing::until_close : Framing::chunked;
}

void Session::append_response_head() {
  HeadFacts facts;
  facts.framing = framing();
  if (surroundings_.draining || facts.framing == Framing::until_close) close_after_response_ = true;
  facts.date_line = worker_.date_line().at(surroundings_.clock.now());
  facts.request_id = reader_.request().request_id;
  facts.rate_notes = &reader_.request().rate_notes;
  facts.body_bytes = response_.body().size();
  facts.base_path = surroundings_.options.base_path;
  if (tls_) facts.transport_line = kStrictTransport;
  if (close_after_response_) {
    facts.persistence = Persistence::close;
  } else if (reader_.is_http_1_0()) {
    facts.persistence = Persistence::keep_alive;
  }
  append_head(response_, facts, head_);
}

void Session::on_piece() {
  if (pulled_->has_error()) return on_stream_failed(pulled_->error());
  const std::optional<std::string>& piece = **pulled_;
  if (piece && piece->empty()) return;  // an empty chunk would say that this is the end
  queue_stream_output();
  if (!piece) response_.stream.reset();
}

void Session::queue_stream_output() {
  constexpr std::string_view kLineEnd = "\r\n";
  constexpr std::string_view kLastChunk = "0\r\n\r\n";
  const std::optional<std::string>& piece = **pulled_;
  const bool chunked = framing() == Framing::chunked;
  head_.clear();
  if (!stream_head_sent_) append_response_head();
  stream_head_sent_ = true;
  output_ = {};
  if (piece) {
    if (chunked) append_chunk_size(piece->size(), head_);
    output_[1] = asio::buffer(*piece);
    if (chunked) output_[2] = asio::buffer(kLineEnd.data(), kLineEnd.size());
  } else if (chunked) {
    head_ += kLastChunk;
  }
  output_[0] = asio::buffer(head_);
  phase_ = Phase::writing;
}

void Session::on_stream_failed(const core::Error& error) {
  if (!stream_head_sent_) {
    write_failure(error);
    return respond();
  }
  // Somebody who may not read on is no fault of ours.
  if (core::is_our_fault(error.code)) {
    reader_.request().attempt.blame_us(error);
    tell_fault(reader_.request().attempt.fault);
  }
  cut_off();
}

// Without chunks, an orderly end would look like the end of the body: the peer is to see a reset.
void Session::cut_off() {
  boost::system::error_code ignored;
  if (tls_) tls_->abandon();
  if (framing() == Framing::until_close) socket_.set_option(asio::socket_base::linger{true, 0}, ignored);
  record_access();
  close();
}

}  // namespace tally::http
