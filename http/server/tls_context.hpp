#pragma once

#include <memory>
#include <string>

#include "core/base/result.hpp"
#include "core/base/secret.hpp"
#include "core/base/time.hpp"

/// OpenSSL's SSL_CTX.
struct ssl_ctx_st;

namespace tally::http {

/// What a TLS server shows and trusts, as PEM texts.
struct TlsMaterial {
  std::string certificate;  ///< The server's own, then those that lead to its authority.
  core::SecretText key;     ///< Of that certificate; not encrypted.
  std::string client_ca;    ///< Authorities whose client certificates are accepted. Empty: none is asked for.
};

/// What all TLS connections of a server share, OpenSSL's part of it: TLS 1.2 and 1.3, suites with forward secrecy and
/// authenticated encryption only, ALPN http/1.1, no renegotiation, no compression, no early data. TLS 1.3 resumes with
/// tickets, whose key lives and dies with this object; TLS 1.2 does not, because its tickets would undo the forward
/// secrecy. Constant after make(). Threads: any. Source: RFC 9325; docs/adr/0018-openssl-for-tls.md.
class TlsContext {
 public:
  /// Errors: bad_configuration, whose field is "certificate", "key" or "client_ca": not PEM, encrypted, not of one
  /// another, too weak, or not valid at `now`.
  static core::Result<std::shared_ptr<const TlsContext>> make(const TlsMaterial& material, core::Timestamp now);

  explicit TlsContext(ssl_ctx_st* context) : context_(context) {}
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  [[nodiscard]] ssl_ctx_st* get() const { return context_; }
  /// When the server's certificate ends.
  [[nodiscard]] core::Timestamp expires_at() const;

 private:
  ssl_ctx_st* const context_;
};

}  // namespace tally::http
