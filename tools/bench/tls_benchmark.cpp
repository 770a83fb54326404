#include "tools/bench/tls_benchmark.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <optional>
#include <signal.h>
#include <thread>
#include <vector>

#include "tools/base/private_file.hpp"
#include "tools/bench/channel.hpp"
#include "tools/bench/scenarios.hpp"
#include "tools/bench/stage.hpp"
#include "tools/client/certificate_maker.hpp"

namespace tally::tools {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t kTlsConnections = 64;
constexpr std::size_t kCallers = 4;  // enough that the server is never without a handshake to do

enum class Handshake : std::uint8_t { full, resumed };

core::Error unexpected(const std::string& what) { return core::fail(core::Errc::internal, what); }

/// One connection with one request. `session` in: to resume; out: for the next one.
core::Result<void> call_once(std::uint16_t port, const TlsCaller& tls, std::shared_ptr<ssl_session_st>& session) {
  const bool resumes = session != nullptr;
  TALLY_TRY_ASSIGN(Channel channel, Channel::connect(port, &tls, session.get()));
  if (channel.is_resumed() != resumes) return unexpected("a handshake that should be resumed was not, or the reverse");
  TALLY_TRY(channel.send("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"));
  std::string received;
  std::array<char, 4'096> piece;
  while (received.find("\r\n\r\n") == std::string::npos) {
    TALLY_TRY_ASSIGN(const std::size_t bytes, channel.receive(piece));
    received.append(piece.data(), bytes);
  }
  if (!received.starts_with("HTTP/1.1 200 ")) return unexpected("not the answer that was expected");
  session = channel.take_session();
  return {};
}

/// What one thread does until the end, or until something goes wrong.
core::Result<std::uint64_t> call_until(Steady::time_point end, std::uint16_t port, const TlsCaller& tls,
                                       Handshake handshake) {
  std::uint64_t calls = 0;
  std::shared_ptr<ssl_session_st> session;
  if (handshake == Handshake::resumed) TALLY_TRY(call_once(port, tls, session));
  for (; Steady::now() < end; ++calls) {
    if (handshake == Handshake::full) session.reset();
    TALLY_TRY(call_once(port, tls, session));
  }
  return calls;
}

core::Result<double> measure_handshakes(std::uint16_t port, const TlsCaller& tls, Handshake handshake,
                                        std::chrono::milliseconds duration) {
  const auto begin = Steady::now();
  std::vector<std::optional<core::Result<std::uint64_t>>> counts(kCallers);
  std::vector<std::thread> callers;
  for (auto& count : counts) {
    callers.emplace_back([&count, &tls, begin, duration, port, handshake] {
      count.emplace(call_until(begin + duration, port, tls, handshake));
    });
  }
  for (std::thread& caller : callers) caller.join();
  const double seconds = std::chrono::duration<double>(Steady::now() - begin).count();
  std::uint64_t calls = 0;
  for (const auto& count : counts) {
    if (count->has_error()) return count->error();
    calls += **count;
  }
  return static_cast<double>(calls) / seconds;
}

/// A server with a certificate of one kind, and how to call it.
struct TlsServer {
  static core::Result<TlsServer> start(const BenchmarkOptions& options, const std::string& folder, CertificateKey key) {
    const auto made = MadeCertificate::valid_now({.key = key});
    const std::string certificate = folder + "/certificate.pem";
    TALLY_TRY(write_private_file(certificate, made.certificate_pem()));
    TALLY_TRY(write_private_file(folder + "/key.pem", made.key_pem()));
    const std::string name = key == CertificateKey::rsa_2048 ? "/tls-rsa" : "/tls-ecdsa";
    TALLY_TRY_ASSIGN(auto server, BenchServer::start({options.server_program, folder + name, folder + name + ".log",
                                                      certificate, folder + "/key.pem"}));
    TALLY_TRY_ASSIGN(auto caller, TlsCaller::make(certificate));
    return TlsServer{std::move(server), std::move(caller)};
  }
  BenchServer server;
  TlsCaller caller;
};

core::Result<void> add_handshakes(const BenchmarkOptions& options, const TlsServer& tls, const std::string& key,
                                  Report& report) {
  const std::uint16_t port = tls.server.address().port;
  TALLY_TRY_ASSIGN(const double full, measure_handshakes(port, tls.caller, Handshake::full, options.each));
  TALLY_TRY_ASSIGN(const double resumed, measure_handshakes(port, tls.caller, Handshake::resumed, options.each));
  report.figures.push_back({"TLS connections, one request each, " + key, full, "1/s", {}});
  report.figures.push_back({"  the same, resumed", resumed, "1/s", {}});
  return {};
}

core::Result<void> add_introspection(const BenchmarkOptions& options, const TlsServer& tls, Report& report) {
  TALLY_TRY_ASSIGN(const Stage stage, furnish_stage(tls.server.address(), 1));
  TALLY_TRY_ASSIGN(const auto tokens, generate_tokens(stage, kTlsConnections));
  const auto before = tls.server.use();
  TALLY_TRY_ASSIGN(const auto result, run_load(stage.address.port, introspect_conversations(stage, tokens.access),
                                               options.each, &tls.caller));
  report.add("introspect, TLS", kTlsConnections, result, used_between(before, tls.server.use()));
  const auto plain = std::ranges::find_if(report.loads, [](const LoadRow& row) {
    return row.operation == "introspect" && row.connections == kTlsConnections;
  });
  if (plain == report.loads.end()) return {};  // not measured in this run
  report.figures.push_back(
      {"introspect over TLS / without, 64 connections", result.per_second() / plain->per_second, "", {}});
  return {};
}

}  // namespace

core::Result<void> benchmark_tls(const BenchmarkOptions& options, const std::string& folder,
                                 const std::function<void(const std::string&)>& tell, Report& report) {
  ::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes with write()
  tell("TLS, a certificate of P-256");
  TALLY_TRY_ASSIGN(auto ecdsa, TlsServer::start(options, folder, CertificateKey::ecdsa_p256));
  TALLY_TRY(add_introspection(options, ecdsa, report));
  TALLY_TRY(add_handshakes(options, ecdsa, "P-256", report));
  ecdsa.server.stop();
  tell("TLS, a certificate of RSA-2048");
  TALLY_TRY_ASSIGN(const auto rsa, TlsServer::start(options, folder, CertificateKey::rsa_2048));
  return add_handshakes(options, rsa, "RSA-2048", report);
}

}  // namespace tally::tools
