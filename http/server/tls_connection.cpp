#include "http/server/tls_connection.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>

#include <boost/asio/error.hpp>

#include "core/base/check.hpp"

namespace tally::http {
namespace asio = boost::asio;

namespace {

/// The most that one record carries. Source: RFC 8446 §5.1.
constexpr std::size_t kRecordBytesMax = 16 << 10;
constexpr char kHandshakeRecord = 0x16;

long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

}  // namespace

// Not OpenSSL's own socket BIO: that one has no MSG_NOSIGNAL, and would read without the reactor's knowledge.
bio_st* TlsConnection::make_bio(TlsConnection* self) {
  static BIO_METHOD* const kMethod = [] {
    BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "tally connection");
    TALLY_CHECK(method != nullptr);
    BIO_meth_set_read_ex(method, &TlsConnection::take_input);
    BIO_meth_set_write_ex(method, &TlsConnection::put_output);
    BIO_meth_set_ctrl(method, &control);
    return method;
  }();
  BIO* bio = BIO_new(kMethod);
  TALLY_CHECK(bio != nullptr);
  BIO_set_data(bio, self);
  BIO_set_init(bio, 1);
  return bio;
}

TlsConnection::TlsConnection(const TlsContext& context, int socket) : socket_(socket), tls_(SSL_new(context.get())) {
  TALLY_CHECK(tls_ != nullptr);
  BIO* bio = make_bio(this);
  SSL_set_bio(tls_, bio, bio);
  SSL_set_accept_state(tls_);
}

TlsConnection::~TlsConnection() { SSL_free(tls_); }

int TlsConnection::take_input(bio_st* bio, char* out, std::size_t bytes_max, std::size_t* bytes) {
  auto* self = static_cast<TlsConnection*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  *bytes = std::min(bytes_max, self->end_ - self->begin_);
  if (*bytes == 0) {
    BIO_set_retry_read(bio);
    return 0;
  }
  std::memcpy(out, self->input_.data() + self->begin_, *bytes);
  self->begin_ += *bytes;
  return 1;
}

int TlsConnection::put_output(bio_st* bio, const char* data, std::size_t bytes_max, std::size_t* bytes) {
  auto* self = static_cast<TlsConnection*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  *bytes = 0;
  if (self->broken_) return 0;
  ssize_t sent = 0;
  do {
    sent = ::send(self->socket_, data, bytes_max, MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  if (sent >= 0) {
    *bytes = static_cast<std::size_t>(sent);
    return 1;
  }
  if (errno == EAGAIN) BIO_set_retry_write(bio);
  return 0;
}

std::span<char> TlsConnection::room() {
  std::memmove(input_.data(), input_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  return std::span{input_}.subspan(end_);
}

void TlsConnection::received(std::size_t bytes) {
  TALLY_CHECK(bytes <= input_.size() - end_);
  end_ += bytes;
}

TlsConnection::Progress TlsConnection::progress_of(int outcome) {
  switch (SSL_get_error(tls_, outcome)) {
    case SSL_ERROR_WANT_READ:
      return Progress::need_input;
    case SSL_ERROR_WANT_WRITE:
      return Progress::need_output;
    case SSL_ERROR_ZERO_RETURN:
      return Progress::ended;
    default:
      break;
  }
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  failure_ = reason != nullptr ? reason : "the connection broke";
  broken_ = true;
  return Progress::failed;
}

TlsConnection::Progress TlsConnection::handshake() {
  if (!begun_) {
    if (waiting().empty()) return Progress::need_input;
    if (waiting().front() != kHandshakeRecord) {
      broken_ = true;
      return Progress::not_tls;
    }
    begun_ = true;
  }
  ERR_clear_error();
  const int outcome = SSL_do_handshake(tls_);
  return outcome == 1 ? Progress::done : progress_of(outcome);
}

TlsConnection::Reading TlsConnection::read(std::span<char> room) {
  ERR_clear_error();
  std::size_t bytes = 0;
  const int outcome = SSL_read_ex(tls_, room.data(), room.size(), &bytes);
  if (outcome == 1) return {Progress::done, bytes};
  return {progress_of(outcome)};
}

std::size_t TlsConnection::write(std::span<const asio::const_buffer> buffers, boost::system::error_code& error) {
  error = {};
  while (!buffers.empty() && buffers.front().size() == 0) buffers = buffers.subspan(1);
  if (buffers.empty()) return 0;
  // Head and body in one record: one encryption, one packet. Deterministic, so that the retry gives the same bytes.
  std::array<char, kRecordBytesMax> gathered;
  asio::const_buffer record = asio::buffer(buffers.front(), kRecordBytesMax);
  if (record.size() < kRecordBytesMax && buffers.size() > 1) {
    record = asio::buffer(gathered.data(), asio::buffer_copy(asio::buffer(gathered), buffers));
  }
  ERR_clear_error();
  std::size_t bytes = 0;
  const int outcome = SSL_write_ex(tls_, record.data(), record.size(), &bytes);
  if (outcome == 1) return bytes;
  error = progress_of(outcome) == Progress::need_output ? asio::error::would_block : asio::error::broken_pipe;
  return 0;
}

void TlsConnection::send_close_notify() {
  if (broken_ || SSL_is_init_finished(tls_) == 0) return;
  ERR_clear_error();
  SSL_shutdown(tls_);  // a socket that does not take these bytes does without
  ERR_clear_error();
  broken_ = true;
}

std::optional<core::Digest> TlsConnection::client_certificate() const {
  X509* certificate = SSL_get1_peer_certificate(tls_);
  if (certificate == nullptr) return std::nullopt;
  core::Digest digest;
  unsigned size = 0;
  const int outcome = X509_digest(certificate, EVP_sha256(), digest.bytes.data(), &size);
  X509_free(certificate);
  TALLY_CHECK(outcome == 1 && size == digest.bytes.size());
  return digest;
}

}  // namespace tally::http
