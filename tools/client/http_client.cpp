#include "tools/client/http_client.hpp"

#include <algorithm>
#include <openssl/x509_vfy.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/url/parse.hpp>

#include "core/base/ascii.hpp"
#include "core/base/secret.hpp"

namespace tally::tools {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Error = boost::system::error_code;
using Parser = http::response_parser<http::buffer_body>;

constexpr std::size_t kPieceBytes = 64 << 10;
constexpr std::uint32_t kHeaderBytesMax = 64 << 10;

/// What would be more than a part of its line. `also`: one more character that ends the part.
bool is_one_line(std::string_view text, char also = '\n') {
  return std::ranges::none_of(text, [also](char character) {
    const auto byte = static_cast<unsigned char>(character);
    return (byte < ' ' && character != '\t') || byte == 0x7f || character == also;
  });
}

/// One request and its answer. Asynchronous inside, because only that has timeouts; the caller waits for each step.
/// Bytes are sent and received here and Beast only reads them: its own operations would be compiled once for each kind
/// of connection, which takes most of a minute.
class Exchange {
 public:
  Exchange(const ServerUrl& server, std::chrono::seconds timeout, const std::string& ca_file)
      : server_(server), timeout_(timeout), ca_file_(ca_file), resolver_(context_), socket_(context_) {}

  Attempt<HttpReply> run(const HttpRequest& request, const BodySink& sink);

 private:
  Attempt<void> connect();
  Attempt<void> shake_hands();
  Attempt<void> send(const HttpRequest& request);
  Attempt<HttpReply> read(const BodySink& sink);
  [[nodiscard]] std::string bytes_of(const HttpRequest& request) const;
  /// What was received already, or else what comes next, up to where the parser stops.
  Error feed(Parser& parser);
  Error receive();

  /// A step may take the timeout, whatever number of operations it is.
  void begin_step() { deadline_ = std::chrono::steady_clock::now() + timeout_; }
  /// Starts one operation and waits for it, at most until the step's deadline: then it and the connection end.
  template <class Start>
  Error wait_for(Start start) {
    Error result = asio::error::timed_out;
    bool is_done = false;
    start([&](Error error, auto&&...) {
      result = error;
      is_done = true;
    });
    context_.restart();
    context_.run_until(deadline_);
    if (is_done) return result;
    Error ignored;
    socket_.close(ignored);
    context_.run();
    return asio::error::timed_out;
  }
  [[nodiscard]] Failure unreachable(const Error& error) const {
    const bool late = error == asio::error::timed_out;
    const bool cut = error == http::error::partial_message || error == http::error::end_of_stream ||
                     error == asio::ssl::error::stream_truncated;
    return {Exit::unreachable, "cannot reach " + server_.str() + ": " +
                                   (late  ? "no answer within " + std::to_string(timeout_.count()) + " seconds"
                                    : cut ? "the connection ended before the answer was complete"
                                          : error.message())};
  }

  const ServerUrl& server_;
  std::chrono::seconds timeout_;
  const std::string& ca_file_;
  asio::io_context context_{1};
  asio::ip::tcp::resolver resolver_;
  asio::ip::tcp::socket socket_;
  std::optional<asio::ssl::context> tls_context_;
  std::optional<asio::ssl::stream<asio::ip::tcp::socket&>> tls_;  ///< Over socket_; empty: without TLS.
  std::chrono::steady_clock::time_point deadline_;
  beast::flat_buffer received_;  ///< And not parsed yet.
};

Attempt<HttpReply> Exchange::run(const HttpRequest& request, const BodySink& sink) {
  TALLY_TRY(connect());
  TALLY_TRY(send(request));
  return read(sink);
}

Attempt<void> Exchange::connect() {
  // The system's resolver has its own timeout and cannot be interrupted.
  Error error;
  const auto endpoints = resolver_.resolve(server_.host, server_.port, error);
  if (error) return unreachable(error);
  begin_step();
  error = wait_for([&](auto handler) { asio::async_connect(socket_, endpoints, handler); });
  if (error) return unreachable(error);
  return server_.scheme == ServerUrl::Scheme::https ? shake_hands() : Attempt<void>{};
}

Attempt<void> Exchange::shake_hands() {
  tls_context_.emplace(asio::ssl::context::tls_client);
  Error error;
  tls_context_->set_options(asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1, error);
  if (ca_file_.empty()) {
    tls_context_->set_default_verify_paths(error);
  } else {
    tls_context_->load_verify_file(ca_file_, error);
  }
  if (error) return Failure{Exit::usage, "the authorities of " + ca_file_ + " cannot be read: " + error.message()};
  tls_.emplace(socket_, *tls_context_);
  tls_->set_verify_mode(asio::ssl::verify_peer, error);
  tls_->set_verify_callback(asio::ssl::host_name_verification(server_.host), error);
  Error no_address;
  asio::ip::make_address(server_.host, no_address);
  // RFC 6066 §3: an address is no server name.
  if (no_address) SSL_set_tlsext_host_name(tls_->native_handle(), server_.host.c_str());
  begin_step();
  error = wait_for([&](auto handler) { tls_->async_handshake(asio::ssl::stream_base::client, handler); });
  if (!error) return {};
  const long verified = SSL_get_verify_result(tls_->native_handle());
  if (verified == X509_V_OK) return unreachable(error);
  return Failure{Exit::unreachable, "cannot trust " + server_.str() + ": " + X509_verify_cert_error_string(verified) +
                                        " (--ca-file names the authority of a server of your own)"};
}

std::string Exchange::bytes_of(const HttpRequest& request) const {
  http::fields fields;
  fields.set(http::field::host, server_.origin.substr(server_.origin.find("//") + 2));
  fields.set(http::field::user_agent, "tally/" TALLY_VERSION);
  fields.set(http::field::origin, server_.origin);
  // A person asked for it, no page of another site: what a browser says of a typed address.
  fields.set("Sec-Fetch-Site", "none");
  fields.set(http::field::accept, "application/json, */*");
  fields.set(http::field::connection, "close");
  for (const auto& [name, value] : request.headers) fields.set(name, value);
  if (request.method != "GET") fields.set(http::field::content_length, std::to_string(request.body.size()));
  std::string bytes = request.method + " " + server_.path + request.target + " HTTP/1.1\r\n";
  for (const auto& field : fields) {
    bytes.append(field.name_string()).append(": ").append(field.value()).append("\r\n");
  }
  return bytes + "\r\n" + request.body;
}

Attempt<void> Exchange::send(const HttpRequest& request) {
  std::string bytes = bytes_of(request);
  begin_step();
  const Error error = tls_ ? wait_for([&](auto handler) { asio::async_write(*tls_, asio::buffer(bytes), handler); })
                           : wait_for([&](auto handler) { asio::async_write(socket_, asio::buffer(bytes), handler); });
  core::wipe(bytes.data(), bytes.size());  // It may hold a password, or a refresh token.
  if (error) return unreachable(error);
  return {};
}

Error Exchange::receive() {
  const auto room = received_.prepare(kPieceBytes);
  std::size_t count = 0;
  const auto counted = [&count](auto handler) {
    return [&count, handler](Error error, std::size_t bytes) mutable {
      count = bytes;
      handler(error);
    };
  };
  const Error error = tls_ ? wait_for([&](auto handler) { tls_->async_read_some(room, counted(handler)); })
                           : wait_for([&](auto handler) { socket_.async_read_some(room, counted(handler)); });
  received_.commit(count);
  return error;
}

Error Exchange::feed(Parser& parser) {
  Error error = http::error::need_more;
  if (received_.size() > 0) received_.consume(parser.put(received_.cdata(), error));
  while (error == http::error::need_more) {
    error = receive();
    if (error == asio::error::eof) {
      if (!parser.got_some()) return http::error::end_of_stream;
      error.clear();
      parser.put_eof(error);
      return error;
    }
    if (error) return error;
    received_.consume(parser.put(received_.cdata(), error));
  }
  return error;
}

Attempt<HttpReply> Exchange::read(const BodySink& sink) {
  Parser parser;
  parser.body_limit(boost::none);
  parser.header_limit(kHeaderBytesMax);
  begin_step();
  while (!parser.is_header_done()) {
    if (const Error error = feed(parser)) return unreachable(error);
  }

  HttpReply reply;
  reply.status = parser.get().result_int();
  for (const auto& field : parser.get()) reply.headers.emplace_back(field.name_string(), field.value());
  const bool streams = sink && reply.status == 200;
  std::vector<char> piece(kPieceBytes);
  while (!parser.is_done()) {
    auto& body = parser.get().body();
    body.data = piece.data();
    body.size = piece.size();
    begin_step();
    const Error error = feed(parser);
    if (error && error != http::error::need_buffer) return unreachable(error);
    const std::string_view read{piece.data(), piece.size() - body.size};
    if (streams) {
      TALLY_TRY(sink(read));
    } else if (reply.body.size() + read.size() > HttpClient::kBodyKeptMax) {
      return Failure{Exit::unreachable, server_.str() + " answered more than was expected"};
    } else {
      reply.body.append(read);
    }
  }
  return reply;
}

}  // namespace

Attempt<ServerUrl> ServerUrl::parse(const std::string& text) {
  const auto url = boost::urls::parse_uri(text);
  if (!url.has_value() || url->host().empty() || url->has_query() || url->has_fragment() || url->has_userinfo()) {
    return Failure{Exit::usage, "\"" + text + "\" is not the URL of a server, as http://127.0.0.1:8080"};
  }
  const bool secure = url->scheme() == "https";
  if (!secure && url->scheme() != "http") {
    return Failure{Exit::usage, "\"" + text + "\" must begin with https:// or http://"};
  }
  const std::string default_port = secure ? "443" : "80";
  ServerUrl server;
  server.scheme = secure ? ServerUrl::Scheme::https : ServerUrl::Scheme::http;
  server.host = std::string{url->host_address()};
  server.port = url->has_port() && !url->port().empty() ? std::string{url->port()} : default_port;
  server.path = std::string{url->encoded_path()};
  while (server.path.ends_with('/')) server.path.pop_back();
  server.origin = (secure ? "https://" : "http://") + std::string{url->encoded_host()} +
                  (server.port == default_port ? "" : ":" + server.port);
  return server;
}

std::optional<std::string> HttpReply::header(std::string_view name) const {
  for (const auto& [field, value] : headers) {
    if (core::ascii::equal_without_case(field, name)) return value;
  }
  return std::nullopt;
}

Attempt<HttpReply> HttpClient::send(const HttpRequest& request, const BodySink& sink) {
  if (!is_one_line(request.target, ' ') ||
      !std::ranges::all_of(request.headers, [](const auto& field) { return is_one_line(field.second); })) {
    return Failure{Exit::usage, "a line's end, a blank or a control character can not be part of what is asked for"};
  }
  return Exchange{server_, timeout_, ca_file_}.run(request, sink);
}

}  // namespace tally::tools
