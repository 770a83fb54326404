#include "http/server/connection.hpp"

namespace tally::http {
namespace asio = boost::asio;

Connection::MaybeStep Connection::shake_hands() {
  switch (tls_->handshake()) {
    case TlsConnection::Progress::done:
      clear_deadline();
      reader_.request().client_certificate = tls_->client_certificate();
      phase_ = Phase::reading_head;
      return std::nullopt;
    case TlsConnection::Progress::need_input:
      if (!surroundings_.draining) return Step::read;
      close();
      return std::nullopt;
    case TlsConnection::Progress::need_output:
      return Step::wait_writable;
    case TlsConnection::Progress::not_tls:
      return refuse_plain_http();
    case TlsConnection::Progress::ended:
    case TlsConnection::Progress::failed:
      break;
  }
  const auto& tell = surroundings_.options.on_handshake_failure;
  if (tell) tell(peer_.address, tls_->failure());
  linger();  // or the peer could lose the alert that says why
  return std::nullopt;
}

// Whoever typed http:// is told so in the language that was spoken; other bytes are no language of ours.
Connection::MaybeStep Connection::refuse_plain_http() {
  const char first = tls_->waiting().front();
  tls_.reset();
  if (first < 'A' || first > 'Z') {
    close();
    return std::nullopt;
  }
  fail({400, "tls_required", "this port speaks HTTPS only"});
  return std::nullopt;
}

Connection::MaybeStep Connection::read_tls() {
  const TlsConnection::Reading reading = tls_->read(reader_.room());
  switch (reading.progress) {
    case TlsConnection::Progress::done:
      reader_.received(reading.bytes);
      return std::nullopt;
    case TlsConnection::Progress::need_input:
      return Step::read;
    case TlsConnection::Progress::need_output:
      return Step::wait_writable;
    case TlsConnection::Progress::not_tls:
    case TlsConnection::Progress::ended:
    case TlsConnection::Progress::failed:
      break;
  }
  close();
  return std::nullopt;
}

std::size_t Connection::send_some(boost::system::error_code& error) {
  return tls_ ? tls_->write(output_, error) : socket_.write_some(output_, error);
}

}  // namespace tally::http
