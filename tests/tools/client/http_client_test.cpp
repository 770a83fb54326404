#include "tools/client/http_client.hpp"

#include <thread>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>

namespace tally::tools {
namespace {

using boost::asio::ip::tcp;

/// Answers one connection with bytes given, and hangs up.
class Answerer {
 public:
  explicit Answerer(std::string answer)
      : acceptor_(context_, tcp::endpoint{boost::asio::ip::address_v4::loopback(), 0}),
        thread_([this, text = std::move(answer)] {
          boost::system::error_code error;
          tcp::socket socket{context_};
          acceptor_.accept(socket, error);
          boost::asio::read_until(socket, boost::asio::dynamic_buffer(request_), "\r\n\r\n", error);
          boost::asio::write(socket, boost::asio::buffer(text), error);
        }) {}
  ~Answerer() {
    if (thread_.joinable()) thread_.join();
  }
  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
  }
  /// What the client sent, after the answer was read.
  const std::string& request() {
    thread_.join();
    return request_;
  }

 private:
  boost::asio::io_context context_;
  tcp::acceptor acceptor_;
  std::string request_;
  std::thread thread_;
};

HttpClient client_of(const std::string& url) { return HttpClient{*ServerUrl::parse(url), std::chrono::seconds{10}}; }

}  // namespace

TEST_CASE("client: it says where it asks, from where, and who it is", "[tools][http-client]") {
  Answerer server{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-One: a\r\n\r\nhi"};
  const auto reply = client_of(server.url()).send({"POST", "/v1/x?y=1", {{"Content-Type", "text/plain"}}, "body"});
  REQUIRE(reply.has_value());
  CHECK(reply->status == 200);
  CHECK(reply->body == "hi");
  CHECK(reply->header("x-ONE") == "a");
  CHECK_FALSE(reply->header("X-Two").has_value());
  const std::string& request = server.request();
  CHECK_THAT(request, Catch::StartsWith("POST /v1/x?y=1 HTTP/1.1\r\n"));
  CHECK_THAT(request, Catch::Contains("\r\nOrigin: " + server.url() + "\r\n"));
  CHECK_THAT(request, Catch::Contains("\r\nUser-Agent: tally/"));
  CHECK_THAT(request, Catch::Contains("\r\nContent-Length: 4\r\n"));
}

TEST_CASE("client: an answer that ends early is no answer", "[tools][http-client]") {
  const auto text = GENERATE(as<std::string>{}, "", "HTTP/1.1 200 OK\r\nContent-Le",
                             "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc",
                             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "nonsense\r\n\r\n");
  CAPTURE(text);
  Answerer server{text};
  const auto reply = client_of(server.url()).send({});
  REQUIRE(reply.has_error());
  CHECK(reply.error().exit == Exit::unreachable);
}

TEST_CASE("client: a sink takes the pieces of a good body, and never those of a refusal", "[tools][http-client]") {
  std::string taken;
  const BodySink sink = [&](std::string_view piece) -> Attempt<void> {
    taken.append(piece);
    return {};
  };
  SECTION("good") {
    Answerer server{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"};
    const auto reply = client_of(server.url()).send({}, sink);
    REQUIRE(reply.has_value());
    CHECK(taken == "abcde");
    CHECK(reply->body.empty());
  }
  SECTION("refusal") {
    Answerer server{"HTTP/1.1 403 Forbidden\r\nContent-Length: 3\r\n\r\nabc"};
    const auto reply = client_of(server.url()).send({}, sink);
    REQUIRE(reply.has_value());
    CHECK(taken.empty());
    CHECK(reply->body == "abc");
  }
}

TEST_CASE("client: what would be a line of its own is a mistake of usage, and nothing is sent",
          "[tools][http-client]") {
  HttpClient client{*ServerUrl::parse("http://127.0.0.1:1"), std::chrono::seconds{1}};
  for (const char* target : {"/a b", "/a\r\nHost: evil", "/a\n", "/\x7f", "/\x01"}) {
    CAPTURE(target);
    const auto asked = client.send({"GET", target});
    REQUIRE(asked.has_error());
    CHECK(asked.error().exit == Exit::usage);
  }
  const auto with_a_field = client.send({"GET", "/", {{"If-Match", "\"1\"\r\nCookie: a=b"}}});
  REQUIRE(with_a_field.has_error());
  CHECK(with_a_field.error().exit == Exit::usage);
}

TEST_CASE("client: nobody there is unreachable", "[tools][http-client]") {
  std::string url;
  {
    Answerer gone{""};
    url = gone.url();
    const auto reply = client_of(url).send({});
    CHECK(reply.has_error());
  }
  const auto reply = client_of(url).send({});
  REQUIRE(reply.has_error());
  CHECK(reply.error().exit == Exit::unreachable);
  CHECK_THAT(reply.error().message, Catch::Contains(url));
}

TEST_CASE("client: whoever takes the connection and says nothing is not waited for longer than the timeout",
          "[tools][http-client]") {
  boost::asio::io_context context;
  const tcp::acceptor silent{context, tcp::endpoint{boost::asio::ip::address_v4::loopback(), 0}};
  const std::string url = "http://127.0.0.1:" + std::to_string(silent.local_endpoint().port());
  const int seconds = GENERATE(0, 1);
  const auto reply = HttpClient{*ServerUrl::parse(url), std::chrono::seconds{seconds}}.send({});
  REQUIRE(reply.has_error());
  CHECK(reply.error().exit == Exit::unreachable);
  CHECK(reply.error().message == "cannot reach " + url + ": no answer within " + std::to_string(seconds) + " seconds");
}

TEST_CASE("client: a server's URL is read with care", "[tools][http-client]") {
  const auto [text, origin, path] = GENERATE(table<std::string, std::string, std::string>({
      {"http://127.0.0.1:8080", "http://127.0.0.1:8080", ""},
      {"http://127.0.0.1:8080/", "http://127.0.0.1:8080", ""},
      {"http://tally.example/ledger/", "http://tally.example", "/ledger"},
      {"http://tally.example:80", "http://tally.example", ""},
      {"http://[::1]:8080", "http://[::1]:8080", ""},
      {"https://tally.example/", "https://tally.example", ""},
      {"https://tally.example:443", "https://tally.example", ""},
      {"https://tally.example:80", "https://tally.example:80", ""},
  }));
  const auto parsed = ServerUrl::parse(text);
  REQUIRE(parsed.has_value());
  CHECK(parsed->origin == origin);
  CHECK(parsed->path == path);
}

TEST_CASE("client: what is no URL of a server is a mistake of usage", "[tools][http-client]") {
  const auto text =
      GENERATE(as<std::string>{}, "", "127.0.0.1:8080", "ftp://a", "http://", "http://u@a", "http://a?x", "https://");
  CAPTURE(text);
  const auto parsed = ServerUrl::parse(text);
  REQUIRE(parsed.has_error());
  CHECK(parsed.error().exit == Exit::usage);
}

}  // namespace tally::tools
