#include "tools/client/certificate_maker.hpp"

#include <array>
#include <chrono>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "core/base/bytes.hpp"
#include "core/base/check.hpp"

namespace tally::tools {
namespace {

evp_pkey_st* make_key(CertificateKey kind) {
  switch (kind) {
    case CertificateKey::ecdsa_p256:
      return EVP_EC_gen("P-256");
    case CertificateKey::rsa_2048:
      return EVP_RSA_gen(2048);
    case CertificateKey::rsa_1024:
      return EVP_RSA_gen(1024);
  }
  return nullptr;
}

void add_extension(x509_st* certificate, int kind, const std::string& value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
  TALLY_CHECK(extension != nullptr, value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

void add_extensions(x509_st* certificate, const CertificateWish& wish) {
  switch (wish.role) {
    case CertificateWish::Role::server:
      add_extension(certificate, NID_ext_key_usage, "serverAuth");
      add_extension(certificate, NID_subject_alt_name, "DNS:" + wish.name + ",IP:127.0.0.1");
      break;
    case CertificateWish::Role::client:
      add_extension(certificate, NID_ext_key_usage, "clientAuth");
      break;
    case CertificateWish::Role::authority:
      add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE");
      add_extension(certificate, NID_key_usage, "critical,keyCertSign");
      break;
  }
}

template <class Write>
std::string pem_of(Write write) {
  BIO* out = BIO_new(BIO_s_mem());
  TALLY_CHECK(out != nullptr && write(out) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(out);
  return text;
}

}  // namespace

MadeCertificate::MadeCertificate(const CertificateWish& wish, const MadeCertificate* issuer)
    : key_(make_key(wish.key), EVP_PKEY_free), certificate_(X509_new(), X509_free) {
  x509_st* made = certificate_.get();
  TALLY_CHECK(key_ != nullptr && made != nullptr);
  X509_set_version(made, X509_VERSION_3);
  std::int64_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
  ASN1_INTEGER_set_int64(X509_get_serialNumber(made), serial & INT64_MAX);
  ASN1_TIME_set(X509_getm_notBefore(made), core::seconds_of(wish.begin));
  ASN1_TIME_set(X509_getm_notAfter(made), core::seconds_of(wish.end));
  X509_set_pubkey(made, key_.get());
  const auto* name = reinterpret_cast<const unsigned char*>(wish.name.c_str());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN", MBSTRING_UTF8, name, -1, -1, 0);
  const MadeCertificate& signer = issuer != nullptr ? *issuer : *this;
  X509_set_issuer_name(made, X509_get_subject_name(signer.certificate()));
  add_extensions(made, wish);
  TALLY_CHECK(X509_sign(made, signer.key(), EVP_sha256()) > 0);
}

MadeCertificate MadeCertificate::valid_now(CertificateWish wish, const MadeCertificate* issuer) {
  const auto now = std::chrono::floor<core::Duration>(std::chrono::system_clock::now());
  wish.begin = now - std::chrono::hours{1};
  wish.end = now + std::chrono::hours{1};
  return MadeCertificate{wish, issuer};
}

std::string MadeCertificate::certificate_pem() const {
  return pem_of([this](BIO* out) { return PEM_write_bio_X509(out, certificate_.get()); });
}

std::string MadeCertificate::key_pem() const {
  return pem_of(
      [this](BIO* out) { return PEM_write_bio_PrivateKey(out, key_.get(), nullptr, nullptr, 0, nullptr, nullptr); });
}

std::string MadeCertificate::thumbprint() const {
  std::array<std::uint8_t, 32> digest;
  TALLY_CHECK(X509_digest(certificate_.get(), EVP_sha256(), digest.data(), nullptr) == 1);
  return core::to_hex(digest);
}

}  // namespace tally::tools
