#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

/// OpenSSL's SSL, SSL_CTX and SSL_SESSION.
struct ssl_st;
struct ssl_ctx_st;
struct ssl_session_st;

namespace tally::tools {

/// How the load generator speaks TLS, for many connections. Threads: any.
class TlsCaller {
 public:
  /// `ca_file`: PEM authorities; the server's certificate must be for 127.0.0.1. Errors: io_failed.
  static core::Result<TlsCaller> make(const std::string& ca_file);
  [[nodiscard]] ssl_ctx_st* get() const { return context_.get(); }

 private:
  explicit TlsCaller(std::shared_ptr<ssl_ctx_st> context) : context_(std::move(context)) {}
  std::shared_ptr<ssl_ctx_st> context_;
};

/// A system call of a connection that failed, with what errno says: unreachable.
core::Error failed_call(const char* call);

/// A connection to a server on the loopback address, with or without TLS, on a blocking socket: it is read from when
/// the socket says that there is something. Threads: one at a time.
class Channel {
 public:
  /// `tls`: null for plain TCP. `resumed`: a session to go on with; null: a full handshake. Errors: unreachable.
  static core::Result<Channel> connect(std::uint16_t port, const TlsCaller* tls, ssl_session_st* resumed = nullptr);

  [[nodiscard]] int descriptor() const { return socket_.get(); }
  /// All of it. Errors: unreachable.
  core::Result<void> send(std::string_view bytes);
  /// What has come, or 0 if it was nothing for us yet. Errors: unreachable (closed or broken).
  core::Result<std::size_t> receive(std::span<char> out);
  /// The session that the server gave for the next connection; null if there is none. Nothing is sent or received
  /// after it.
  std::shared_ptr<ssl_session_st> take_session();
  [[nodiscard]] bool is_resumed() const;

 private:
  class Descriptor {
   public:
    explicit Descriptor(int value) : value_(value) {}
    Descriptor(Descriptor&& other) noexcept;
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    Descriptor& operator=(Descriptor&&) = delete;
    ~Descriptor();
    [[nodiscard]] int get() const { return value_; }

   private:
    int value_;
  };

  explicit Channel(int socket) : socket_(socket) {}
  core::Result<void> shake_hands(const TlsCaller& tls, ssl_session_st* resumed);

  Descriptor socket_;
  std::shared_ptr<ssl_st> tls_;
};

}  // namespace tally::tools
