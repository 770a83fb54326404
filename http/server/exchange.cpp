#include "http/server/exchange.hpp"

#include <utility>

#include "core/base/check.hpp"
#include "core/base/limits.hpp"
#include "events/store/interruption.hpp"
#include "http/server/forwarded.hpp"
#include "http/server/limits.hpp"

namespace tally::http {
namespace asio = boost::asio;

namespace {

/// Ten thousand idle connections keep so much each.
constexpr std::size_t kKeptResponseBytesMax = 4 << 10;

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

Exchange::Exchange(Surroundings& surroundings, RequestReader& reader, RequestIds& request_ids, const Peer& peer,
                   AnswerMemory& memory)
    : surroundings_(surroundings),
      reader_(reader),
      request_ids_(request_ids),
      peer_(peer),
      response_(memory.response),
      head_(memory.head),
      client_network_(peer.network.value_or(ClientNetwork{})) {
  reader_.request().remote_address = peer_.address;
  reader_.request().set_notes(&notes_);
}

Exchange::~Exchange() {
  response_.clear();
  if (response_.body().capacity() > kKeptResponseBytesMax) response_.body().shrink_to_fit();
  wipe_text(head_);
  // What points into this.
  ParsedRequest& request = reader_.request();
  request.set_notes(nullptr);
  request.remote_address = peer_.address;
  request.request_id = {};
}

void Exchange::take_head() {
  ends_connection_ = !reader_.keep_alive();
  reader_.request().received_at = surroundings_.clock.now();
  set_identity();
  find_route();
}

void Exchange::set_identity() {
  ParsedRequest& request = reader_.request();
  const auto given = request.header("X-Request-Id");
  const bool taken = given && is_request_id(*given) && request.header_count("X-Request-Id") == 1;
  request.request_id = taken ? *given : request_ids_.draw(drawn_request_id_);
  const auto traceparent = request.header("traceparent");
  request.trace_id = traceparent ? trace_id_of(*traceparent) : std::string_view{};
  if (const auto& proxies = surroundings_.options.proxies) {
    client_address_ = client_address(*proxies, peer_.address, request.joined(name_of(proxies->field)));
    request.remote_address = client_address_;
    client_network_ = ClientNetwork::of(client_address_);
  }
}

void Exchange::find_route() {
  ParsedRequest& request = reader_.request();
  Router::Match match = surroundings_.router.find(request.method, request.path);
  route_ = match.route;
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

void Exchange::refuse(const HttpRefusal& refusal) {
  refusal_ = refusal;
  allowed_methods_.clear();
}

void Exchange::admit() {
  if (refusal_.status == 0 && reader_.has_content_coding()) {
    refusal_ = {415, "unsupported_content_coding", "the body must not be compressed"};
  }
  // Before the body, which a refused request need not have kept.
  if (is_limited_first() && !is_admitted()) {
    is_written_ = true;
  } else if (is_preflight()) {
    CrossOriginRule::write_preflight(allowed_methods_, response_);
    is_written_ = true;
  }
  const bool is_wanted = is_body_wanted();
  const std::size_t bytes_max = is_wanted ? route_->policy.body_bytes_max : limits::kIgnoredBodyBytesMax;
  if (reader_.set_body_bytes_max(bytes_max, is_wanted && is_fed() ? kKeptPieceBytes : bytes_max) ==
      RequestReader::Progress::failed) {
    return fail_unread();
  }
  if (!is_wanted) reader_.ignore_body();
}

bool Exchange::is_limited_first() const {
  return route_ == nullptr || route_->policy.address_limit == AddressLimit::first;
}

bool Exchange::is_preflight() const {
  return refusal_.status == 405 && is_open_to_pages_ && surroundings_.options.cross_origin.is_on() &&
         CrossOriginRule::is_preflight(reader_.request());
}

bool Exchange::is_fed() const { return std::holds_alternative<StreamHandler>(route_->handler); }

bool Exchange::is_admitted() {
  if (const auto& instead = surroundings_.options.answer_instead) {
    instead(reader_.request(), *error_form_, response_);
    return false;
  }
  if (!surroundings_.options.admit) return true;
  const core::Result<void> admitted = surroundings_.options.admit(reader_.request());
  if (admitted.has_error()) write_error(admitted.error());
  return admitted.has_value();
}

bool Exchange::takes_continue() { return reader_.expects_continue() && !std::exchange(is_continued_, true); }

bool Exchange::has_piece() const {
  return reader_.body_so_far().size() >= kFedPieceBytes && is_body_wanted() && is_fed();
}

bool Exchange::go_on() {
  if (is_answered_) return true;
  is_whole_ = true;
  if (is_written_) {
    answer();
    return true;
  }
  if (refusal_.status != 0) {
    write_refusal(refusal_);
    answer();
    return true;
  }
  const ParsedRequest& request = reader_.request();
  if (!std::exchange(is_prelude_asked_, true)) {
    prelude_ = surroundings_.router.prelude_of(*route_, request);
    if (prelude_ != nullptr) return go_on_after(Wait::prelude);
  }
  if (std::holds_alternative<AsyncHandler>(route_->handler)) return go_on_after(Wait::handler);
  if (is_fed()) return go_on_after(Wait::piece_fed);
  if (route_->policy.run_on_of(request.query) == RunOn::io_thread) {
    std::get<SyncHandler>(route_->handler)(request, response_);
  } else if (!surroundings_.answers.is_full_for(client_network_, core::limits::kPageBytes)) {
    return go_on_after(Wait::handler_on_pool);
  } else {
    write_refusal({503, "overloaded", "other answers wait for this address to take them"});
  }
  answer();
  return true;
}

bool Exchange::go_on_after(Wait wait) {
  wait_ = wait;
  return false;
}

asio::awaitable<void> Exchange::wait() {
  switch (wait_) {
    case Wait::piece_fed:
      return feed_piece(this);
    case Wait::prelude:
      return run_prelude(this);
    case Wait::handler:
      return run_handler(this);
    case Wait::handler_on_pool:
      return run_on_pool(this);
  }
  core::check_failed("a known Wait", __FILE__, __LINE__, std::to_string(static_cast<int>(wait_)));
}

asio::awaitable<void> Exchange::run_prelude(Exchange* exchange) {
  asio::awaitable<PreludeOutcome> call = exchange->prelude_->run(exchange->reader_.request(), exchange->response_);
  const PreludeOutcome outcome = co_await std::move(call);
  if (outcome == PreludeOutcome::answered) exchange->answer();
}

asio::awaitable<void> Exchange::run_handler(Exchange* exchange) {
  const AsyncHandler& handler = std::get<AsyncHandler>(exchange->route_->handler);
  asio::awaitable<void> call = handler(exchange->reader_.request(), exchange->response_);
  co_await std::move(call);
  exchange->answer();
}

TurnPool& Exchange::pool() const {
  const RunOn run_on = route_->policy.run_on_of(reader_.request().query);
  return run_on == RunOn::short_reads ? surroundings_.short_reads : surroundings_.long_reads;
}

// Asked once: it may cost a look-up, and an answer that is streamed has many pieces.
const Turn& Exchange::turn() {
  const auto& turn_of = surroundings_.options.turn_of;
  if (!turn_) turn_ = turn_of ? turn_of(reader_.request()) : Turn{};
  return *turn_;
}

asio::awaitable<bool> Exchange::read_in_turn(std::function<void()> work) {
  return surroundings_.long_reads.run(turn(), TurnPool::WhenFull::wait,
                                      at_the_edge(surroundings_.gives_up, std::move(work)));
}

asio::awaitable<void> Exchange::run_on_pool(Exchange* exchange) {
  auto work = [exchange] {
    std::get<SyncHandler>(exchange->route_->handler)(exchange->reader_.request(), exchange->response_);
  };
  asio::awaitable<bool> call = exchange->pool().run(exchange->turn(), TurnPool::WhenFull::refuse,
                                                    at_the_edge(exchange->surroundings_.gives_up, std::move(work)));
  const bool was_run = co_await std::move(call);
  if (!was_run) exchange->write_error(core::fail(core::Errc::overloaded, "too many reads wait; try again"));
  exchange->answer();
}

asio::awaitable<void> Exchange::feed_piece(Exchange* exchange) {
  Feeding feeding{&std::get<StreamHandler>(exchange->route_->handler), &exchange->reader_.request(),
                  exchange->reader_.body_so_far(), exchange->is_whole_};
  auto work = [exchange, &feeding] { feed_sink(feeding, exchange->sink_, exchange->response_); };
  asio::awaitable<bool> call = exchange->pool().run(exchange->turn(), TurnPool::WhenFull::wait,
                                                    at_the_edge(exchange->surroundings_.gives_up, std::move(work)));
  const bool was_run = co_await std::move(call);
  if (!was_run) exchange->write_error(core::fail(core::Errc::stopping, "the server is stopping"));
  const bool is_answered = feeding.is_answered || !was_run;
  if (!is_answered) {
    exchange->reader_.drop_body();
    co_return;
  }
  // What is still to come of the body would be taken for the next request.
  if (!feeding.is_last) exchange->ends_connection_ = true;
  exchange->sink_.reset();
  exchange->answer();
}

void Exchange::write_refusal(const HttpRefusal& refusal) {
  error_form_->write_refusal(reader_.request(), refusal, response_);
  if (!allowed_methods_.empty()) response_.set("Allow", allowed_methods_);
  // RFC 9110 §15.5.16: which codings would have been taken.
  if (refusal.status == 415) response_.set("Accept-Encoding", "identity");
}

void Exchange::write_error(const core::Error& error) { error_form_->write_error(reader_.request(), error, response_); }

void Exchange::fail(const HttpRefusal& refusal) {
  if (reader_.request().request_id.empty()) set_identity();
  if (route_ == nullptr && refusal_.status == 0) {
    const std::string_view path = reader_.path_of_broken_head();
    error_form_ = &surroundings_.router.form_beside(path);
    // A page that sent too much is to see that it did.
    is_open_to_pages_ = surroundings_.router.find(Method::get, path).is_open_to_pages();
  }
  ends_connection_ = true;
  write_refusal(refusal);
  answer();
}

// Whatever was under way is thrown away, and the connection with it: what is still to come of the request may be
// anything.
void Exchange::fail(const core::Error& error) {
  ends_connection_ = true;
  sink_.reset();
  write_error(error);
  answer();
}

// What it is refused for anyway goes before what is wrong with its body.
void Exchange::fail_unread() {
  ends_connection_ = true;
  if (!is_written_) write_refusal(refusal_.status != 0 ? refusal_ : reader_.failure());
  answer();
}

void Exchange::tell_fault(std::string_view what) { surroundings_.tell_fault(reader_.request().request_id, what); }

}  // namespace tally::http
