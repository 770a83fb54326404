#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/base/time.hpp"
#include "http/server/tls_context.hpp"
#include "tests/http/server/test_client.hpp"
#include "tools/client/certificate_maker.hpp"

/// OpenSSL's SSL and SSL_SESSION.
struct ssl_st;
struct ssl_session_st;

namespace tally::testing {

/// What a server of these certificates shows and trusts.
http::TlsMaterial material_of(const tools::MadeCertificate& server, const tools::MadeCertificate* client_ca = nullptr);
/// The context of that; fails the test if it can not be made.
std::shared_ptr<const http::TlsContext> tls_of(const tools::MadeCertificate& server,
                                               const tools::MadeCertificate* client_ca = nullptr);

/// How a client speaks TLS.
struct TlsManner {
  int version = 0;                                ///< OpenSSL's number; 0: the best.
  std::string suites = {};                        ///< Of TLS 1.2; empty: OpenSSL's.
  std::string protocols = "\x08http/1.1";         ///< ALPN, in its wire form; empty: none offered.
  const tools::MadeCertificate* shown = nullptr;  ///< The client's certificate.
  std::shared_ptr<ssl_session_st> resumed = {};   ///< From an earlier connection.
};

/// A TestClient that speaks TLS by OpenSSL, and so by another machine than the server's.
class TlsClient final : public TestClient {
 public:
  explicit TlsClient(std::uint16_t port, const TlsManner& manner = {});

  /// Whether the client's part of the handshake is done; in TLS 1.3 the server may still refuse.
  [[nodiscard]] bool is_connected() const { return connected_; }
  [[nodiscard]] std::string version() const;
  [[nodiscard]] std::string protocol() const;
  [[nodiscard]] bool is_resumed() const;
  /// The last ticket or session, after an answer was read.
  [[nodiscard]] std::shared_ptr<ssl_session_st> session() const;
  /// The thumbprint of the server's certificate.
  [[nodiscard]] std::string server_thumbprint() const;
  /// The server said close_notify.
  [[nodiscard]] bool was_told_the_end() const;
  /// What went wrong last, in OpenSSL's words.
  [[nodiscard]] const std::string& failure() const { return failure_; }
  /// TLS 1.3: new keys with the next write, and the server's too. False: not possible.
  bool update_keys();
  /// TLS 1.2: asks for another handshake. False: refused.
  bool renegotiate();
  /// Bytes below TLS.
  void send_raw(std::string_view bytes) const { static_cast<void>(TestClient::transmit(bytes.data(), bytes.size())); }

 protected:
  std::ptrdiff_t receive(char* out, std::size_t bytes_max) override;
  std::ptrdiff_t transmit(const char* data, std::size_t bytes) const override;

 private:
  void note_failure();

  std::shared_ptr<ssl_st> tls_;
  bool connected_ = false;
  std::string failure_;
};

}  // namespace tally::testing
