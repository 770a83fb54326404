#include "tests/http/server/tls_client.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>

#include <catch2/catch.hpp>

#include "core/base/bytes.hpp"
#include "core/base/check.hpp"

namespace tally::testing {

http::TlsMaterial material_of(const tools::MadeCertificate& server, const tools::MadeCertificate* client_ca) {
  return {server.certificate_pem(), core::SecretText{server.key_pem()},
          client_ca != nullptr ? client_ca->certificate_pem() : std::string{}};
}

std::shared_ptr<const http::TlsContext> tls_of(const tools::MadeCertificate& server,
                                               const tools::MadeCertificate* client_ca) {
  const auto now = std::chrono::floor<core::Duration>(std::chrono::system_clock::now());
  auto made = http::TlsContext::make(material_of(server, client_ca), now);
  if (made.has_error()) FAIL(made.error().field << ": " << made.error().detail);
  return *made;
}

TlsClient::TlsClient(std::uint16_t port, const TlsManner& manner) : TestClient(port) {
  ::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes with write()
  const std::shared_ptr<SSL_CTX> context{SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
  TALLY_CHECK(context != nullptr);
  SSL_CTX_set_security_level(context.get(), 0);  // whatever is refused, the server refuses
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT);
  SSL_CTX_set_min_proto_version(context.get(), manner.version);
  SSL_CTX_set_max_proto_version(context.get(), manner.version);
  if (!manner.suites.empty()) TALLY_CHECK(SSL_CTX_set_cipher_list(context.get(), manner.suites.c_str()) == 1);
  if (!manner.protocols.empty()) {
    SSL_CTX_set_alpn_protos(context.get(), reinterpret_cast<const unsigned char*>(manner.protocols.data()),
                            static_cast<unsigned>(manner.protocols.size()));
  }
  if (manner.shown != nullptr) {
    SSL_CTX_use_certificate(context.get(), manner.shown->certificate());
    SSL_CTX_use_PrivateKey(context.get(), manner.shown->key());
  }
  tls_ = {SSL_new(context.get()), SSL_free};
  TALLY_CHECK(tls_ != nullptr);
  SSL_set_fd(tls_.get(), socket());
  if (manner.resumed) SSL_set_session(tls_.get(), manner.resumed.get());
  ERR_clear_error();
  connected_ = SSL_connect(tls_.get()) == 1;
  if (!connected_) note_failure();
}

std::string TlsClient::version() const { return SSL_get_version(tls_.get()); }

std::string TlsClient::protocol() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(tls_.get(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

bool TlsClient::is_resumed() const { return SSL_session_reused(tls_.get()) == 1; }

std::shared_ptr<ssl_session_st> TlsClient::session() const { return {SSL_get1_session(tls_.get()), SSL_SESSION_free}; }

std::string TlsClient::server_thumbprint() const {
  std::array<std::uint8_t, 32> digest;
  TALLY_CHECK(X509_digest(SSL_get0_peer_certificate(tls_.get()), EVP_sha256(), digest.data(), nullptr) == 1);
  return core::to_hex(digest);
}

bool TlsClient::was_told_the_end() const { return (SSL_get_shutdown(tls_.get()) & SSL_RECEIVED_SHUTDOWN) != 0; }

bool TlsClient::update_keys() { return SSL_key_update(tls_.get(), SSL_KEY_UPDATE_REQUESTED) == 1; }

bool TlsClient::renegotiate() {
  ERR_clear_error();
  const bool accepted = SSL_renegotiate(tls_.get()) == 1 && SSL_do_handshake(tls_.get()) == 1;
  if (!accepted) note_failure();
  return accepted;
}

std::ptrdiff_t TlsClient::receive(char* out, std::size_t bytes_max) {
  ERR_clear_error();
  errno = 0;
  const int count = SSL_read(tls_.get(), out, static_cast<int>(bytes_max));
  if (count > 0) return count;
  const int error = SSL_get_error(tls_.get(), count);
  if (error == SSL_ERROR_ZERO_RETURN) return 0;
  const int cause = errno;
  note_failure();
  // An end without close_notify is an end too; only silence is not.
  errno = cause == EAGAIN ? EAGAIN : ECONNRESET;
  return -1;
}

std::ptrdiff_t TlsClient::transmit(const char* data, std::size_t bytes) const {
  ERR_clear_error();
  return SSL_write(tls_.get(), data, static_cast<int>(bytes));
}

void TlsClient::note_failure() {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  failure_ = reason != nullptr ? reason : "broken";
}

}  // namespace tally::testing
