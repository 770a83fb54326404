#include "tools/bench/yardsticks.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include "core/crypto/signing_key.hpp"
#include "core/crypto/system_random.hpp"

namespace tally::tools {
namespace {

using Steady = std::chrono::steady_clock;

/// What an access token's signature is made over: its header and its claims, in base64url.
constexpr std::size_t kSignedBytes = 683;

double per_second(std::uint64_t count, Steady::time_point begin) {
  return static_cast<double>(count) / std::chrono::duration<double>(Steady::now() - begin).count();
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// A port that was free a moment ago: nginx cannot be asked which one it chose.
core::Result<std::uint16_t> free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = loopback(0);
  socklen_t size = sizeof address;
  const bool found = socket >= 0 && ::bind(socket, reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
                     ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  if (socket >= 0) ::close(socket);
  if (!found) return core::fail(core::Errc::unreachable, "no free port");
  return ntohs(address.sin_port);
}

bool answers(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = loopback(port);
  const bool connected = ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(socket);
  return connected;
}

void write_configuration(const std::string& path, const std::string& folder, std::uint16_t port,
                         std::size_t body_bytes) {
  std::ofstream{path} << "daemon off;\nmaster_process on;\nworker_processes auto;\npid " << folder
                      << "/nginx.pid;\nerror_log " << folder
                      << "/nginx.log;\nevents { worker_connections 2048; }\nhttp {\n  access_log off;\n"
                      << "  keepalive_requests 100000000;\n  client_body_temp_path " << folder
                      << "/body;\n  proxy_temp_path " << folder << "/proxy;\n  fastcgi_temp_path " << folder
                      << "/fastcgi;\n  uwsgi_temp_path " << folder << "/uwsgi;\n  scgi_temp_path " << folder
                      << "/scgi;\n  default_type application/json;\n  server {\n"
                      << "    listen 127.0.0.1:" << port << ";\n    location / { return 200 \""
                      << std::string(body_bytes, 'x') << "\"; }\n  }\n}\n";
}

}  // namespace

core::Result<double> measure_synced_writes(const std::string& folder, std::chrono::milliseconds duration) {
  const auto path = folder + "/synced-writes";
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return core::fail(core::Errc::io_failed, path + ": " + std::strerror(errno));
  const std::string row(300, 'x');
  std::uint64_t count = 0;
  bool failed = false;
  const auto begin = Steady::now();
  while (!failed && Steady::now() - begin < duration) {
    failed = ::write(file, row.data(), row.size()) != static_cast<ssize_t>(row.size()) || ::fdatasync(file) != 0;
    ++count;
  }
  const double rate = per_second(count, begin);
  ::close(file);
  ::unlink(path.c_str());
  if (failed) return core::fail(core::Errc::io_failed, path + ": " + std::strerror(errno));
  return rate;
}

double measure_signatures(std::chrono::milliseconds duration) {
  core::crypto::SystemRandom random;
  const auto key = core::crypto::SigningKey::generate(random);
  core::Bytes message(kSignedBytes);
  random.fill(message);
  std::uint64_t count = 0;
  const auto begin = Steady::now();
  while (Steady::now() - begin < duration) {
    // Each signature depends on the one before, so that none can be left out.
    message[0] = key.sign(message)[0];
    ++count;
  }
  return per_second(count, begin);
}

core::Result<FixedAnswerServer> FixedAnswerServer::start(const std::string& folder, std::size_t body_bytes) {
  TALLY_TRY_ASSIGN(const auto port, free_port());
  const auto configuration = folder + "/nginx.conf";
  write_configuration(configuration, folder, port, body_bytes);
  TALLY_TRY_ASSIGN(auto process, ChildProcess::start({"/usr/sbin/nginx", "-c", configuration, "-p", folder}, {},
                                                     folder + "/nginx.error"));
  for (int attempt = 0; attempt < 200; ++attempt) {
    if (answers(port)) return FixedAnswerServer{std::move(process), port};
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  return core::fail(core::Errc::unreachable, "nginx did not answer within 2 s; see the package nginx-light");
}

}  // namespace tally::tools
