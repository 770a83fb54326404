#include <chrono>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string>

#include <catch2/catch.hpp>

#include "tests/http/server/tls_client.hpp"

using namespace tally;
using namespace tally::testing;
using tools::CertificateKey;
using tools::MadeCertificate;
using Role = tools::CertificateWish::Role;

namespace {

core::Timestamp now() { return std::chrono::floor<core::Duration>(std::chrono::system_clock::now()); }

struct Mistake {
  std::string field, detail;
};

Mistake mistake_of(const http::TlsMaterial& material, core::Timestamp time) {
  const auto made = http::TlsContext::make(material, time);
  if (!made.has_error()) return {"none", ""};
  CHECK(made.error().code == core::Errc::bad_configuration);
  return {made.error().field, made.error().detail};
}

std::string encrypted(const MadeCertificate& made) {
  BIO* out = BIO_new(BIO_s_mem());
  unsigned char passphrase[] = "open";
  PEM_write_bio_PrivateKey(out, made.key(), EVP_aes_256_cbc(), passphrase, 4, nullptr, nullptr);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(out);
  return text;
}

}  // namespace

TEST_CASE("tls context: a good certificate and key of either kind are taken", "[http][tls]") {
  const auto key = GENERATE(CertificateKey::ecdsa_p256, CertificateKey::rsa_2048);
  const auto made = MadeCertificate::valid_now({.key = key});
  const auto context = tls_of(made);
  CHECK(context->expires_at() > now());
  CHECK(context->expires_at() < now() + std::chrono::hours{2});
}

TEST_CASE("tls context: each mistake names the file that it is in", "[http][tls]") {
  const auto good = MadeCertificate::valid_now({});
  const auto material = [&] { return material_of(good); };
  SECTION("no certificate") {
    for (const std::string& text : {std::string{}, std::string{"nonsense"}, good.key_pem()}) {
      auto given = material();
      given.certificate = text;
      const auto mistake = mistake_of(given, now());
      CHECK(mistake.field == "certificate");
      CHECK(mistake.detail == "there is no PEM certificate in it");
    }
  }
  SECTION("a cut certificate, and a cut one behind it") {
    const std::string half = good.certificate_pem().substr(0, 200) + "\n-----END CERTIFICATE-----\n";
    for (const std::string& text : {half, good.certificate_pem() + half}) {
      auto given = material();
      given.certificate = text;
      CHECK(mistake_of(given, now()).field == "certificate");
    }
  }
  SECTION("no key") {
    for (const std::string& text : {std::string{}, std::string{"nonsense"}, good.certificate_pem()}) {
      auto given = material();
      given.key = core::SecretText{text};
      const auto mistake = mistake_of(given, now());
      CHECK(mistake.field == "key");
      CHECK(mistake.detail == "there is no PEM private key in it");
    }
  }
}

TEST_CASE("tls context: what does not fit, or no longer, names its file too", "[http][tls]") {
  const auto good = MadeCertificate::valid_now({});
  const auto other = MadeCertificate::valid_now({});
  const auto material = [&] { return material_of(good); };
  SECTION("another certificate's key") {
    auto given = material();
    given.key = core::SecretText{other.key_pem()};
    const auto mistake = mistake_of(given, now());
    CHECK(mistake.field == "key");
    CHECK(mistake.detail.starts_with("it does not belong to the certificate"));
  }
  SECTION("an encrypted key, and nobody is asked for the passphrase") {
    auto given = material();
    given.key = core::SecretText{encrypted(good)};
    CHECK(mistake_of(given, now()).detail == "it is encrypted; give a key without a passphrase");
  }
  SECTION("expired, at that very second, and not valid yet") {
    const auto end = tls_of(good)->expires_at();
    CHECK(mistake_of(material(), end).detail == "it expired at " + core::to_rfc3339(end));
    CHECK(mistake_of(material(), end - std::chrono::seconds{1}).field == "none");
    const auto early = mistake_of(material(), end - std::chrono::hours{3});
    CHECK(early.field == "certificate");
    CHECK(early.detail.starts_with("it is valid from "));
  }
  SECTION("a weak key") {
    const auto weak = MadeCertificate::valid_now({.key = CertificateKey::rsa_1024});
    const auto mistake = mistake_of(material_of(weak), now());
    CHECK(mistake.field == "certificate");
    CHECK(mistake.detail == "ee key too small");
  }
  SECTION("no authority where one was promised") {
    auto given = material();
    given.client_ca = "nonsense";
    const auto mistake = mistake_of(given, now());
    CHECK(mistake.field == "client_ca");
    CHECK(mistake.detail == "there is no PEM certificate in it");
  }
}

TEST_CASE("tls context: no mistake repeats the key", "[http][tls]") {
  const auto good = MadeCertificate::valid_now({});
  auto given = material_of(MadeCertificate::valid_now({}));
  given.key = core::SecretText{good.key_pem()};
  const auto mistake = mistake_of(given, now());
  CHECK(mistake.detail.find("PRIVATE") == std::string::npos);
  CHECK(mistake.detail.size() < 200);
}
