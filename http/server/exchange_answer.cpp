#include <utility>

#include "http/server/exchange.hpp"

namespace tally::http {
namespace asio = boost::asio;

void Exchange::answer() {
  if (const std::string& fault = notes_.attempt.fault; !fault.empty()) tell_fault(fault);
  if (const std::string& obstacle = notes_.attempt.obstacle; !obstacle.empty() && surroundings_.options.on_obstacle) {
    surroundings_.options.on_obstacle(reader_.request().request_id, obstacle);
  }
  if (surroundings_.options.on_answer) surroundings_.options.on_answer(reader_.request());
  if (route_ != nullptr) surroundings_.router.offer_nonce(*route_, reader_.request(), response_);
  if (is_open_to_pages_) surroundings_.options.cross_origin.add_to(reader_.request(), response_);
  if (notes_.fresh_access) response_.add_lines(notes_.fresh_access->answer_fields.reveal());
  is_answered_ = true;
}

Framing Exchange::framing() const {
  if (response_.status() == 204 || response_.status() == 304) return Framing::none;
  // How long a body is that is made while it is sent, nobody knows: HEAD, which makes none, says nothing of it.
  const bool is_head = reader_.request().method == Method::head;
  if (is_head && (response_.stream || response_.body().empty())) return Framing::none;
  if (!response_.stream) return Framing::length;
  return reader_.is_http_1_0() ? Framing::until_close : Framing::chunked;
}

void Exchange::append_head(const CarrierLines& lines, Framing framing) {
  HeadFacts facts;
  facts.framing = framing;
  if (surroundings_.draining || framing == Framing::until_close) ends_connection_ = true;
  facts.date_line = lines.date_line;
  facts.request_id = reader_.request().request_id;
  facts.rate_notes = &notes_.rates;
  facts.body_bytes = response_.body().size();
  facts.base_path = surroundings_.options.base_path;
  facts.transport_line = lines.transport_line;
  if (ends_connection_) {
    facts.persistence = Persistence::close;
  } else if (reader_.is_http_1_0()) {
    facts.persistence = Persistence::keep_alive;
  }
  http::append_head(response_, facts, head_);
}

Exchange::Output Exchange::whole(const CarrierLines& lines) {
  const Framing framing = this->framing();
  head_.clear();
  append_head(lines, framing);
  response_.stream.reset();
  const bool with_body = framing == Framing::length && reader_.request().method != Method::head;
  return {asio::buffer(head_), with_body ? asio::buffer(response_.body()) : asio::const_buffer{}};
}

std::chrono::milliseconds Exchange::pause() {
  pulled_.reset();
  return response_.stream->pause();
}

asio::awaitable<void> Exchange::pull() { return pull_piece(this); }

asio::awaitable<void> Exchange::pull_piece(Exchange* exchange) {
  auto work = [exchange] { exchange->pulled_.emplace(exchange->response_.stream->next()); };
  asio::awaitable<bool> call = exchange->read_in_turn(std::move(work));
  const bool was_run = co_await std::move(call);
  if (!was_run) exchange->pulled_.emplace(core::fail(core::Errc::stopping, "the server is stopping"));
}

void Exchange::end_stream() { pulled_.emplace(std::optional<std::string>{}); }

Exchange::Pulled Exchange::pulled() {
  if (pulled_->has_error()) return fail_stream(pulled_->error());
  const std::optional<std::string>& piece = **pulled_;
  return piece && piece->empty() ? Pulled::nothing : Pulled::piece;  // an empty chunk would say that this is the end
}

Exchange::Output Exchange::piece(const CarrierLines& lines) {
  constexpr std::string_view kLineEnd = "\r\n";
  constexpr std::string_view kLastChunk = "0\r\n\r\n";
  const std::optional<std::string>& piece = **pulled_;
  const Framing framing = this->framing();
  const bool chunked = framing == Framing::chunked;
  head_.clear();
  if (!is_head_made_) append_head(lines, framing);
  is_head_made_ = true;
  Output output;
  if (piece) {
    if (chunked) append_chunk_size(piece->size(), head_);
    output[1] = asio::buffer(*piece);
    if (chunked) output[2] = asio::buffer(kLineEnd.data(), kLineEnd.size());
  } else {
    if (chunked) head_ += kLastChunk;
    response_.stream.reset();
  }
  output[0] = asio::buffer(head_);
  return output;
}

Exchange::Pulled Exchange::fail_stream(const core::Error& error) {
  if (!is_head_made_) {
    write_error(error);
    answer();
    return Pulled::answered;
  }
  // Somebody who may not read on is no fault of ours.
  if (core::is_our_fault(error.code)) {
    notes_.attempt.blame_us(error);
    tell_fault(notes_.attempt.fault);
  }
  return Pulled::broken;
}

std::size_t Exchange::waiting_bytes() const {
  std::size_t bytes = head_.size() + response_.body().size();
  if (pulled_ && pulled_->has_value() && **pulled_) bytes += (**pulled_)->size();
  return bytes;
}

void Exchange::record_access() {
  if (std::exchange(is_recorded_, true) || !surroundings_.options.on_request) return;
  constexpr std::size_t kMethodBytesMax = 16;
  const ParsedRequest& request = reader_.request();
  AccessRecord record;
  record.method = reader_.method_text().substr(0, kMethodBytesMax);
  record.path = request.path;
  record.request_id = request.request_id;
  record.remote_address = request.remote_address;
  record.status = response_.status();
  record.request_bytes = reader_.request_bytes();
  record.response_bytes = sent_bytes_;
  const auto taken = std::chrono::steady_clock::now() - began_;
  record.micros = std::chrono::duration_cast<std::chrono::microseconds>(taken).count();
  surroundings_.options.on_request(record);
}

}  // namespace tally::http
