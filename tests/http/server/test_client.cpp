#include "tests/http/server/test_client.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <utility>

#include "core/base/check.hpp"

namespace tally::testing {
namespace {

std::string lower(std::string_view text) {
  std::string out{text};
  for (char& character : out) {
    if (character >= 'A' && character <= 'Z') character = static_cast<char>(character + 32);
  }
  return out;
}

}  // namespace

std::string WireReply::field(std::string_view name) const {
  const std::string wanted = "\r\n" + lower(name) + ": ";
  const std::size_t at = lower(head).find(wanted);
  if (at == std::string::npos) return "absent";
  const std::size_t begin = at + wanted.size();
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

TestClient::TestClient(std::uint16_t port, const std::string& from, int receive_buffer_bytes) {
  socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
  TALLY_CHECK(socket_ >= 0);
  const timeval patience{10, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (receive_buffer_bytes > 0) {
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof receive_buffer_bytes);
  }
  sockaddr_in own{};
  own.sin_family = AF_INET;
  TALLY_CHECK(::inet_pton(AF_INET, from.c_str(), &own.sin_addr) == 1, from);
  TALLY_CHECK(::bind(socket_, reinterpret_cast<const sockaddr*>(&own), sizeof own) == 0, std::strerror(errno));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int connected = ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  TALLY_CHECK(connected == 0, std::strerror(errno));
}

TestClient::~TestClient() { ::close(socket_); }

std::ptrdiff_t TestClient::receive(char* out, std::size_t bytes_max) { return ::recv(socket_, out, bytes_max, 0); }

std::ptrdiff_t TestClient::transmit(const char* data, std::size_t bytes) const {
  return ::send(socket_, data, bytes, MSG_NOSIGNAL);
}

void TestClient::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const auto count = transmit(bytes.data(), bytes.size());
    if (count <= 0) return;  // the server does not listen any more: the answer tells
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

void TestClient::finish() const { ::shutdown(socket_, SHUT_WR); }

bool TestClient::read_more() {
  char bytes[16 << 10];
  const auto count = receive(bytes, sizeof bytes);
  TALLY_CHECK(count >= 0 || errno == ECONNRESET, "the server neither answers nor closes");
  reset_ = count < 0;
  if (count <= 0) return false;
  unread_.append(bytes, static_cast<std::size_t>(count));
  return true;
}

WireReply TestClient::read(bool to_head) {
  WireReply reply;
  std::size_t head_end = 0;
  while ((head_end = unread_.find("\r\n\r\n")) == std::string::npos) {
    if (!read_more()) return reply;
  }
  reply.head = unread_.substr(0, head_end + 2);
  unread_.erase(0, head_end + 4);
  reply.status = static_cast<unsigned>(std::stoul(reply.head.substr(9, 3)));
  if (to_head || reply.status < 200 || reply.status == 204 || reply.status == 304) {
    reply.complete = true;
  } else if (reply.field("Transfer-Encoding") == "chunked") {
    reply.complete = read_chunks(reply);
  } else if (const std::string length = reply.field("Content-Length"); length != "absent") {
    const std::size_t wanted = std::stoul(length);
    while (unread_.size() < wanted && read_more()) continue;
    reply.body = unread_.substr(0, wanted);
    reply.complete = reply.body.size() == wanted;
    unread_.erase(0, reply.body.size());
  } else {
    reply.body = read_to_end();
    reply.complete = !reset_;
  }
  return reply;
}

bool TestClient::read_chunks(WireReply& reply) {
  for (;;) {
    std::size_t line_end = 0;
    while ((line_end = unread_.find("\r\n")) == std::string::npos) {
      if (!read_more()) return false;
    }
    const std::size_t size = std::stoul(unread_.substr(0, line_end), nullptr, 16);
    while (unread_.size() < line_end + 2 + size + 2) {
      if (!read_more()) return false;
    }
    reply.body += unread_.substr(line_end + 2, size);
    unread_.erase(0, line_end + 2 + size + 2);
    if (size == 0) return true;
  }
}

void TestClient::wait_for_end(std::chrono::milliseconds time) const {
  pollfd waited{socket_, POLLIN, 0};
  ::poll(&waited, 1, static_cast<int>(time.count()));
}

std::string TestClient::read_to_end() {
  while (read_more()) continue;
  return std::exchange(unread_, {});
}

}  // namespace tally::testing
