#include <chrono>
#include <filesystem>
#include <string>

#include <catch2/catch.hpp>

#include "tests/tools/support/house.hpp"
#include "tools/client/certificate_maker.hpp"
#include "tools/client/http_client.hpp"
#include "tools/tallyd/tls_files.hpp"

namespace tally::tools {
namespace {

core::Timestamp now() { return std::chrono::floor<core::Duration>(std::chrono::system_clock::now()); }

/// The files of a server's certificate in a folder of their own, and settings that name them.
struct TlsFolder {
  explicit TlsFolder(CertificateWish wish = {}) : settings(quiet_settings(folder / "data")) {
    settings.tls_certificate = folder / "cert.pem";
    settings.tls_key = folder / "key.pem";
    put(MadeCertificate::valid_now(std::move(wish)));
  }
  void put(const MadeCertificate& made) const {
    write_text(settings.tls_certificate, made.certificate_pem());
    write_text(settings.tls_key, made.key_pem());
  }
  [[nodiscard]] std::string mistake() const {
    const auto loaded = load_tls(settings, now());
    if (!loaded.has_error()) return "none";
    CHECK(loaded.error().code == core::Errc::bad_configuration);
    return loaded.error().detail;
  }

  ScratchFolder folder;
  Settings settings;
};

/// A server that speaks TLS.
struct TlsHouse : TlsFolder {
  explicit TlsHouse(CertificateWish wish = {}) : TlsFolder(std::move(wish)) {
    StartOptions options;
    options.operator_password.emplace(std::string{kOperatorPassword});
    auto started = Application::start(settings, std::move(options));
    if (started.has_error()) FAIL(started.error().detail);
    application = std::move(*started);
  }
  [[nodiscard]] std::string named_url(const std::string& host) const {
    return "https://" + host + ":" + std::to_string(application->port());
  }
  Attempt<HttpReply> get(const std::string& host, const std::string& ca_file) const {
    return HttpClient{*ServerUrl::parse(named_url(host)), std::chrono::seconds{10}, ca_file}.send({"GET", "/healthz"});
  }

  std::unique_ptr<Application> application;
};

}  // namespace

TEST_CASE("tls files: each mistake names its setting and its file", "[tools][tls]") {
  TlsFolder files;
  CHECK(files.mistake() == "none");
  SECTION("a file that is not there") {
    files.settings.tls_key = files.folder / "absent.pem";
    CHECK(files.mistake() == "tls_key: there is no file " + files.settings.tls_key);
  }
  SECTION("a file that is a folder") {
    files.settings.tls_certificate = files.folder.path();
    CHECK_THAT(files.mistake(), Catch::StartsWith("tls_certificate: cannot read " + files.folder.path()));
  }
  SECTION("a file that is too large") {
    write_text(files.settings.tls_certificate, std::string((1 << 20) + 1, '\n'));
    CHECK_THAT(files.mistake(), Catch::StartsWith("tls_certificate: " + files.settings.tls_certificate));
  }
  SECTION("a key of another certificate") {
    write_text(files.settings.tls_key, MadeCertificate::valid_now({}).key_pem());
    CHECK_THAT(files.mistake(), Catch::StartsWith("tls_key: " + files.settings.tls_key + ": it does not belong"));
  }
  SECTION("an expired certificate") {
    files.put(MadeCertificate{{.begin = now() - std::chrono::hours{2}, .end = now() - std::chrono::hours{1}}});
    CHECK_THAT(files.mistake(),
               Catch::StartsWith("tls_certificate: " + files.settings.tls_certificate + ": it expired"));
  }
  SECTION("an empty file of authorities") {
    files.settings.tls_client_ca = files.folder / "ca.pem";
    write_text(files.settings.tls_client_ca, GENERATE("", "nonsense"));
    CHECK_THAT(files.mistake(), Catch::StartsWith("tls_client_ca: " + files.settings.tls_client_ca));
  }
}

TEST_CASE("tls files: a mistake ends the start before the data folder is made", "[tools][tls]") {
  TlsFolder files;
  write_text(files.settings.tls_key, "nonsense");
  const auto started = Application::start(files.settings, {});
  REQUIRE(started.has_error());
  CHECK(started.error().code == core::Errc::bad_configuration);
  CHECK_THAT(started.error().detail, Catch::StartsWith("tls_key: "));
  CHECK_FALSE(std::filesystem::exists(files.settings.data_dir));
}

TEST_CASE("tls: the server says https of itself, and its cookie stays on TLS", "[tools][tls]") {
  const TlsHouse house;
  CHECK(house.application->url() == house.named_url("127.0.0.1"));
  CHECK(house.application->issuer() == house.application->url());
  HttpClient client{*ServerUrl::parse(house.application->url()), std::chrono::seconds{10},
                    house.settings.tls_certificate};
  const auto reply =
      client.send({"POST",
                   "/v1/session",
                   {{"Content-Type", "application/json"}},
                   "{\"username\":\"operator\",\"password\":\"" + std::string{kOperatorPassword} + "\"}"});
  REQUIRE(reply.has_value());
  CHECK(reply->status == 200);
  CHECK_THAT(reply->header("Set-Cookie").value_or(""), Catch::EndsWith("; Secure"));
  CHECK(reply->header("Strict-Transport-Security") == "max-age=31536000");
}

TEST_CASE("tls: the client trusts its authorities' word about the name, and nothing else", "[tools][tls]") {
  const TlsHouse house{{.name = "localhost"}};
  const std::string& ca = house.settings.tls_certificate;
  CHECK(house.get("localhost", ca).has_value());
  CHECK(house.get("127.0.0.1", ca).has_value());
  SECTION("an authority that is not known") {
    const auto reply = house.get("localhost", "");
    REQUIRE(reply.has_error());
    CHECK(reply.error().exit == Exit::unreachable);
    CHECK_THAT(reply.error().message, Catch::Contains("cannot trust https://localhost:"));
  }
  SECTION("another name") {
    const TlsHouse other{{.name = "other.example"}};
    const auto reply = other.get("localhost", other.settings.tls_certificate);
    REQUIRE(reply.has_error());
    CHECK(reply.error().exit == Exit::unreachable);
  }
  SECTION("a file of authorities that is none") {
    const auto reply = house.get("localhost", house.folder / "absent.pem");
    REQUIRE(reply.has_error());
    CHECK(reply.error().exit == Exit::usage);
  }
  SECTION("https to a server without TLS") {
    const House plain;
    HttpClient client{*ServerUrl::parse("https" + plain.url().substr(4)), std::chrono::seconds{10}, ca};
    const auto reply = client.send({"GET", "/healthz"});
    REQUIRE(reply.has_error());
    CHECK(reply.error().exit == Exit::unreachable);
  }
}

TEST_CASE("tls: the command line signs in over https", "[tools][tls]") {
  const TlsHouse house;
  Person root{house.named_url("localhost")};
  root.environment["TALLY_PASSWORD"] = kOperatorPassword;
  CHECK(root.run({"login", "operator"}).exit == Exit::unreachable);
  root.must({"--ca-file", house.settings.tls_certificate, "login", "operator"});
  root.environment["TALLY_CA_FILE"] = house.settings.tls_certificate;
  CHECK_THAT(root.must({"whoami"}), Catch::Contains("operator"));
}

TEST_CASE("tls: files that are read again are used, unless they are not good", "[tools][tls]") {
  const TlsHouse house;
  const std::string old_ca = house.folder / "old.pem";
  write_text(old_ca, read_text(house.settings.tls_certificate));

  write_text(house.settings.tls_key, "nonsense");
  const auto bad = house.application->reload();
  REQUIRE(bad.has_error());
  CHECK_THAT(bad.error().detail, Catch::StartsWith("tls_key: "));
  CHECK(house.get("localhost", old_ca).has_value());

  house.put(MadeCertificate::valid_now({.key = CertificateKey::rsa_2048}));
  CHECK(house.application->reload().has_value());
  CHECK(house.get("localhost", house.settings.tls_certificate).has_value());
  CHECK(house.get("localhost", old_ca).has_error());
}

TEST_CASE("tls: a server without TLS has nothing to read again", "[tools][tls]") {
  const House house;
  CHECK(house.application->reload().has_value());
}

}  // namespace tally::tools
