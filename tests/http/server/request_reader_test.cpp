#include "http/server/request_reader.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "http/server/limits.hpp"

using namespace tally::http;
namespace limits = tally::http::limits;
using Progress = RequestReader::Progress;

namespace {

/// What a connection would do with `bytes` that come in pieces of `piece_bytes`: one line per request, or per failure.
std::vector<std::string> read_all(std::string_view bytes, std::size_t piece_bytes,
                                  std::size_t body_bytes_max = 1 << 20) {
  RequestReader reader;
  std::vector<std::string> seen;
  bool in_body = false;
  for (;;) {
    Progress progress = in_body ? reader.read_body() : reader.read_head();
    if (!in_body && progress == Progress::done) {
      progress = reader.set_body_bytes_max(body_bytes_max);
      in_body = true;
      if (progress == Progress::done) continue;
    }
    if (progress == Progress::failed) {
      seen.push_back(std::to_string(reader.failure().status) + " " + std::string{reader.failure().code});
      return seen;
    }
    if (progress == Progress::done) {
      const ParsedRequest& request = reader.request();
      std::string line{reader.method_text()};
      line.append(" ").append(request.path).append(" ?").append(request.query).append(" ").append(request.body);
      if (const auto header = request.header("x-test")) line.append(" [").append(*header).append("]");
      seen.push_back(line + (reader.keep_alive() ? " keep" : " close"));
      reader.next();
      in_body = false;
      continue;
    }
    if (bytes.empty()) {
      if (in_body || reader.in_head()) seen.emplace_back("incomplete");
      return seen;
    }
    const std::span<char> room = reader.room();
    REQUIRE_FALSE(room.empty());
    const std::size_t count = std::min({room.size(), piece_bytes, bytes.size()});
    std::memcpy(room.data(), bytes.data(), count);
    reader.received(count);
    bytes.remove_prefix(count);
  }
}

std::string get(std::string_view fields, std::string_view target = "/") {
  return "GET " + std::string{target} + " HTTP/1.1\r\nHost: h\r\n" + std::string{fields} + "\r\n";
}

using Seen = std::vector<std::string>;

}  // namespace

TEST_CASE("reader: the same requests, however the bytes are cut", "[http][reader]") {
  const auto [bytes, expected] = GENERATE(table<std::string, Seen>({
      {get(""), {"GET / ?  keep"}},
      {get("X-Test:  spaced \t\r\n", "/a/%2F?b=c&d"), {"GET /a/%2F ?b=c&d  [spaced] keep"}},
      {get("X-Test:\r\n"), {"GET / ?  [] keep"}},
      {get("Connection: close\r\n"), {"GET / ?  close"}},
      {get("Content-Length: 5\r\n") + "hello", {"GET / ? hello keep"}},
      {get("Content-Length: 0\r\n"), {"GET / ?  keep"}},
      {"\r\n\r\n" + get(""), {"GET / ?  keep"}},
      {"\r\n\r\n\r\n\r\n" + get("") + "\r\n\r\n\r\n\r\n" + get(""), {"GET / ?  keep", "GET / ?  keep"}},
      {get("", "http://other.example/a?b"), {"GET /a ?b  keep"}},
      {get("", "HTTPS://other.example"), {"GET / ?  keep"}},
      {"GET / HTTP/1.0\r\n\r\n", {"GET / ?  close"}},
      {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", {"GET / ?  keep"}},
      {"OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", {"OPTIONS * ?  keep"}},
      {"GET / HTTP/1.1\r\nHost:\r\n\r\n", {"GET / ?  keep"}},
      {"GET / HTTP/1.1\r\nHost: a-b.example_1:8080\r\n\r\n", {"GET / ?  keep"}},
      {"GET / HTTP/1.1\r\nHost: [2001:db8::1]:8080\r\n\r\n", {"GET / ?  keep"}},
      {"BREW /pot HTTP/1.1\r\nHost: h\r\n\r\n", {"BREW /pot ?  keep"}},
      {get("Transfer-Encoding: chunked\r\n") + "3\r\nabc\r\n2;name=\"v\"\r\nde\r\n0\r\nX-Test: trailer\r\n\r\n",
       {"GET / ? abcde keep"}},
      {get("Transfer-Encoding: Chunked\r\n") + "0\r\n\r\n" + get(""), {"GET / ?  keep", "GET / ?  keep"}},
      {get("Content-Length: 2\r\n") + "hi" + get("", "/2") + get("Content-Length: 1\r\n", "/3") + "x",
       {"GET / ? hi keep", "GET /2 ?  keep", "GET /3 ? x keep"}},
      {get("Content-Length: 5\r\n") + "hell", {"incomplete"}},
      {"GET / HT", {"incomplete"}},
  }));
  const auto piece_bytes = GENERATE(values<std::size_t>({1, 2, 3, 7, 64, 100'000}));
  CAPTURE(bytes, piece_bytes);
  CHECK(read_all(bytes, piece_bytes) == expected);
}

TEST_CASE("reader: a line that begins with a blank is refused, in the head and in a trailer", "[http][reader]") {
  const std::string chunked = get("Transfer-Encoding: chunked\r\n");
  const std::string bytes = GENERATE_COPY(values<std::string>({
      get("X-Test: folded\r\n over\r\n"),
      get("X-Test: folded\r\n\tover\r\n"),
      get("X-Test:\r\n over\r\n"),
      get("X-Test: \r\n\tover\r\n"),
      get("X-Test:\r\n \r\n"),
      get("X-Test: folded\r\n \r\nX-Next: a\r\n"),
      get("X-Test: \r\n\t\r\n over\r\n"),
      get("Transfer-Encoding:\r\n chunked\r\n") + "0\r\n\r\n",
      "GET / HTTP/1.1\r\n X-Test: a\r\nHost: h\r\n\r\n",
      chunked + "0\r\nX-Test: folded\r\n over\r\n\r\n",
      chunked + "0\r\nX-Test:\r\n over\r\n\r\n",
      chunked + "0\r\nX-Test: a\r\n\t\r\n\r\n",
      chunked + "0\r\n X-Test: a\r\n\r\n",
      chunked + "0\r\nX-Test : a\r\n\r\n",
      chunked + "1\r\na\r\n0\r\nX: a\r\nX-Test:\r\n \r\n\r\n",
  }));
  const auto piece_bytes = GENERATE(values<std::size_t>({1, 2, 3, 7, 64, 100'000}));
  CAPTURE(bytes, piece_bytes);
  CHECK(read_all(bytes, piece_bytes) == Seen{"400 malformed_request"});
}

TEST_CASE("reader: what is malformed, ambiguous or unknown is refused", "[http][reader]") {
  const auto [bytes, expected] = GENERATE(table<std::string, std::string>({
      {"nonsense\r\n\r\n", "400 malformed_request"},
      {"GET  / HTTP/1.1\r\n\r\n", "400 malformed_request"},
      {"GET / HTTP/2.0\r\n\r\n", "400 malformed_request"},
      {"GET / HTTP/1.1\nHost: h\n\n\r\n\r\n", "400 malformed_request"},
      {"GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", "400 malformed_request"},
      {"\r\n\r\n\r\n\r\n\r\n" + get(""), "400 malformed_request"},
      {get("no colon\r\n"), "400 malformed_request"},
      {get("space : before\r\n"), "400 malformed_request"},
      {get(std::string("X-Test: a\0b\r\n", 13)), "400 malformed_request"},
      {"GET / HTTP/1.1\r\n\r\n", "400 bad_host"},
      {get("Host: other\r\n"), "400 bad_host"},
      {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "400 bad_host"},
      {"GET / HTTP/1.1\r\nHost: a,b\r\n\r\n", "400 bad_host"},
      {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "400 bad_host"},
      {"GET / HTTP/1.1\r\nHost: user@h\r\n\r\n", "400 bad_host"},
      {"GET / HTTP/1.1\r\nHost: a:b:c\r\n\r\n", "400 bad_host"},
      {"GET / HTTP/1.1\r\nHost: h:80x\r\n\r\n", "400 bad_host"},
      {"GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", "400 bad_host"},
      {"GET / HTTP/1.1\r\nHost: [::1]x\r\n\r\n", "400 bad_host"},
      {"GET / HTTP/1.1\r\nHost: \xFF\r\n\r\n", "400 bad_host"},
      {get("", "relative"), "400 bad_target"},
      {get("", "*"), "400 bad_target"},
      {get("", "ftp://h/"), "400 bad_target"},
      {get("", "/a#b"), "400 bad_target"},
      {get("", "/caf\xC3\xA9"), "400 bad_target"},
      // How requests are smuggled past a proxy.
      {get("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"), "400 malformed_request"},
      {get("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n"), "400 malformed_request"},
      {get("Transfer-Encoding: identity\r\nContent-Length: 3\r\n"), "400 bad_framing"},
      {get("Content-Length: 3\r\nContent-Length: 3\r\n"), "400 bad_framing"},
      {get("Content-Length: 3\r\nContent-Length: 4\r\n"), "400 malformed_request"},
      {get("Content-Length: 3, 3\r\n"), "400 bad_framing"},
      {get("Content-Length: +3\r\n"), "400 malformed_request"},
      {get("Content-Length: -1\r\n"), "400 malformed_request"},
      {get("Content-Length: 0x3\r\n"), "400 malformed_request"},
      {get("Content-Length: 99999999999999999999\r\n"), "400 malformed_request"},
      {get("Content-Length:\r\n"), "400 malformed_request"},
      {get("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), "400 malformed_request"},
      {get("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n"), "400 bad_framing"},
      {get("Transfer-Encoding: gzip, chunked\r\n"), "501 unknown_transfer_coding"},
      {get("Transfer-Encoding: chunked, identity\r\n"), "501 unknown_transfer_coding"},
      {get("Transfer-Encoding: xchunked\r\n"), "501 unknown_transfer_coding"},
      {"GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400 bad_framing"},
      {get("Transfer-Encoding: chunked\r\n") + "3\r\nabcX\r\n0\r\n\r\n", "400 malformed_request"},
      {get("Transfer-Encoding: chunked\r\n") + "3;a=\"\n\"\r\nabc\r\n0\r\n\r\n", "400 malformed_request"},
      {get("Transfer-Encoding: chunked\r\n") + "3;a=\"\x01\"\r\nabc\r\n0\r\n\r\n", "400 malformed_request"},
      {get("Transfer-Encoding: chunked\r\n") + "3;a=\"\x7F\"\r\nabc\r\n0\r\n\r\n", "400 malformed_request"},
      {get("Transfer-Encoding: chunked\r\n") + "3\r\nabc\r\n0;a=\"\n\"\r\n\r\n", "400 malformed_request"},
      {get("Transfer-Encoding: chunked\r\n") + "z\r\nabc", "400 malformed_request"},
      {get("Transfer-Encoding: chunked\r\n") + "-1\r\nabc", "400 malformed_request"},
      {get("Transfer-Encoding: chunked\r\n") + "11111111111111111\r\n", "400 malformed_request"},
      {get("Transfer-Encoding: chunked\r\n") + "3;" + std::string(5'000, 'x') + "\r\nabc\r\n", "400 malformed_request"},
      {get("Expect: a-miracle\r\n"), "417 unknown_expectation"},
  }));
  const auto piece_bytes = GENERATE(values<std::size_t>({1, 5, 100'000}));
  CAPTURE(bytes, piece_bytes);
  CHECK(read_all(bytes, piece_bytes) == Seen{expected});
}

TEST_CASE("reader: what needs no percent-encoding in a path has none, and the rest stays as it was sent",
          "[http][reader]") {
  const auto [sent, path] = GENERATE(table<std::string, std::string>({
      {"/tok%5Fx", "/tok_x"},
      {"/%6Awks%2d%2E%7E", "/jwks-.~"},
      {"/a%3Ab%2Fc%20%25", "/a%3Ab%2Fc%20%25"},
      {"/%255F", "/%255F"},
      {"/%5", "/%5"},
      {"/%zz%", "/%zz%"},
      {"/%C3%A4", "/%C3%A4"},
      {"/%00", "/%00"},
  }));
  CAPTURE(sent);
  CHECK(read_all(get("", sent + "?q=%5F"), 100'000) == Seen{"GET " + path + " ?q=%5F  keep"});
}

TEST_CASE("reader: a head up to its bounds is read, and one byte more is refused", "[http][reader]") {
  const std::string frame = get("X-Test: \r\n");
  const std::string fits(limits::kHeaderBytesMax - frame.size(), 'v');
  const auto piece_bytes = GENERATE(values<std::size_t>({1'000, 100'000}));
  CHECK(read_all(get("X-Test: " + fits + "\r\n"), piece_bytes) == Seen{"GET / ?  [" + fits + "] keep"});
  CHECK(read_all(get("X-Test: " + fits + "v\r\n"), piece_bytes) == Seen{"431 header_too_large"});

  const std::string target = "/" + std::string(limits::kTargetBytesMax - 1, 't');
  CHECK(read_all(get("", target), piece_bytes) == Seen{"GET " + target + " ?  keep"});
  CHECK(read_all(get("", target + "t"), piece_bytes) == Seen{"414 target_too_long"});
  CHECK(read_all(get("", "/" + std::string(40'000, 't')), piece_bytes) == Seen{"414 target_too_long"});

  std::string fields;
  for (std::size_t count = 1; count < limits::kHeaderFieldsMax; ++count) fields += "a: b\r\n";  // and Host
  CHECK(read_all(get(fields), piece_bytes) == Seen{"GET / ?  keep"});
  CHECK(read_all(get(fields + "a: b\r\n"), piece_bytes) == Seen{"431 too_many_fields"});
}

TEST_CASE("reader: a body up to its bound is read, and one byte more is refused", "[http][reader]") {
  const auto piece_bytes = GENERATE(values<std::size_t>({1, 1'000}));
  const std::string length = "Content-Length: ";
  CHECK(read_all(get(length + "4\r\n") + "four", piece_bytes, 4) == Seen{"GET / ? four keep"});
  CHECK(read_all(get(length + "5\r\n"), piece_bytes, 4) == Seen{"413 body_too_large"});
  CHECK(read_all(get(length + "18446744073709551615\r\n"), piece_bytes, 4) == Seen{"413 body_too_large"});
  const std::string chunked = get("Transfer-Encoding: chunked\r\n");
  CHECK(read_all(chunked + "3\r\nfou\r\n1\r\nr\r\n0\r\n\r\n", piece_bytes, 4) == Seen{"GET / ? four keep"});
  CHECK(read_all(chunked + "3\r\nfou\r\n2\r\nrs\r\n0\r\n\r\n", piece_bytes, 4) == Seen{"413 body_too_large"});
  CHECK(read_all(chunked + "ffffffffffffffff\r\n", piece_bytes, 4) == Seen{"413 body_too_large"});
}

TEST_CASE("reader: large bodies, whole and chunked, between small requests", "[http][reader]") {
  std::string body;
  while (body.size() < 900'000) body += "0123456789abcdef" + std::to_string(body.size());
  std::string chunks;
  for (std::size_t at = 0; at < body.size(); at += 0x1000) {
    const std::string chunk = body.substr(at, 0x1000);
    char size[16];
    std::snprintf(size, sizeof size, "%zx\r\n", chunk.size());
    chunks += size + chunk + "\r\n";
  }
  const std::string bytes = get("", "/1") + get("Content-Length: " + std::to_string(body.size()) + "\r\n") + body +
                            get("", "/2") + get("Transfer-Encoding: chunked\r\n") + chunks + "0\r\n\r\n" +
                            get("", "/3");
  const auto piece_bytes = GENERATE(values<std::size_t>({997, 1'000'000}));
  const Seen expected{"GET /1 ?  keep", "GET / ? " + body + " keep", "GET /2 ?  keep", "GET / ? " + body + " keep",
                      "GET /3 ?  keep"};
  CHECK((read_all(bytes, piece_bytes) == expected));
}

TEST_CASE("reader: fields are found whatever their case, the first of several", "[http][reader]") {
  RequestReader reader;
  const std::string bytes = get("Accept: one\r\nACCEPT: two\r\nAccept-Language: de\r\n");
  std::memcpy(reader.room().data(), bytes.data(), bytes.size());
  reader.received(bytes.size());
  REQUIRE(reader.read_head() == Progress::done);
  CHECK(reader.request().header("accept") == "one");
  CHECK(reader.request().header_count("Accept") == 2);
  CHECK(reader.request().header("accept-") == std::nullopt);
  CHECK(reader.request_bytes() == bytes.size());
}
