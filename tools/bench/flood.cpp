#include "tools/bench/flood.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string_view>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace tally::tools {
namespace {

constexpr std::string_view kStatusLine = "HTTP/1.1 ";
constexpr std::size_t kStatusBytes = kStatusLine.size() + 3;
constexpr std::uint32_t kFirstAddress = 0x7f00000a;  // 127.0.0.10: honest callers come from .1
constexpr int kLookMilliseconds = 50;

sockaddr_in address_of(std::uint32_t host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(host);
  address.sin_port = htons(port);
  return address;
}

}  // namespace

Flood::Flood(FloodPlan plan)
    : plan_(std::move(plan)),
      poll_(::epoll_create1(EPOLL_CLOEXEC)),
      connections_(plan_.connections),
      thread_([this] { run(); }) {}

Flood::~Flood() {
  is_over_ = true;
  thread_.join();
  for (const Connection& connection : connections_) {
    if (connection.socket >= 0) ::close(connection.socket);
  }
  ::close(poll_);
}

void Flood::run() {
  for (std::size_t number = 0; number < connections_.size() && !is_over_; ++number) open(number);
  std::array<epoll_event, 256> events;
  while (!is_over_) {
    const int ready = ::epoll_wait(poll_, events.data(), static_cast<int>(events.size()), kLookMilliseconds);
    for (int index = 0; index < ready; ++index) receive(events[static_cast<std::size_t>(index)].data.u64);
  }
}

void Flood::open(std::size_t number) {
  Connection& connection = connections_[number];
  if (connection.socket >= 0) ::close(connection.socket);
  connection = {::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), {}};
  const auto from = address_of(kFirstAddress + static_cast<std::uint32_t>(number % plan_.addresses), 0);
  const auto to = address_of(INADDR_LOOPBACK, plan_.port);
  const int on = 1;
  ::setsockopt(connection.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = number;
  const bool is_open = ::bind(connection.socket, reinterpret_cast<const sockaddr*>(&from), sizeof from) == 0 &&
                       ::connect(connection.socket, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0 &&
                       ::epoll_ctl(poll_, EPOLL_CTL_ADD, connection.socket, &event) == 0;
  if (is_open) return ask(number);
  ::close(connection.socket);
  connection.socket = -1;
}

void Flood::ask(std::size_t number) {
  if (plan_.requests.empty()) return;
  const std::string& request = plan_.requests[next_request_++ % plan_.requests.size()];
  for (std::size_t sent = 0; sent < request.size();) {
    const ssize_t bytes =
        ::send(connections_[number].socket, request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
    if (bytes <= 0) return;  // seen when it is read from
    sent += static_cast<std::size_t>(bytes);
  }
}

void Flood::receive(std::size_t number) {
  Connection& connection = connections_[number];
  std::array<char, 1 << 16> piece;
  const ssize_t bytes = ::recv(connection.socket, piece.data(), piece.size(), MSG_DONTWAIT);
  if (bytes <= 0) return open(number);
  std::string received = std::move(connection.tail);
  received.append(piece.data(), static_cast<std::size_t>(bytes));
  std::size_t at = received.find(kStatusLine);
  for (; at != std::string::npos && at + kStatusBytes <= received.size(); at = received.find(kStatusLine, at)) {
    const std::string_view status = std::string_view{received}.substr(at + kStatusLine.size(), 3);
    ++answers_;
    if (status == "429" || status == "503") ++refusals_;
    at += kStatusBytes;
    ask(number);
  }
  const std::size_t rest =
      at == std::string::npos ? received.size() - std::min(received.size(), kStatusLine.size() - 1) : at;
  connection.tail = received.substr(rest);
}

}  // namespace tally::tools
