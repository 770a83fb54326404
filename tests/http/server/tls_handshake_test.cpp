#include <future>
#include <openssl/ssl.h>
#include <string>
#include <thread>

#include <catch2/catch.hpp>

#include "tests/http/server/server_fixture.hpp"
#include "tests/http/server/tls_client.hpp"

using namespace tally;
using namespace tally::testing;
using namespace std::chrono_literals;
using tools::CertificateKey;
using tools::MadeCertificate;

namespace {

/// A server with TLS, /echo and a certificate of its own.
struct TlsFixture : ServerFixture {
  explicit TlsFixture(CertificateKey key = CertificateKey::ecdsa_p256)
      : certificate(MadeCertificate::valid_now({.key = key})) {
    options.tls = tls_of(certificate);
    post("/echo", echo);
    get("/", [](const http::Request&, http::Response& response) { response.start(200, "text/plain"); });
  }
  MadeCertificate certificate;
};

}  // namespace

TEST_CASE("tls: both versions, both kinds of key, and the protocol is agreed on", "[http][tls]") {
  const auto key = GENERATE(CertificateKey::ecdsa_p256, CertificateKey::rsa_2048);
  const auto [version, name] = GENERATE(table<int, std::string>({{TLS1_2_VERSION, "TLSv1.2"}, {0, "TLSv1.3"}}));
  TlsFixture fixture{key};
  fixture.start();
  TlsClient client{fixture.port(), {.version = version}};
  REQUIRE(client.is_connected());
  CHECK(client.version() == name);
  CHECK(client.protocol() == "http/1.1");
  client.send(post_request("/echo", "over TLS"));
  const WireReply reply = client.read();
  CHECK(reply.status == 200);
  CHECK(reply.body == "over TLS");
  CHECK(reply.field("Strict-Transport-Security") == "max-age=31536000");
}

TEST_CASE("tls: without it, nobody is told to stay with it", "[http][tls]") {
  ServerFixture fixture;
  fixture.post("/echo", echo);
  fixture.start();
  CHECK(fixture.ask(post_request("/echo", "x")).field("Strict-Transport-Security") == "absent");
}

TEST_CASE("tls: old versions, suites without forward secrecy and other protocols are refused", "[http][tls]") {
  TlsFixture fixture{CertificateKey::rsa_2048};
  struct Failure {
    std::string address;
    std::string why;
  };
  std::promise<Failure> told;  // Catch2 takes assertions of one thread only, and this is told by the worker's
  fixture.options.on_handshake_failure = [&](std::string_view address, std::string_view why) {
    told.set_value({std::string{address}, std::string{why}});
  };
  fixture.start();
  const auto [manner, alert, noted] = GENERATE(table<TlsManner, std::string, std::string>({
      {{.version = TLS1_VERSION}, "tlsv1 alert protocol version", "unsupported protocol"},
      {{.version = TLS1_1_VERSION}, "tlsv1 alert protocol version", "unsupported protocol"},
      {{.version = TLS1_2_VERSION, .suites = "AES128-GCM-SHA256"}, "sslv3 alert handshake failure", "no shared cipher"},
      {{.version = TLS1_2_VERSION, .suites = "ECDHE-RSA-AES128-SHA256"},
       "sslv3 alert handshake failure",
       "no shared cipher"},
      {{.protocols = "\x02h2"}, "tlsv1 alert no application protocol", "no application protocol"},
  }));
  TlsClient client{fixture.port(), manner};
  CHECK_FALSE(client.is_connected());
  CHECK(client.failure() == alert);
  const auto failure = told.get_future().get();
  CHECK(failure.address == "127.0.0.1");
  CHECK(failure.why == noted);
}

TEST_CASE("tls: a client that offers no protocol at all is served", "[http][tls]") {
  TlsFixture fixture;
  fixture.start();
  TlsClient client{fixture.port(), {.protocols = ""}};
  client.send(get_request("/"));
  CHECK(client.read().status == 200);
}

TEST_CASE("tls: whoever speaks plain HTTP is told so, whoever speaks nonsense is left", "[http][tls]") {
  TlsFixture fixture;
  fixture.start();
  TestClient plain{fixture.port()};
  plain.send(get_request("/"));
  const WireReply reply = plain.read();
  CHECK(reply.status == 400);
  CHECK(problem_code(reply) == "tls_required");
  CHECK(reply.field("Connection") == "close");
  CHECK(reply.field("Strict-Transport-Security") == "absent");
  CHECK(plain.is_closed());

  TestClient nonsense{fixture.port()};
  nonsense.send(std::string(1, GENERATE('\0', '\x15', '\x17', 'a', '\xff')));
  CHECK(nonsense.is_closed());
}

TEST_CASE("tls: a handshake that does not come to an end is given up", "[http][tls]") {
  TlsFixture fixture;
  fixture.options.handshake_timeout = 40ms;
  fixture.start();
  const std::string begun = GENERATE(std::string{}, std::string{"\x16"}, std::string{"\x16\x03\x01\x02\x00\x01", 6});
  TestClient client{fixture.port()};
  client.send(begun);
  CHECK(client.is_closed());
}

TEST_CASE("tls: bytes that come one by one do not prolong a handshake", "[http][tls]") {
  TlsFixture fixture;
  fixture.options.handshake_timeout = 60ms;
  fixture.start();
  TestClient client{fixture.port()};
  client.send(std::string{"\x16\x03\x01\x40\x00\x01", 6});
  std::promise<void> closed;
  std::thread reader{[&] {
    CHECK(client.is_closed());
    closed.set_value();
  }};
  const auto end = closed.get_future();
  while (end.wait_for(5ms) != std::future_status::ready) client.send("\x01");
  reader.join();
}

TEST_CASE("tls: a handshake under way does not keep a draining server", "[http][tls][drain]") {
  TlsFixture fixture;
  fixture.options.handshake_timeout = 1h;
  fixture.options.drain_timeout = 1h;
  http::Server& server = fixture.start();
  TestClient client{fixture.port()};
  client.send("\x16");
  while (server.connections() == 0) std::this_thread::yield();
  server.drain();
  CHECK(client.is_closed());
  CHECK(server.connections() == 0);
}

TEST_CASE("tls: damaged handshakes are refused, whatever is damaged", "[http][tls][damage]") {
  TlsFixture fixture;
  fixture.start();
  const std::string bytes = GENERATE(std::string{"\x16\x03\x01\x00\x00", 5},      // an empty record
                                     std::string{"\x16\x03\x01\xff\xff", 5},      // a record that is too long
                                     std::string{"\x16\x09\x09\x00\x01\x01", 6},  // a version of nobody
                                     std::string{"\x16\x03\x01\x00\x04\x02\x00\x00\x00", 9},  // a server's hello
                                     std::string{"\x16\x03\x01\x00\x06\x01\x00\x00\x02\x03\x03", 11});  // a cut hello
  TestClient client{fixture.port()};
  client.send(bytes);
  client.finish();
  client.read_to_end();
  TlsClient next{fixture.port()};
  next.send(get_request("/"));
  CHECK(next.read().status == 200);
}

TEST_CASE("tls: a client does not renegotiate", "[http][tls]") {
  TlsFixture fixture;
  fixture.start();
  TlsClient client{fixture.port(), {.version = TLS1_2_VERSION}};
  client.send(get_request("/"));
  CHECK(client.read().status == 200);
  CHECK_FALSE(client.renegotiate());
}

TEST_CASE("tls: TLS 1.3 resumes, TLS 1.2 does not", "[http][tls]") {
  TlsFixture fixture;
  fixture.start();
  const auto [version, resumes] = GENERATE(table<int, bool>({{TLS1_2_VERSION, false}, {TLS1_3_VERSION, true}}));
  TlsClient first{fixture.port(), {.version = version}};
  first.send(get_request("/"));
  CHECK(first.read().status == 200);
  CHECK_FALSE(first.is_resumed());
  TlsClient second{fixture.port(), {.version = version, .resumed = first.session()}};
  CHECK(second.is_resumed() == resumes);
  second.send(get_request("/"));
  CHECK(second.read().status == 200);
}

TEST_CASE("tls: a new certificate is for new connections, and ends no old one", "[http][tls]") {
  TlsFixture fixture;
  http::Server& server = fixture.start();
  TlsClient old{fixture.port()};
  old.send(get_request("/"));
  CHECK(old.read().status == 200);
  const auto next = MadeCertificate::valid_now({.key = CertificateKey::rsa_2048});
  server.replace_tls(tls_of(next));
  TlsClient fresh{fixture.port(), {.resumed = old.session()}};
  fresh.send(get_request("/"));
  CHECK(fresh.read().status == 200);
  CHECK(fresh.server_thumbprint() == next.thumbprint());
  CHECK_FALSE(fresh.is_resumed());
  old.send(post_request("/echo", "still here"));
  CHECK(old.read().body == "still here");
  CHECK(old.server_thumbprint() == fixture.certificate.thumbprint());
}

TEST_CASE("tls: above the bound, a connection is closed before its handshake", "[http][tls]") {
  TlsFixture fixture;
  fixture.options.connections_max = 1;
  http::Server& server = fixture.start();
  TlsClient served{fixture.port()};
  served.send(get_request("/"));
  CHECK(served.read().status == 200);
  TlsClient refused{fixture.port()};
  CHECK_FALSE(refused.is_connected());
  CHECK(server.connections() == 1);
}
