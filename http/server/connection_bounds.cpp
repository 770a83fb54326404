#include "http/server/connection.hpp"

namespace tally::http {

namespace {

constexpr HttpRefusal kTooManyBodies{503, "overloaded", "too many request bodies are under way"};

}  // namespace

// A request that names nobody but the proxy itself is nobody's.
bool Connection::take_share() {
  if (peer_.network || admission_ == Admission::refused) return true;
  const ClientNetwork& client = exchange_->client_network();
  if (client == ClientNetwork::of(peer_.address)) return true;
  if (!surroundings_.connections.take_share(client)) return false;
  share_ = client;
  return true;
}

void Connection::give_back_share() {
  if (!share_) return;
  surroundings_.connections.give_back_share(*share_);
  share_.reset();
}

bool Connection::hold_body() {
  if (body_hold_.grow_to(surroundings_.bodies, exchange_->client_network(), reader_.body_buffer_bytes())) return true;
  fail(kTooManyBodies);
  return false;
}

// How long an answer is shows when it is made: whoever has too many that wait is refused the next before it is made
// (Exchange::go_on), and one that was made meanwhile goes. It is cut off, because part of it may have left already.
bool Connection::hold_answer() {
  const std::size_t bytes = exchange_->waiting_bytes();
  if (answer_hold_.grow_to(surroundings_.answers, exchange_->client_network(), bytes)) return true;
  cut_off();
  return false;
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

}  // namespace tally::http
