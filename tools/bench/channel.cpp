#include "tools/bench/channel.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace tally::tools {
namespace {

core::Error failed_tls(const char* call) {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  return core::fail(core::Errc::unreachable, std::string{call} + ": " + (reason != nullptr ? reason : "broken"));
}

}  // namespace

core::Error failed_call(const char* call) {
  return core::fail(core::Errc::unreachable, std::string{call} + ": " + std::strerror(errno));
}

core::Result<TlsCaller> TlsCaller::make(const std::string& ca_file) {
  const std::shared_ptr<SSL_CTX> context{SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
  if (!context || SSL_CTX_load_verify_file(context.get(), ca_file.c_str()) != 1) {
    return core::fail(core::Errc::io_failed, "cannot read the authorities of " + ca_file);
  }
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  // A ticket alone is nothing for us: without this, reading would block until there is more.
  SSL_CTX_clear_mode(context.get(), SSL_MODE_AUTO_RETRY);
  return TlsCaller{context};
}

Channel::Descriptor::Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}

Channel::Descriptor::~Descriptor() {
  if (value_ >= 0) ::close(value_);
}

core::Result<Channel> Channel::connect(std::uint16_t port, const TlsCaller* tls, ssl_session_st* resumed) {
  Channel channel{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (channel.descriptor() < 0) return failed_call("socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(channel.descriptor(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return failed_call("connect");
  }
  const int no_delay = 1;
  ::setsockopt(channel.descriptor(), IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof no_delay);
  if (tls != nullptr) TALLY_TRY(channel.shake_hands(*tls, resumed));
  return channel;
}

core::Result<void> Channel::shake_hands(const TlsCaller& tls, ssl_session_st* resumed) {
  tls_ = {SSL_new(tls.get()), SSL_free};
  if (!tls_) return failed_tls("SSL_new");
  SSL_set_fd(tls_.get(), descriptor());
  X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls_.get()), "127.0.0.1");
  if (resumed != nullptr) SSL_set_session(tls_.get(), resumed);
  ERR_clear_error();
  if (SSL_connect(tls_.get()) != 1) return failed_tls("SSL_connect");
  return {};
}

core::Result<void> Channel::send(std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t sent = 0;
    if (tls_) {
      ERR_clear_error();
      sent = SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size()));
      if (sent <= 0) return failed_tls("SSL_write");
    } else {
      sent = ::send(descriptor(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0) return failed_call("send");
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return {};
}

core::Result<std::size_t> Channel::receive(std::span<char> out) {
  if (!tls_) {
    const auto bytes = ::recv(descriptor(), out.data(), out.size(), 0);
    if (bytes == 0) return core::fail(core::Errc::unreachable, "the server closed a connection");
    if (bytes < 0) return failed_call("recv");
    return static_cast<std::size_t>(bytes);
  }
  ERR_clear_error();
  const int bytes = SSL_read(tls_.get(), out.data(), static_cast<int>(out.size()));
  if (bytes > 0) return static_cast<std::size_t>(bytes);
  if (SSL_get_error(tls_.get(), bytes) == SSL_ERROR_WANT_READ) return std::size_t{0};
  return failed_tls("SSL_read");
}

std::shared_ptr<ssl_session_st> Channel::take_session() {
  // OpenSSL forgets the session of a connection that goes without the word of its end.
  if (tls_) SSL_set_shutdown(tls_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  SSL_SESSION* session = tls_ ? SSL_get1_session(tls_.get()) : nullptr;
  if (session != nullptr && SSL_SESSION_is_resumable(session) == 0) {
    SSL_SESSION_free(session);
    session = nullptr;
  }
  return {session, SSL_SESSION_free};
}

bool Channel::is_resumed() const { return tls_ && SSL_session_reused(tls_.get()) == 1; }

}  // namespace tally::tools
