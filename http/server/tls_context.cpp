#include "http/server/tls_context.hpp"

#include <ctime>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <string_view>

#include "http/server/limits.hpp"

namespace tally::http {
namespace {

using core::Result;

template <auto free>
struct Freeing {
  template <class Object>
  void operator()(Object* object) const {
    free(object);
  }
};
using Bio = std::unique_ptr<BIO, Freeing<BIO_free>>;
using Certificate = std::unique_ptr<X509, Freeing<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freeing<EVP_PKEY_free>>;

constexpr int kSecurityLevel = 2;  // RSA of 2,048 bits, curves of 224, SHA-2
constexpr const char* kTls12Suites = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr const char* kGroups = "X25519:P-256:P-384";
constexpr std::string_view kAlpn = "\x08http/1.1";

core::Error mistake(std::string_view field, std::string what) {
  ERR_clear_error();
  return core::Error{core::Errc::bad_configuration, std::move(what), std::string{field}};
}

/// What OpenSSL said last. Its texts name no content of a file.
std::string last_reason() {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  return reason != nullptr ? reason : "no reason given";
}

Bio reader_of(std::string_view text) { return Bio{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))}; }

// Without it, OpenSSL would ask at the terminal.
int refuse_passphrase(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

/// The next certificate; null at the end of the text. Errors: bad_configuration.
Result<Certificate> next_certificate(BIO* reader, std::string_view field) {
  Certificate certificate{PEM_read_bio_X509(reader, nullptr, nullptr, nullptr)};
  if (certificate) return certificate;
  if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) {
    return mistake(field, "a certificate in it does not parse: " + last_reason());
  }
  ERR_clear_error();
  return certificate;
}

core::Timestamp time_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
  return core::Timestamp{std::chrono::seconds{::timegm(&parts)}};
}

Result<void> check_validity(const X509* certificate, core::Timestamp now) {
  const core::Timestamp begin = time_of(X509_get0_notBefore(certificate));
  const core::Timestamp end = time_of(X509_get0_notAfter(certificate));
  if (end <= now) return mistake("certificate", "it expired at " + core::to_rfc3339(end));
  if (begin > now) return mistake("certificate", "it is valid from " + core::to_rfc3339(begin) + " on only");
  return {};
}

Result<void> use_certificates(SSL_CTX* context, std::string_view text, core::Timestamp now) {
  const Bio reader = reader_of(text);
  TALLY_TRY_ASSIGN(const Certificate own, next_certificate(reader.get(), "certificate"));
  if (!own) return mistake("certificate", "there is no PEM certificate in it");
  TALLY_TRY(check_validity(own.get(), now));
  if (SSL_CTX_use_certificate(context, own.get()) != 1) return mistake("certificate", last_reason());
  for (;;) {
    TALLY_TRY_ASSIGN(const Certificate next, next_certificate(reader.get(), "certificate"));
    if (!next) return {};
    if (SSL_CTX_add1_chain_cert(context, next.get()) != 1) return mistake("certificate", last_reason());
  }
}

Result<void> use_key(SSL_CTX* context, const core::SecretText& text) {
  const Bio reader = reader_of(text.reveal());
  bool encrypted = false;
  const Key key{PEM_read_bio_PrivateKey(reader.get(), nullptr, refuse_passphrase, &encrypted)};
  if (encrypted) return mistake("key", "it is encrypted; give a key without a passphrase");
  if (!key) return mistake("key", "there is no PEM private key in it");
  if (SSL_CTX_use_PrivateKey(context, key.get()) == 1 && SSL_CTX_check_private_key(context) == 1) return {};
  return mistake("key", "it does not belong to the certificate (" + last_reason() + ")");
}

Result<void> use_client_ca(SSL_CTX* context, std::string_view text) {
  if (text.empty()) return {};
  const Bio reader = reader_of(text);
  for (int count = 0;; ++count) {
    TALLY_TRY_ASSIGN(const Certificate authority, next_certificate(reader.get(), "client_ca"));
    if (!authority && count == 0) return mistake("client_ca", "there is no PEM certificate in it");
    if (!authority) break;
    if (SSL_CTX_add_client_CA(context, authority.get()) != 1 ||
        X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.get()) != 1) {
      return mistake("client_ca", last_reason());
    }
  }
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);  // asked for, not insisted on
  SSL_CTX_set_verify_depth(context, limits::kClientCertificateChainMax);
  SSL_CTX_set_max_cert_list(context, limits::kClientCertificateChainBytesMax);
  return {};
}

// RFC 7301 §3.2: a client that names protocols, and not ours, is told so instead of being misunderstood.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                    unsigned offered_size, void*) {
  unsigned char* chosen = nullptr;
  const auto* ours = reinterpret_cast<const unsigned char*>(kAlpn.data());
  const int outcome = SSL_select_next_proto(&chosen, out_size, ours, kAlpn.size(), offered, offered_size);
  if (outcome != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

// OpenSSL calls it for every hello, with or without a name, once the version is agreed on.
int refuse_old_tickets(SSL* connection, int*, void*) {
  if (SSL_version(connection) < TLS1_3_VERSION) SSL_set_options(connection, SSL_OP_NO_TICKET);
  return SSL_TLSEXT_ERR_NOACK;
}

void set_rules(SSL_CTX* context) {
  SSL_CTX_set_security_level(context, kSecurityLevel);
  const bool understood = SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
                          SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) == 1 &&
                          SSL_CTX_set_cipher_list(context, kTls12Suites) == 1 &&
                          SSL_CTX_set1_groups_list(context, kGroups) == 1;
  TALLY_CHECK(understood, "this OpenSSL does not know what every OpenSSL 3 knows");
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                   SSL_OP_PRIORITIZE_CHACHA);
  // An idle connection gives its 34 KiB of record buffers back.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_NO_AUTO_CHAIN);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  SSL_CTX_set_tlsext_servername_callback(context, refuse_old_tickets);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_timeout(context, std::chrono::seconds{limits::kTlsResumptionLifetime}.count());
  constexpr std::string_view kName = "tally";
  SSL_CTX_set_session_id_context(context, reinterpret_cast<const unsigned char*>(kName.data()), kName.size());
}

}  // namespace

Result<std::shared_ptr<const TlsContext>> TlsContext::make(const TlsMaterial& material, core::Timestamp now) {
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  TALLY_CHECK(context != nullptr);
  auto made = std::make_shared<const TlsContext>(context);
  set_rules(context);
  TALLY_TRY(use_certificates(context, material.certificate, now));
  TALLY_TRY(use_key(context, material.key));
  TALLY_TRY(use_client_ca(context, material.client_ca));
  return made;
}

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

core::Timestamp TlsContext::expires_at() const {
  return time_of(X509_get0_notAfter(SSL_CTX_get0_certificate(context_)));
}

}  // namespace tally::http
