#include "core/base/limits.hpp"
#include "http/server/connection.hpp"

namespace tally::http {

namespace {

/// Ten thousand idle connections keep so much each.
constexpr std::size_t kKeptResponseBytesMax = 4 << 10;

constexpr HttpRefusal kTooManyBodies{503, "overloaded", "too many request bodies are under way"};

}  // namespace

void Connection::find_refusal() {
  if (!take_share()) {
    refusal_ = {503, "overloaded", "too many requests of this address are under way"};
    allowed_methods_.clear();
  } else if (refusal_.status == 0 && reader_.has_content_coding()) {
    refusal_ = {415, "unsupported_content_coding", "the body must not be compressed"};
  }
}

bool Connection::is_limited_first() const {
  return route_ == nullptr || route_->policy.address_limit == AddressLimit::first;
}

bool Connection::is_preflight() const {
  return refusal_.status == 405 && is_open_to_pages_ && surroundings_.options.cross_origin.is_on() &&
         CrossOriginRule::is_preflight(reader_.request());
}

bool Connection::admit() {
  if (!surroundings_.options.admit) return true;
  const core::Result<void> admitted = surroundings_.options.admit(reader_.request());
  if (admitted.has_error()) write_failure(admitted.error());
  return admitted.has_value();
}

// What it is refused for anyway goes before what is wrong with its body.
void Connection::end_unread() {
  close_after_response_ = true;
  if (!is_refused_) write_refusal(refusal_.status != 0 ? refusal_ : reader_.failure());
  respond();
}

// A request that names nobody but the proxy itself is nobody's.
bool Connection::take_share() {
  if (peer_.network || admission_ == Admission::refused || client_network_ == ClientNetwork::of(peer_.address))
    return true;
  if (!surroundings_.connections.take_share(client_network_)) return false;
  share_ = client_network_;
  return true;
}

void Connection::give_back_share() {
  if (!share_) return;
  surroundings_.connections.give_back_share(*share_);
  share_.reset();
}

bool Connection::hold_body() {
  if (body_hold_.grow_to(surroundings_.bodies, client_network_, reader_.body_buffer_bytes())) return true;
  fail(kTooManyBodies);
  return false;
}

// How long an answer is shows when it is made: whoever has too many that wait is refused the next before it is made
// (answers_are_full), and one that was made meanwhile goes. It is cut off, because part of it may have left already.
bool Connection::hold_answer() {
  std::size_t bytes = head_.size() + response_.body().size();
  if (pulled_ && pulled_->has_value() && **pulled_) bytes += (**pulled_)->size();
  if (answer_hold_.grow_to(surroundings_.answers, client_network_, bytes)) return true;
  cut_off();
  return false;
}

bool Connection::answers_are_full() const {
  return surroundings_.answers.is_full_for(client_network_, core::limits::kPageBytes);
}

void Connection::give_way() {
  gives_way_ = true;
  worker_.idle().end_waiting(idle_place_);
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

bool Connection::has_given_way(const boost::system::error_code& error) {
  gives_way_ = false;
  if (error) return true;
  // Something came just before it was asked, perhaps a request: that one is served.
  worker_.make_room();
  return false;
}

void Connection::give_buffers_back() {
  response_.clear();
  wipe_text(head_);
  if (response_.body().capacity() > kKeptResponseBytesMax) response_.body().shrink_to_fit();
  pulled_.reset();
  sink_.reset();
  body_hold_.release();
  give_back_share();
}

}  // namespace tally::http
