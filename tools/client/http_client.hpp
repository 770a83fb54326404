#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/client/outcome.hpp"

namespace tally::tools {

/// Where a server is: `http://host:port` or https, perhaps with a path in front of everything.
struct ServerUrl {
  enum class Scheme : std::uint8_t { http, https } scheme = Scheme::http;
  std::string host;
  std::string port;
  std::string path;    ///< Without a trailing slash; usually empty.
  std::string origin;  ///< `http://host:port` as a browser would say it.

  /// Errors: usage (no URL).
  static Attempt<ServerUrl> parse(const std::string& text);
  [[nodiscard]] std::string str() const { return origin + path; }
};

struct HttpRequest {
  std::string method = "GET";
  std::string target;  ///< Path and query.
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
};

struct HttpReply {
  unsigned status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;  ///< Empty if a sink took it.

  /// The first field of that name (any case).
  [[nodiscard]] std::optional<std::string> header(std::string_view name) const;
};

/// Takes the next piece of a body.
using BodySink = std::function<Attempt<void>(std::string_view piece)>;

/// One request at a time over HTTP/1.1, each on its own connection; nothing is retried. Over https, TLS 1.2 or 1.3 with
/// a certificate of the server's name that an authority of this machine, or of `ca_file`, has signed. Threads: one.
class HttpClient {
 public:
  /// `timeout`: of each step: connect, send, the next piece of the answer. `ca_file`: PEM; empty: the machine's.
  HttpClient(ServerUrl server, std::chrono::seconds timeout, std::string ca_file = {})
      : server_(std::move(server)), timeout_(timeout), ca_file_(std::move(ca_file)) {}

  /// The answer, whatever its status. With a sink, the body of a 200 goes there piece by piece; else it is kept, up to
  /// kBodyKeptMax. Adds Host, User-Agent, Origin and Content-Length. Errors: unreachable (no connection, timeout, a
  /// certificate that proves nothing, an answer that ends early or is too large), usage (ca_file), and those of the
  /// sink.
  Attempt<HttpReply> send(const HttpRequest& request, const BodySink& sink = {});

  [[nodiscard]] const ServerUrl& server() const { return server_; }
  static constexpr std::size_t kBodyKeptMax = 64 << 20;

 private:
  ServerUrl server_;
  std::chrono::seconds timeout_;
  std::string ca_file_;
};

}  // namespace tally::tools
