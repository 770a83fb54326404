#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <boost/asio/buffer.hpp>
#include <boost/system/error_code.hpp>

#include "core/base/bytes.hpp"
#include "http/server/tls_context.hpp"

/// OpenSSL's SSL and BIO.
struct ssl_st;
struct bio_st;

namespace tally::http {

/// TLS over one non-blocking socket, as a state machine that never waits. What the socket brings is put into room() by
/// whoever awaits it, as the bytes of a plain connection are; what TLS has to say is sent at once, as far as the socket
/// takes it. Threads: one at a time.
class TlsConnection {
 public:
  enum class Progress : std::uint8_t {
    done,
    need_input,   ///< More bytes of the peer are needed: await them into room().
    need_output,  ///< The socket takes no more: wait until it does, and call the same again.
    ended,        ///< The peer said that it sends no more.
    not_tls,      ///< handshake() only: the peer's first byte begins no TLS record. Nothing was consumed.
    failed,       ///< For good; the peer was told by an alert where TLS has one.
  };
  struct Reading {
    Progress progress;
    std::size_t bytes = 0;
  };

  /// Lifetime: the socket stays open until this object goes or is abandoned.
  TlsConnection(const TlsContext& context, int socket);
  ~TlsConnection();
  TlsConnection(const TlsConnection&) = delete;
  TlsConnection& operator=(const TlsConnection&) = delete;

  /// Where the peer's next bytes go; never empty after need_input.
  std::span<char> room();
  void received(std::size_t bytes);
  /// What was received and is not consumed.
  [[nodiscard]] std::string_view waiting() const { return {input_.data() + begin_, end_ - begin_}; }

  Progress handshake();
  /// Decrypts into `room`, which must not be empty.
  Reading read(std::span<char> room);
  /// Encrypts and sends the beginning of `buffers`, one record's worth at most, and says how many of their bytes that
  /// was. After would_block the same bytes must be given again. Errors: would_block, broken_pipe.
  std::size_t write(std::span<const boost::asio::const_buffer> buffers, boost::system::error_code& error);
  /// Says that nothing more comes, unless TLS has failed or is not there yet. Source: RFC 8446 §6.1.
  void send_close_notify();
  /// Sends nothing from now on, so that the end looks like a broken connection to the peer; writing fails.
  void abandon() { broken_ = true; }

  /// The SHA-256 of the certificate that the client showed and proved; empty if it showed none. After the handshake.
  /// Source: RFC 8705 §3.1.
  [[nodiscard]] std::optional<core::Digest> client_certificate() const;
  /// Why it failed, in OpenSSL's words: no secret, nothing of the peer's bytes.
  [[nodiscard]] std::string_view failure() const { return failure_; }

 private:
  static int take_input(bio_st* bio, char* out, std::size_t bytes_max, std::size_t* bytes);
  static int put_output(bio_st* bio, const char* data, std::size_t bytes_max, std::size_t* bytes);
  static bio_st* make_bio(TlsConnection* self);
  Progress progress_of(int outcome);

  static constexpr std::size_t kInputBytes = 4 << 10;

  const int socket_;
  ssl_st* const tls_;
  std::string_view failure_;
  bool begun_ = false;   ///< The first byte was looked at.
  bool broken_ = false;  ///< Nothing more may be sent.
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::array<char, kInputBytes> input_;
};

}  // namespace tally::http
