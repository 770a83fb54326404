#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/base/time.hpp"

/// OpenSSL's EVP_PKEY and X509.
struct evp_pkey_st;
struct x509_st;

namespace tally::tools {

enum class CertificateKey : std::uint8_t { ecdsa_p256, rsa_2048, rsa_1024 };

/// What a made certificate says.
struct CertificateWish {
  std::string name = "localhost";  ///< Common name and DNS name; 127.0.0.1 is always among the names.
  CertificateKey key = CertificateKey::ecdsa_p256;
  enum class Role : std::uint8_t { server, client, authority } role = Role::server;
  core::Timestamp begin = {};
  core::Timestamp end = {};
};

/// A key and a certificate, made on the spot for the benchmark and the tests: none is ever kept in the tree. Never for
/// a server that means it. Threads: one.
class MadeCertificate {
 public:
  /// Signed by `issuer`, or by itself.
  explicit MadeCertificate(const CertificateWish& wish, const MadeCertificate* issuer = nullptr);
  /// One that is valid now, for an hour.
  static MadeCertificate valid_now(CertificateWish wish, const MadeCertificate* issuer = nullptr);

  [[nodiscard]] std::string certificate_pem() const;
  [[nodiscard]] std::string key_pem() const;
  /// Lower-case hexadecimal SHA-256 of the certificate.
  [[nodiscard]] std::string thumbprint() const;
  [[nodiscard]] x509_st* certificate() const { return certificate_.get(); }
  [[nodiscard]] evp_pkey_st* key() const { return key_.get(); }

 private:
  std::shared_ptr<evp_pkey_st> key_;
  std::shared_ptr<x509_st> certificate_;
};

}  // namespace tally::tools
