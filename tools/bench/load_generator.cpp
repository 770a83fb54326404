#include "tools/bench/load_generator.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <optional>
#include <sys/epoll.h>
#include <unistd.h>

#include "core/base/ascii.hpp"

namespace tally::tools {
namespace {

using Steady = std::chrono::steady_clock;

/// The bounds of a complete answer at the beginning of `received`.
struct Answer {
  unsigned status = 0;
  std::size_t body_begin = 0;
  std::size_t body_bytes = 0;
};

std::optional<std::size_t> content_length(std::string_view head) {
  static constexpr std::string_view kName = "\r\ncontent-length:";
  const auto found = std::search(head.begin(), head.end(), kName.begin(), kName.end(),
                                 [](char left, char right) { return core::ascii::small_letter(left) == right; });
  if (found == head.end()) return std::nullopt;
  auto digits = head.substr(static_cast<std::size_t>(found - head.begin()) + kName.size());
  digits.remove_prefix(std::min(digits.find_first_not_of(' '), digits.size()));
  std::size_t bytes = 0;
  if (std::from_chars(digits.data(), digits.data() + digits.size(), bytes).ec != std::errc{}) return std::nullopt;
  return bytes;
}

/// Empty while more bytes are needed. Errors: malformed.
core::Result<std::optional<Answer>> find_answer(std::string_view received) {
  const auto head_end = received.find("\r\n\r\n");
  if (head_end == std::string_view::npos) return std::optional<Answer>{};
  const auto head = received.substr(0, head_end);
  if (head.size() < 12 || !head.starts_with("HTTP/1.1 "))
    return core::fail(core::Errc::malformed, "not an HTTP/1.1 answer");
  Answer answer;
  std::from_chars(head.data() + 9, head.data() + 12, answer.status);
  answer.body_begin = head_end + 4;
  if (answer.status == 204) return std::optional{answer};
  const auto length = content_length(head);
  if (!length) return core::fail(core::Errc::malformed, "an answer without Content-Length");
  answer.body_bytes = *length;
  if (received.size() < answer.body_begin + answer.body_bytes) return std::optional<Answer>{};
  return std::optional{answer};
}

struct Connection {
  Channel channel;
  Conversation* conversation;
  std::string request;
  std::string received;
  Steady::time_point asked_at;
};

/// One run: the connections, their clock and what was measured so far.
class Run {
 public:
  ~Run() { ::close(poll_); }

  core::Result<void> connect(std::uint16_t port, const std::vector<std::unique_ptr<Conversation>>& conversations,
                             const TlsCaller* tls) {
    connections_.reserve(conversations.size());
    for (const auto& conversation : conversations) {
      TALLY_TRY_ASSIGN(Channel channel, Channel::connect(port, tls));
      connections_.push_back({std::move(channel), conversation.get(), {}, {}, {}});
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.u64 = connections_.size() - 1;
      if (::epoll_ctl(poll_, EPOLL_CTL_ADD, connections_.back().channel.descriptor(), &event) != 0)
        return failed_call("epoll_ctl");
    }
    return {};
  }

  core::Result<LoadResult> drive(std::chrono::milliseconds duration) {
    const auto begin = Steady::now();
    end_ = begin + duration;
    for (auto& connection : connections_) TALLY_TRY(ask(connection));
    std::array<epoll_event, 256> events;
    while (under_way_ > 0) {
      const int ready = ::epoll_wait(poll_, events.data(), static_cast<int>(events.size()), 10'000);
      if (ready == 0) return core::fail(core::Errc::unreachable, "no answer within 10 s");
      if (ready < 0 && errno != EINTR) return failed_call("epoll_wait");
      for (int index = 0; index < ready; ++index) {
        TALLY_TRY(receive(connections_[events[static_cast<std::size_t>(index)].data.u64]));
      }
    }
    result_.seconds = std::chrono::duration<double>(Steady::now() - begin).count();
    std::sort(result_.latency_micros.begin(), result_.latency_micros.end());
    return std::move(result_);
  }

 private:
  core::Result<void> ask(Connection& connection) {
    connection.request.clear();
    connection.asked_at = Steady::now();
    if (connection.asked_at >= end_ || !connection.conversation->write_request(connection.request)) return {};
    TALLY_TRY(connection.channel.send(connection.request));
    ++under_way_;
    return {};
  }

  core::Result<void> receive(Connection& connection) {
    std::array<char, 65'536> piece;
    TALLY_TRY_ASSIGN(const std::size_t bytes, connection.channel.receive(piece));
    connection.received.append(piece.data(), bytes);
    TALLY_TRY_ASSIGN(const auto answer, find_answer(connection.received));
    if (!answer) return {};
    const auto latency =
        std::chrono::duration_cast<std::chrono::microseconds>(Steady::now() - connection.asked_at).count();
    result_.latency_micros.push_back(static_cast<std::uint32_t>(latency));
    ++result_.answers;
    connection.conversation->on_head(std::string_view{connection.received}.substr(0, answer->body_begin));
    const auto body = std::string_view{connection.received}.substr(answer->body_begin, answer->body_bytes);
    if (!connection.conversation->on_response(answer->status, body)) ++result_.unexpected;
    connection.received.clear();
    --under_way_;
    return ask(connection);
  }

  const int poll_ = ::epoll_create1(EPOLL_CLOEXEC);
  std::vector<Connection> connections_;
  Steady::time_point end_;
  std::size_t under_way_ = 0;
  LoadResult result_;
};

}  // namespace

std::uint32_t LoadResult::percentile_micros(double share) const {
  if (latency_micros.empty()) return 0;
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(latency_micros.size())));
  return latency_micros[std::clamp<std::size_t>(rank, 1, latency_micros.size()) - 1];
}

core::Result<LoadResult> run_load(std::uint16_t port, const std::vector<std::unique_ptr<Conversation>>& conversations,
                                  std::chrono::milliseconds duration, const TlsCaller* tls) {
  Run run;
  TALLY_TRY(run.connect(port, conversations, tls));
  return run.drive(duration);
}

}  // namespace tally::tools
